import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { launcherFiles, type PackedNode } from '../../scripts/package/launcher.ts';
import { writeFiles } from '../../scripts/package/package-file.ts';

export const launcher = join(import.meta.dirname, '../../launcher/main.py');

/** What the stand-in for the plugin's bundle says about how it was started. */
export interface Report {
  execPath: string;
  argv: string[];
  execArgv: string[];
  pid: number;
  cwd: string;
  env: Record<string, string>;
  stdin: string;
}

export interface Outcome {
  pid: number | undefined;
  code: number | null;
  stdout: string;
  stderr: string;
}

const bundle = `
let stdin = '';
process.stdin.setEncoding('utf8');
process.stdin.on('data', text => { stdin += text; });
process.stdin.on('end', () => {
  const { execPath, execArgv, pid, env } = process;
  process.stderr.write('a word on stderr\\n');
  process.stdout.write(JSON.stringify({ execPath, argv: process.argv.slice(1), execArgv, pid, cwd: process.cwd(), env, stdin }));
  process.exitCode = Number(env.EXIT_CODE ?? 0);
});
`;

/** A folder for one test file, below a name with spaces and letters beyond ASCII. */
export function scratchFolder(): string {
  const folder = join(realpathSync(mkdtempSync(join(tmpdir(), 'launcher-'))), 'plug in é 插件@1');
  mkdirSync(folder);
  return folder;
}

/** Lays out `folder` as an unpacked package: the launcher, and a bundle that reports how it was started. */
export function layOutPlugin(folder: string, { name = 'xinference', node }: LayOut = {}): string {
  const content = Buffer.from(bundle);
  const files = launcherFiles({ name, bundleBytes: content.length, node });
  writeFiles([...files, { path: 'runtime/index.cjs', content }], folder);
  return folder;
}

interface LayOut {
  /** The plugin's. */
  name?: string;
  /** The Node.js that the package carries. */
  node?: PackedNode;
}

/**
 * Writes a stand-in for Node.js. Asked for its `--version`, it reads its stdin empty and answers `version` (by default
 * the one of this process), or fails when `NODE_OPTIONS` is set. Else it becomes the Node.js that runs this process,
 * with its own path in the variable `STAND_IN`.
 */
export function writeNode(path: string, { version = process.version, mode = 0o755 } = {}): string {
  mkdirSync(dirname(path), { recursive: true });
  const lines = [
    '#!/bin/sh',
    'if [ "$1" = --version ]; then',
    '  while read -r line; do :; done',
    `  [ -z "$NODE_OPTIONS" ] && echo "${version}"`,
    '  exit',
    'fi',
    `STAND_IN="$0" exec "${process.execPath}" "$@"`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  chmodSync(path, mode);
  return path;
}

/** Runs `command` with nothing in its environment but `env`, writes `stdin` to it, and waits for its end. */
export async function launch(
  command: readonly [string, ...string[]],
  { cwd, env = {}, stdin = '' }: { cwd: string; env?: Record<string, string>; stdin?: string },
): Promise<Outcome> {
  const [program, ...args] = command;
  const child = spawn(program, args, { cwd, env: { PATH: '', ...env } });
  child.stdin.on('error', () => undefined); // a launcher that gave up reads nothing
  child.stdin.end(stdin);
  const exit = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([exit, text(child.stdout), text(child.stderr)]);
  return { pid: child.pid, code, stdout, stderr };
}

/** What the bundle reported; throws with the launcher's words when it was not reached. */
export function reportOf(outcome: Outcome): Report {
  if (outcome.stdout === '') throw new Error(`no report, exit ${outcome.code}: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout) as Report;
}
