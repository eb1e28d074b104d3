import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Who may import whom, besides itself. What is not named here is open to all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/dify': [],
  'src/xinference': [],
  'models/common': ['src/dify', 'src/xinference'],
  'models/llm': ['src/dify', 'src/xinference', 'models/common'],
  'models/text_embedding': ['src/dify', 'src/xinference', 'models/common'],
  'models/rerank': ['src/dify', 'src/xinference', 'models/common'],
  'models/speech2text': ['src/dify', 'src/xinference', 'models/common'],
  'models/tts': ['src/dify', 'src/xinference', 'models/common'],
};
/** Open to every layer: they know neither Dify nor Xinference. */
const SHARED = new Set(['src/json.ts', 'src/validation.ts', 'src/compile-schemas.ts', 'src/version.ts']);

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

function roomOf(file: string): string | undefined {
  return Object.keys(MAY_IMPORT).find(room => file.startsWith(`${room}/`));
}

describe('data flows one way: host ⇄ src/dify → models → src/xinference ⇄ server', () => {
  it.each(files.filter(file => roomOf(file) !== undefined))('%s imports only what its room may', file => {
    const room = roomOf(file) ?? '';
    const wrong = importsOf(file).filter(imported => {
      if (SHARED.has(imported) || imported.startsWith(`${room}/`)) return false;
      return !MAY_IMPORT[room]?.some(allowed => imported.startsWith(`${allowed}/`));
    });
    expect(wrong).toEqual([]);
  });

  it('sees the files', () => {
    expect(files.length).toBeGreaterThan(40);
    expect(importsOf('src/plugin.ts')).toContain('models/actions.ts');
  });
});
