import { changesOf } from '../changelog.ts';
import type { PackageFile } from '../package-file.ts';
import { error, type Finding, manifestOf, textOf } from './check.ts';

/** That the changelog says what is new in the version of the manifest: reviewers and users are shown that. */
export function* checkChangelog(files: readonly PackageFile[]): Generator<Finding> {
  const version = manifestOf(files)?.['version'];
  if (typeof version !== 'string') return; // the manifest's own check says so
  const changes = changesOf(textOf(files, 'CHANGELOG.md') ?? '', version);
  if (changes === undefined) yield error('CHANGELOG.md', `has no section for the version ${version}`);
  else if (changes === '')
    yield error('CHANGELOG.md', `has nothing in the section of the version ${version}`);
}
