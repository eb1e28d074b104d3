import type { PackageFile } from '../package-file.ts';
import { error, type Finding, linesOf, suffixOf, warning } from './check.ts';

/** Scanners leave out a larger file. */
const LARGEST_FILE = 1024 * 1024;
/** Of the start of a file: a zero byte there makes it no text. */
const SAMPLE_BYTES = 4096;

/** Texts that are secrets by their looks alone. */
const KNOWN: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/\bsk-[A-Za-z0-9_-]{20,}\b/, 'an API key of OpenAI'],
  [/\b(?:ghp|gho|ghu|ghs|ghr)_[A-Za-z0-9_]{20,}\b/, 'a token of GitHub'],
  [/\bxox[baprs]-[A-Za-z0-9-]{10,}\b/, 'a token of Slack'],
  [/\bAKIA[0-9A-Z]{16}\b/, 'an access key of AWS'],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\b/, 'a JSON web token'],
];

const NAME =
  '[A-Za-z0-9_.-]*(?:api[_-]?key|access[_-]?key|access[_-]?token|auth[_-]?token|client[_-]?secret|password|private[_-]?key|secret|token)[A-Za-z0-9_.-]*';
const ASSIGNMENT = new RegExp(`(${NAME})\\s*[:=]\\s*("[^"]*"|'[^']*'|[^"',\\s#}]+)`, 'gi');

/** Where what is assigned without quotes is an expression. A bundle's `.cjs` is not on the Marketplace's list. */
const CODE = new Set(
  '.c .cc .cpp .cs .go .h .hpp .java .js .jsx .kt .m .mjs .mm .php .py .pyi .rb .rs .scala .swift .ts .tsx'.split(
    ' ',
  ),
);

/** That a package carries no secret, by the rules of the Marketplace's scanner. What is found is not shown whole. */
export function* checkSecrets(files: readonly PackageFile[]): Generator<Finding> {
  for (const { path, content } of files) {
    if (content.length > LARGEST_FILE) {
      yield warning(path, 'is larger than 1 MiB, so scanners leave it out');
      continue;
    }
    if (content.subarray(0, SAMPLE_BYTES).includes(0)) continue;
    for (const [number, line] of linesOf(Buffer.from(content).toString('utf8'))) {
      yield* secretsIn(line, `${path}:${number}`, CODE.has(suffixOf(path)));
    }
  }
}

function* secretsIn(line: string, where: string, isCode: boolean): Generator<Finding> {
  const known = KNOWN.filter(([pattern]) => pattern.test(line));
  for (const [, what] of known) yield error(where, `holds what looks like ${what}`);
  if (known.length > 0) return;
  for (const [, name = '', value = ''] of line.matchAll(ASSIGNMENT)) {
    const isQuoted = value.length >= 2 && /^["']/.test(value) && value.endsWith(value.charAt(0));
    const text = value.replace(/^["']+|["']+$/g, '');
    if (isHarmless(text) || (isCode && !isQuoted)) continue;
    if (looksRandom(text))
      yield error(where, `sets "${name}" to what looks like a secret: ${text.slice(0, 4)}…`);
    // The scanner warns of the rest too. In a bundle those are the parser's own words, hundreds of them, and no news.
  }
}

function isHarmless(text: string): boolean {
  const lower = text.toLowerCase();
  return (
    /^(?:|changeme|dummy|example|fake|none|null|placeholder|test|todo|true|false|yes|no|on|off|-?\d+(?:\.\d+)?|<.*>|\$\{.*|[x*_-]*)$/.test(
      lower,
    ) ||
    (lower.includes('your') && /key|secret|token|password/.test(lower))
  );
}

/** Whether a text has the alphabet of a secret, and so much chance in it that nobody has thought of it. */
function looksRandom(text: string): boolean {
  if (text.length < 12 || /^(?:https?:\/\/|\.{0,2}\/)/.test(text)) return false;
  if (/^[0-9a-f]+$/i.test(text)) return entropyOf(text) >= 3;
  return /^[\w+/=.-]+$/.test(text) && entropyOf(text) >= 4.5;
}

/** Bits a character, by how often each occurs in the text. */
function entropyOf(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}
