import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, formatMessages, type Metafile } from 'esbuild';
import type { Plugin } from '../plugin.ts';
import { projectRoot } from '../project.ts';
import { compiledValidators } from './compiled-validators.ts';
import { embeddedDeclaration } from './embedded-declaration.ts';
import { slimPino } from './slim-pino.ts';
import { slimUndici } from './slim-undici.ts';
import { tersePackages } from './terse-packages.ts';

/** Scanners of the Marketplace leave out a file that is larger. */
const TOO_LARGE = 1024 * 1024;

/**
 * In the place of the global, which takes half a megabyte and 3 ms of CPU when it is first looked at. What makes the code
 * strict must stand before all other.
 */
const PERFORMANCE =
  '"use strict";\nconst performance = { now() { const [s, ns] = process.hrtime(); return s * 1e3 + ns / 1e6; } };';

/** Packages that are done with when the bundle is built; of Ajv, the helpers of compiled validators may stay. */
const ONLY_AT_BUILD = /node_modules\/(typebox|yaml|ajv\/(?!dist\/runtime\/))/;

/** A bundle that was written. */
export interface Bundle {
  readonly file: string;
  readonly bytes: number;
  /** The absolute paths of the files that are in it. */
  readonly sources: readonly string[];
  readonly metafile: Metafile;
}

/**
 * Bundles a plugin's program to one readable CommonJS file. It is CommonJS because there a module that is reached by a dynamic
 * `import()` alone, and each `node:` module that it needs, is loaded when that import runs and not at the start.
 * @throws Error with esbuild's messages, of which a warning counts too; or when the bundle is too large, or carries what
 *   it has no use for
 */
export async function buildBundle(
  { root, entry, declaration }: Plugin,
  outfile: string = join(root, 'dist/runtime/index.cjs'),
): Promise<Bundle> {
  const { label, version } = declaration.manifest;
  const { outputFiles, metafile, warnings } = await build({
    entryPoints: [entry],
    outfile,
    absWorkingDir: projectRoot,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22.19',
    charset: 'ascii', // but for regular expressions, see inAscii
    legalComments: 'none', // they are in THIRD_PARTY_LICENSES.txt, in full
    banner: { js: `// ${label.en_US} ${version}, bundled from TypeScript.\n${PERFORMANCE}` },
    define: { 'import.meta.dirname': '__dirname' },
    plugins: [
      slimUndici(),
      slimPino(),
      tersePackages(),
      compiledValidators(),
      embeddedDeclaration(declaration),
    ],
    logLevel: 'silent',
    metafile: true,
    write: false,
  });
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'));
  const inputs = inputsOf(metafile);
  refuseStrays(inputs, metafile);
  const contents = inAscii(outputFiles[0]?.text ?? '');
  if (contents.length >= TOO_LARGE) {
    throw new Error(`The bundle has ${contents.length} bytes; it must stay below ${TOO_LARGE}.`);
  }
  await mkdir(dirname(outfile), { recursive: true });
  await writeFile(outfile, contents);
  const sources = inputs.filter(path => !isVirtual(path)).map(path => join(projectRoot, path));
  return { file: outfile, bytes: contents.length, sources, metafile };
}

/**
 * Escapes for what is not ASCII, which esbuild leaves in regular expressions, comments and raw templates alone. V8 keeps a
 * source with one character beyond Latin-1 at two bytes a character: a megabyte more in each process.
 * @throws Error for what an escape would change
 */
function inAscii(source: string): string {
  const [changed] = /\\[\u0080-\uffff]|String\.raw/.exec(source) ?? [];
  if (changed !== undefined)
    throw new Error(`The bundle holds ${changed}, which cannot be written in ASCII.`);
  return source.replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The paths of what is in the bundle, relative to the project. */
function inputsOf(metafile: Metafile): readonly string[] {
  const inputs = Object.values(metafile.outputs).flatMap(output => Object.entries(output.inputs));
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
}

/** Whether esbuild or a plugin made the module; its path then begins with a namespace. */
function isVirtual(path: string): boolean {
  return /^([\w-]{2,}:|<)/.test(path);
}

function refuseStrays(inputs: readonly string[], metafile: Metafile): void {
  for (const importer of inputs.filter(path => !ONLY_AT_BUILD.test(path))) {
    const stray = metafile.inputs[importer]?.imports.find(
      ({ path }) => ONLY_AT_BUILD.test(path) && inputs.includes(path),
    );
    if (stray !== undefined)
      throw new Error(`${importer} imports ${stray.path}, which must not be in the bundle.`);
  }
}
