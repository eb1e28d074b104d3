import type { PackageFile } from '../package-file.ts';
import { linesOf, suffixOf } from './check.ts';

/** What code can reach for that a submission has to disclose, and how the Marketplace's scanner sees it. */
const SIGNALS: readonly (readonly [capability: string, pattern: RegExp])[] = [
  [
    'command execution',
    /\bsubprocess\.(?:run|Popen|call|check_call|check_output)\s*\(|\bos\.(?:system|popen|spawn[a-z_]*|exec[a-z_]*)\s*\(|\bpty\.spawn\s*\(/,
  ],
  [
    'code execution',
    /(?<![\w.])(?:eval|exec|compile)\s*\(|\bimportlib\.import_module\s*\(|\b__import__\s*\(|\b(?:pickle|marshal)\.loads?\s*\(/,
  ],
  [
    'SQL or database access',
    /\bSELECT\b.{0,200}?\bFROM\b|\bINSERT\s+INTO\b|\bUPDATE\s+[\w."`[\]]+\s+SET\b|\bDELETE\s+FROM\b|\b(?:DROP|CREATE)\s+(?:TABLE|DATABASE|INDEX)\b|\bALTER\s+TABLE\b|\.execute(?:many)?\s*\(/i,
  ],
  [
    'filesystem operations',
    /(?<![\w.])open\s*\(|\bos\.(?:remove|unlink|rename|replace|makedirs|listdir|walk)\s*\(|\bshutil\.(?:copy|copyfile|copytree|move|rmtree)\s*\(|\bglob\.glob\s*\(/,
  ],
  [
    'arbitrary network requests',
    /\b(?:requests|httpx)\.(?:get|post|put|patch|delete|head|options|request|stream)\s*\(|\burlopen\s*\(|\burllib\.request\.Request\s*\(/,
  ],
];
const SCANNED = new Set(['.py', '.js', '.ts']);

/** A line by which a scanner sees a capability. */
export interface Signal {
  readonly capability: string;
  /** `main.py:33` */
  readonly where: string;
  readonly line: string;
}

/** What the Marketplace's scanner will see. A bundle that ends in `.cjs` it does not read: that is disclosed in words. */
export function signalsIn(files: readonly PackageFile[]): Signal[] {
  return files
    .filter(({ path }) => SCANNED.has(suffixOf(path)))
    .flatMap(({ path, content }) =>
      [...linesOf(Buffer.from(content).toString('utf8'))].flatMap(([number, text]) => {
        const line = text.trim();
        if (line.startsWith('#')) return [];
        return SIGNALS.filter(([, pattern]) => pattern.test(line)).map(([capability]) => ({
          capability,
          where: `${path}:${number}`,
          line,
        }));
      }),
    );
}
