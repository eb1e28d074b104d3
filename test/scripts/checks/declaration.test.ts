import { describe, expect, it } from 'vitest';
import { type BadCase, findingsWith, good, manifestWith } from './good-package.ts';

describe('the manifest and the privacy policy', () => {
  it.each<BadCase>([
    ['missing', { 'manifest.yaml': undefined }, 'error: manifest.yaml is missing'],
    ['broken', { 'manifest.yaml': 'a: [' }, 'error: manifest.yaml is missing, or not valid YAML'],
    ['no contact', manifestWith(/contact: .*\n/, ''), 'error: manifest.yaml does not say "contact"'],
    [
      'a contact that is none',
      manifestWith('someone@example.org', 'someone'),
      'error: manifest.yaml has a "contact" that is no e-mail address',
    ],
    [
      'no entrypoint',
      manifestWith(', entrypoint: main', ''),
      'error: manifest.yaml does not say "meta.runner.entrypoint"',
    ],
    [
      "an author with Dify's name",
      manifestWith('author: someone', 'author: dify-fan'),
      'error: manifest.yaml has an author with "dify"',
    ],
    [
      'another type',
      manifestWith('type: plugin', 'type: bundle'),
      'error: manifest.yaml must be of the type "plugin"',
    ],
    [
      'a repository of one’s own',
      manifestWith('github.com', 'git.example.org'),
      'error: manifest.yaml has a "repo" that is not at one of',
    ],
    [
      'no word on versions of Dify',
      manifestWith(/ {2}minimum.*\n/, ''),
      'warning: manifest.yaml does not say "meta.minimum_dify_version"',
    ],
    ['no privacy policy', { 'PRIVACY.md': undefined }, 'error: PRIVACY.md is missing'],
    [
      'another privacy policy that is missing',
      manifestWith('privacy: PRIVACY.md', 'privacy: docs/P.md'),
      'error: manifest.yaml names the privacy policy "docs/P.md"',
    ],
    ['an empty one', { 'PRIVACY.md': ' \n' }, 'error: PRIVACY.md is empty'],
    [
      'the template of one',
      { 'PRIVACY.md': 'Please fill in the privacy policy of the plugin.' },
      'error: PRIVACY.md is the unfilled template',
    ],
    [
      'one that says nothing',
      { 'PRIVACY.md': 'Trust us.' },
      'warning: PRIVACY.md does not say what becomes of data',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

describe('placeholders', () => {
  it.each<BadCase>([
    [
      'of the author',
      manifestWith('author: someone', 'author: your-github-name'),
      'error: manifest.yaml:3 still says "your-github-name": put your GitHub name there',
    ],
    [
      'in a document',
      { 'README.md': `${good['README.md']}your-github-name` },
      'error: README.md:10 still says "your-github-name"',
    ],
    [
      'of the contact',
      manifestWith('someone@example.org', 'you@example.com'),
      'error: manifest.yaml:5 still says "you@example.com"',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

describe('icons', () => {
  it.each<BadCase>([
    ['missing', { '_assets/icon.svg': undefined }, 'error: _assets/icon.svg is missing'],
    ['the dark one missing', { '_assets/dark.svg': undefined }, 'error: _assets/dark.svg is missing'],
    [
      'of the template',
      { '_assets/icon.svg': '<svg><!-- DIFY_MARKETPLACE_TEMPLATE_ICON_DO_NOT_USE --></svg>' },
      'error: _assets/icon.svg is the icon of the template',
    ],
    [
      'of the older template',
      { '_assets/icon.svg': '<path d="M20 20 V80 M20 20 H60 Q80 20 80 40 T60 60 H20"/>' },
      'error: _assets/icon.svg is the icon of the template',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});
