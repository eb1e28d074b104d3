import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findPython } from '../../scripts/python.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

/** The longest a first `pluginPython()` may take, in milliseconds: it downloads 61 MB. For the hook that calls it. */
export const VENV_TIMEOUT = 300_000;

/** The path of a Python with pip. Throws when there is none. */
export function basePython(): Promise<string> {
  return findPython('import pip, venv');
}

/** The path of a Python with the plugin's requirements and nothing else, like the one that a host makes for it. */
export function pluginPython(): Promise<string> {
  return pythonWith(join(root, 'launcher/requirements.txt'));
}

/** The path of uv, by which hosts install. */
export async function uvProgram(): Promise<string> {
  return join(dirname(await pythonWith(join(import.meta.dirname, 'uv.txt'))), 'uv');
}

/**
 * The path of a Python whose environment holds what a file asks for and nothing else. Made on the first call and kept in
 * `node_modules/.cache`, anew for other requirements; test files that run side by side share it. Rejects with pip's words
 * when the installation fails.
 */
async function pythonWith(requirements: string): Promise<string> {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(root, 'node_modules/.cache/plugin-python', key);
  const python = join(folder, 'bin/python');
  if (!existsSync(join(folder, 'complete')) || !existsSync(python)) {
    await run(await basePython(), [join(import.meta.dirname, 'make_venv.py'), folder, requirements]);
  }
  return python;
}
