import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The path of a Python: 3.12, which is what hosts use, from PATH or from pyenv's versions, else the `python3` on PATH.
 * @param needed what it must be able to run: `import lzma`
 * @throws Error when there is none
 */
export async function findPython(needed: string): Promise<string> {
  const pyenv = process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv');
  const candidates = ['python3.12', ...globSync(join(pyenv, 'versions/3.12.*/bin/python3.12')), 'python3'];
  for (const candidate of candidates) {
    // A pyenv shim is there on PATH but fails when its version is not the chosen one, so only running it tells.
    const found = await run(candidate, ['-c', `${needed}; import sys; print(sys.executable)`]).catch(
      () => undefined,
    );
    if (found !== undefined) return found.stdout.trim();
  }
  throw new Error(`There is no Python 3 that can "${needed}"; tried ${candidates.join(', ')}.`);
}
