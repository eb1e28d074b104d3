import type { PackageFile } from '../package-file.ts';
import { error, type Finding, linesOf, textOf } from './check.ts';

/** What stands in the repository where a publisher puts in their own, and what that is. */
const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'your-github-name': 'put your GitHub name there',
  'you@example.com': 'put the e-mail address for questions about the plugin there',
};

/** That the publisher has put in their name wherever it belongs. */
export function* checkPlaceholders(files: readonly PackageFile[]): Generator<Finding> {
  for (const { path } of files) {
    if (!/\.(?:md|ya?ml|toml)$/.test(path)) continue;
    for (const [number, line] of linesOf(textOf(files, path) ?? '')) {
      for (const [placeholder, what] of Object.entries(PLACEHOLDERS)) {
        if (line.includes(placeholder))
          yield error(`${path}:${number}`, `still says "${placeholder}": ${what}`);
      }
    }
  }
}
