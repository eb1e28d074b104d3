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
const { model, credential_form_schemas: fields } = modelFormOf(declaration);

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

describe.each(['README.md', ...translations])('%s', path => {
  const text = read(path);
  // Dify shows the form in English or Chinese, so the Japanese README has the English names.
  const language = path.includes('zh_Hans') ? 'zh_Hans' : 'en_US';

  it.each([...new Set(fields.map(field => field.label[language]))])('explains the field %s', label => {
    expect(text).toContain(label);
  });

  it('speaks of every model type', () => {
    for (const type of ['LLM', 'Text Embedding', 'Rerank', 'Speech2text', 'TTS'])
      expect(text).toContain(`| ${type} |`);
  });
});

describe.each([
  ['README.md', 'Troubleshooting'],
  ['readme/README_zh_Hans.md', '常见问题'],
  ['readme/README_ja_JP.md', '困ったときは'],
])('the messages that %s explains', (path, heading) => {
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

it('the README explains the name of a model too', () => {
  expect(read('README.md')).toContain(model.label.en_US);
});

it('the version is the same wherever it stands', () => {
  const packageVersion = (JSON.parse(read('package.json')) as { version: string }).version;
  expect(packageVersion).toBe(version);
  expect(read('CHANGELOG.md')).toContain(`\n## [${version}]`);
});
