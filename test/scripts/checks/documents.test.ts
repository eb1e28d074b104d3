import { describe, expect, it } from 'vitest';
import { type BadCase, findingsWith, good } from './good-package.ts';

const readmeWith = (text: string) => ({ 'README.md': `${good['README.md']}${text}` });

describe('the README', () => {
  it.each<BadCase>([
    ['missing', { 'README.md': undefined }, 'error: README.md is missing'],
    ['empty', { 'README.md': '\n' }, 'error: README.md is empty'],
    ['in Chinese', readmeWith('说明'), 'error: README.md:10 has Chinese outside of code'],
    [
      "without the plugin's repository",
      { 'README.md': 'install use key connect https://github.com/langgenius/dify' },
      "error: README.md does not link the plugin's repository",
    ],
    [
      'without a word on keys',
      { 'README.md': 'install use connect https://github.com/someone/some-plugin' },
      'warning: README.md does not say which keys it needs',
    ],
    [
      'a translation in the wrong place',
      { 'README_zh_Hans.md': '# 插件' },
      'warning: README_zh_Hans.md is not where hosts look',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

describe('the changelog', () => {
  it.each<BadCase>([
    ['missing', { 'CHANGELOG.md': undefined }, 'error: CHANGELOG.md has no section for the version 1.2.3'],
    [
      'of another version',
      { 'CHANGELOG.md': '## [1.2.2]\n\n- Old.\n' },
      'error: CHANGELOG.md has no section for the version 1.2.3',
    ],
    [
      'empty',
      { 'CHANGELOG.md': '## [1.2.3]\n\n## [1.2.2]\n\n- Old.\n' },
      'error: CHANGELOG.md has nothing in the section of the version 1.2.3',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});
