import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from '../plugin.ts';
import { changesOf } from './changelog.ts';

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
 * @param tag such as `v1.2.3`
 * @throws Error when the tag is not that of the manifest's version, or the changelog has nothing for it
 */
export function releaseOf({ root, declaration }: Plugin, tag: string): Release {
  const { author, name, version } = declaration.manifest;
  if (tag !== `v${version}`) {
    throw new Error(
      `The tag is ${tag}, but manifest.yaml has the version ${version}: tag v${version}, or raise the version.`,
    );
  }
  const notes = changesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version);
  if (!notes) throw new Error(`CHANGELOG.md says nothing of the version ${version}.`);
  return { author, name, version, notes };
}
