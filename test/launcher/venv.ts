import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const requirements = join(root, 'launcher/requirements.txt');

/** The longest a first `pluginPython()` may take, in milliseconds: it downloads 61 MB. For the hook that calls it. */
export const VENV_TIMEOUT = 300_000;

/**
 * The path of a Python with pip: 3.12, which is what hosts use, from PATH or from pyenv's versions, else the `python3` on PATH.
 * Throws when there is none.
 */
export async function basePython(): Promise<string> {
  const pyenv = process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv');
  const candidates = ['python3.12', ...globSync(join(pyenv, 'versions/3.12.*/bin/python3.12')), 'python3'];
  for (const candidate of candidates) {
    // A pyenv shim is there on PATH but fails when its version is not the chosen one, so only running it tells.
    const found = await run(candidate, ['-c', 'import pip, sys, venv; print(sys.executable)']).catch(
      () => undefined,
    );
    if (found !== undefined) return found.stdout.trim();
  }
  throw new Error(`The launcher's tests need Python 3 with pip; tried ${candidates.join(', ')}`);
}

/**
 * The path of a Python whose environment holds what `launcher/requirements.txt` asks for and nothing else, like the one
 * that a host makes for the plugin. Made on the first call and kept in `node_modules/.cache`, anew for other
 * requirements; test files that run side by side share it. Rejects with pip's words when the installation fails.
 */
export async function pluginPython(): Promise<string> {
  const key = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(root, 'node_modules/.cache/plugin-python', key);
  const python = join(folder, 'bin/python');
  if (!existsSync(join(folder, 'complete')) || !existsSync(python)) {
    await run(await basePython(), [join(import.meta.dirname, 'make_venv.py'), folder, requirements]);
  }
  return python;
}
