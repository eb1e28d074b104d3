import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

const XINFERENCE = ['src/dify', 'src/http', 'src/text', 'src/tokens', 'src/xinference'];

/** Who may import whom, besides itself. What is not named here is open to all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/text': [],
  'src/tokens': [],
  'src/dify': ['src/text'],
  'src/http': ['src/text'],
  'src/xinference': ['src/http', 'src/text'],
  'models/openai': ['src/dify', 'src/http', 'src/text', 'src/tokens'],
  'models/common': [...XINFERENCE, 'models/openai'],
  'models/llm': [...XINFERENCE, 'models/common', 'models/openai'],
  'models/text_embedding': [...XINFERENCE, 'models/common', 'models/openai'],
  'models/rerank': [...XINFERENCE, 'models/common', 'models/openai'],
  'models/speech2text': [...XINFERENCE, 'models/common'],
  'models/tts': [...XINFERENCE, 'models/common', 'models/openai'], // thoughts are not spoken
};

const FRONT_DOOR = 'src/dify/index.ts';

const files = ['src', 'models'].flatMap(folder =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => normalize(join(folder, name))),
);

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8');
  const specifiers = [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(
    match => match[1] ?? '',
  );
  return specifiers.map(specifier => normalize(join(dirname(file), specifier)));
}

/** The files of a circle of imports that can be reached from a file; undefined where there is none. */
function circleFrom(
  file: string,
  way: readonly string[] = [],
  done = new Set<string>(),
): string[] | undefined {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (done.has(file) || !files.includes(file)) return undefined;
  for (const imported of importsOf(file)) {
    const circle = circleFrom(imported, [...way, file], done);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

function roomOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT).find(room => file.startsWith(`${room}/`));
}

describe('data flows one way: host ⇄ src/dify → models → src/xinference ⇄ server', () => {
  it.each(files.filter(file => roomOf(file) !== undefined))('%s imports only what its room may', file => {
    const room = roomOf(file) ?? '';
    const wrong = importsOf(file).filter(imported => {
      if (imported.startsWith(`${room}/`)) return false;
      return !MAY_IMPORT[room]?.some(allowed => imported.startsWith(`${allowed}/`));
    });
    expect(wrong).toEqual([]);
  });

  it.each(files.filter(file => file.startsWith('models/')))(
    '%s knows the runtime by its front door',
    file => {
      const inside = importsOf(file).filter(imported => imported.startsWith('src/dify/'));
      expect(inside.filter(imported => imported !== FRONT_DOOR)).toEqual([]);
    },
  );

  const ofNoProvider = ['src/dify/', 'src/http/', 'src/text/', 'src/tokens/', 'models/openai/'];
  const general = files.filter(file => ofNoProvider.some(room => file.startsWith(room)));
  it.each(general)('%s has no word of Xinference', file => {
    expect(readFileSync(join(root, file), 'utf8')).not.toMatch(/xinference|xorbits/i);
  });

  it('no file imports itself by way of others, be it for a type', () => {
    const done = new Set<string>();
    expect(files.map(file => circleFrom(file, [], done)).find(circle => circle !== undefined)).toBe(
      undefined,
    );
  });

  it('sees the files', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(importsOf('src/plugin.ts')).toContain('models/llm/llm.ts');
  });
});
