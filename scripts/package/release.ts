import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDeclaration } from '../../src/dify/declaration/read-declaration.ts';
import { changesOf } from './changelog.ts';
import { checkVersion } from './version.ts';

/** What a release is called, and what it says. */
export interface Release {
  readonly author: string;
  readonly name: string;
  readonly version: string;
  /** The version's section of the changelog. */
  readonly notes: string;
}

/**
 * What a tag releases.
 * @param root the project
 * @param tag such as `v1.2.3`
 * @throws Error when the tag is not that of the manifest's version, `package.json` has another, or the changelog has
 *   nothing for it
 */
export function releaseOf(root: string, tag: string): Release {
  const { author, name, version } = readDeclaration(root).manifest;
  checkVersion(root, version);
  if (tag !== `v${version}`) {
    throw new Error(
      `The tag is ${tag}, but manifest.yaml has the version ${version}: tag v${version}, or raise the version.`,
    );
  }
  const notes = changesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
  if (!notes) throw new Error(`CHANGELOG.md says nothing of the version ${version}.`);
  return { author, name, version, notes };
}
