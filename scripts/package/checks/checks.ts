import type { PackageFile } from '../package-file.ts';
import { checkBinaries } from './binaries.ts';
import { checkChangelog } from './changelog.ts';
import type { Check, Finding } from './check.ts';
import { checkContents } from './contents.ts';
import { checkDependencies } from './dependencies.ts';
import { checkIcon } from './icon.ts';
import { checkManifest } from './manifest.ts';
import { checkPlaceholders } from './placeholders.ts';
import { checkReadme } from './readme.ts';
import { checkSecrets } from './secrets.ts';

/** What of the Marketplace's checks can be told from the files of a package. */
const CHECKS: readonly Check[] = [
  checkContents,
  checkSecrets,
  checkBinaries,
  checkManifest,
  checkPlaceholders,
  checkReadme,
  checkDependencies,
  checkIcon,
  checkChangelog,
];

/** All that the Marketplace would have against a package. */
export function checkPackage(files: readonly PackageFile[]): Finding[] {
  return CHECKS.flatMap(check => [...check(files)]);
}

/** A finding as a line. */
export function findingLine({ level, where, message }: Finding): string {
  return `${level}: ${where === '' ? 'the package' : where} ${message}`;
}
