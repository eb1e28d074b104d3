import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { releaseOf } from '../../scripts/package/release.ts';
import { type Plugin, readPlugin } from '../../scripts/plugin.ts';
import { declarationOf } from '../../src/dify/declaration/declaration.ts';

const declaration = declarationOf(`${import.meta.dirname}/../..`);

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'release-'));
});
afterAll(() => rmSync(root, { recursive: true }));

const { author, name, version } = declaration.manifest;
const plugin = (): Plugin => ({ ...readPlugin(), root });
const changelog = (text: string) => writeFileSync(join(root, 'CHANGELOG.md'), text);

describe('a release', () => {
  it("is what the manifest and the version's section of the changelog say", () => {
    changelog(
      `# Changelog\n\n## [${version}] - 2026-01-02\n\n### Added\n\n- Something.\n\n## [0.0.1]\n\n- Old.\n`,
    );
    expect(releaseOf(plugin(), `v${version}`)).toEqual({
      author,
      name,
      version,
      notes: '### Added\n\n- Something.',
    });
  });

  it.each(['v9.9.9', 'main', ''])('of the tag "%s" is refused: it is another version', tag => {
    expect(() => releaseOf(plugin(), tag)).toThrow(`manifest.yaml has the version ${version}`);
  });

  it.each(['# Changelog\n\n## [Unreleased]\n\n- Soon.\n', `## [${version}]\n\n`])(
    'that the changelog says nothing of is refused',
    text => {
      changelog(text);
      expect(() => releaseOf(plugin(), `v${version}`)).toThrow(
        `CHANGELOG.md says nothing of the version ${version}`,
      );
    },
  );
});
