import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declarationOf } from '../src/dify/declaration/declaration.ts';
import { modelFormOf } from '../src/dify/declaration/model-form.ts';

const declaration = declarationOf(`${import.meta.dirname}/..`);

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const translations = readdirSync(join(root, 'readme')).map(name => `readme/${name}`);
const documents = [
  ...readdirSync(root).filter(name => name.endsWith('.md')),
  ...translations,
  '.github/marketplace-pull-request.md',
];
const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
const { version, name } = declaration.manifest;
const { credential_form_schemas: fields } = modelFormOf(declaration);

describe.each(documents)('%s', path => {
  const text = read(path);

  it('names no script that is not there', () => {
    const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => script);
    expect(named.filter(script => !(script in scripts))).toEqual([]);
  });

  it('links no file that is not there', () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)\s]+)\)/g)].map(([, link = '']) => link);
    // The template's links are those of the repository that it is sent to.
    const missing = links.filter(
      link => !existsSync(join(root, dirname(path), link)) && !path.startsWith('.github/'),
    );
    expect(missing).toEqual([]);
  });

  it('names the package by its version', () => {
    const packages = [...text.matchAll(/[\w-]+-\d+\.\d+\.\d+\.difypkg/g)].map(([file]) => file);
    expect(packages.filter(file => file !== `${name}-${version}.difypkg`)).toEqual([]);
  });
});

/** The README that Dify shows, in each of its languages. */
const readmes = [
  ['readme/README.md', 'en_US', 'What messages mean'],
  ['readme/README_zh_Hans.md', 'zh_Hans', '信息的含义'],
  ['readme/README_ja_JP.md', 'ja_JP', 'メッセージの意味'],
  ['readme/README_pt_BR.md', 'pt_BR', 'O que as mensagens significam'],
] as const;

it('Dify has a README in every language of the form', () => {
  const languages = new Set(fields.flatMap(({ label }) => Object.keys(label)));
  expect(readmes.map(([, language]) => language).toSorted()).toEqual([...languages].toSorted());
  expect(readmes.map(([path]) => path).toSorted()).toEqual(translations.toSorted());
});

describe.each(readmes)('%s', (path, language) => {
  const text = read(path);

  // A label goes on with what the user must know; a table explains that in its own words.
  const names = fields.map(
    ({ label }) => (label[language] ?? label.en_US).split(/ ?[(（:：,，]/, 1)[0] ?? '',
  );

  it.each([...new Set(names)])('explains the field %s', name => {
    expect(text).toContain(name);
  });

  it('speaks of every model type', () => {
    for (const type of ['LLM', 'Text Embedding', 'Rerank', 'Speech2text', 'TTS'])
      expect(text).toContain(`| ${type} |`);
  });

  it('has one line a paragraph: Dify breaks each', () => {
    const lines = text.split('\n');
    const broken = lines.filter(
      (line, at) => /^[^#|\d-]/.test(line) && /^[^#|\d-]/.test(lines[at + 1] ?? ''),
    );
    expect(broken).toEqual([]);
    expect(text).not.toMatch(/npm |mermaid|src\/dify/);
  });
});

describe.each(readmes)('the messages that %s explains', (path, _language, heading) => {
  const sources = ['src', 'models', 'launcher'].flatMap(folder =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter(file => /\.(?:ts|py)$/.test(file))
      .map(file => read(join(folder, file))),
  );
  const table = read(path).split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const messages = [...table.matchAll(/^\| (.*?) \| /gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, message = '']) => message),
  );

  it('are some', () => {
    expect(messages.length).toBeGreaterThan(8);
  });

  // A message is put together from texts and values; where a value stands, the README has an ellipsis.
  it.each(messages)('%s', message => {
    const pieces = message.split('…').map(piece => piece.trim());
    const missing = pieces.filter(
      piece => piece.length > 3 && !sources.some(source => source.includes(piece)),
    );
    expect(missing).toEqual([]);
  });
});

it('the version is the same wherever it stands', () => {
  const packageVersion = (JSON.parse(read('package.json')) as { version: string }).version;
  expect(packageVersion).toBe(version);
  expect(read('CHANGELOG.md')).toContain(`\n## [${version}]`);
});
