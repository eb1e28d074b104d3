import type { PackageFile } from '../package-file.ts';
import { error, type Finding, linesOf, manifestOf, nameOf, textOf, warning } from './check.ts';

/** What a README has to speak of, and words by which it does. */
const SUBJECTS: Readonly<Record<string, RegExp>> = {
  'how to set the plugin up': /setup|install|configur|getting started/i,
  'how to use it': /usage|\buse|example|workflow|chatflow/i,
  'which keys it needs': /api ?key|credential|token|secret|auth/i,
  'what it connects to': /connect|endpoint|base url|host|proxy|network/i,
};
const CHINESE = /[\u3400-\u4dbf\u4e00-\u9fff]/;

/** That the README is there, in English, names its repository, and says what a user needs before installing. */
export function* checkReadme(files: readonly PackageFile[]): Generator<Finding> {
  const at = 'README.md';
  const text = textOf(files, at);
  if (text === undefined || text.trim() === '')
    return yield error(at, text === undefined ? 'is missing' : 'is empty');
  let isCode = false;
  for (const [number, line] of linesOf(text)) {
    if (line.trimStart().startsWith('```')) isCode = !isCode;
    else if (!isCode && CHINESE.test(line))
      yield error(`${at}:${number}`, 'has Chinese outside of code: translations belong into readme/');
  }
  const repo = manifestOf(files)?.['repo'];
  // The Marketplace is content with a link to any repository. A reader wants that of the plugin.
  if (typeof repo === 'string' && !text.includes(repo))
    yield error(at, `does not link the plugin's repository, ${repo}`);
  for (const [subject, words] of Object.entries(SUBJECTS))
    if (!words.test(text)) yield warning(at, `does not say ${subject}`);
  for (const { path } of files) {
    if (!path.includes('/') && /^README[._-].+\.md$/.test(nameOf(path)))
      yield warning(path, 'is not where hosts look for a translation: readme/');
  }
}
