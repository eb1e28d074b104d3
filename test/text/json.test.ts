import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, TooDeepError } from '../../src/text/json.ts';

const nested = (levels: number, inside = '1') => `${'['.repeat(levels)}${inside}${']'.repeat(levels)}`;

describe('parseJson', () => {
  it('parses what JSON.parse parses', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), fc.string(), (json, text) => {
        const long = JSON.stringify({ json: JSON.parse(json), text, padding: '\\"[{'.repeat(2_000) });
        expect(parseJson(long)).toEqual(JSON.parse(long));
      }),
      { numRuns: 200 },
    );
  });

  it.each(['', '{', '"a', '{"a":"\\', 'nul', `{"a":"${'x'.repeat(5_000)}`, `["${'\\'.repeat(5_000)}`])(
    'refuses what JSON.parse refuses, here %j',
    text => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
      expect(() => parseJson(text)).not.toThrow(TooDeepError);
    },
  );

  it('refuses bottomless nesting, of lists, of objects and of both, before it is parsed', () => {
    for (const text of [
      nested(2_100, '"x"'),
      nested(1_000_000),
      '['.repeat(5_000),
      `${'{"a":'.repeat(2_001)}1${'}'.repeat(2_001)}`,
      `${'[{"a":'.repeat(1_001)}1${'}]'.repeat(1_001)}`,
      `["${'x'.repeat(5_000)}",${nested(2_000)}]`,
    ]) {
      expect(() => parseJson(text)).toThrow(TooDeepError);
    }
  });

  it('takes what is merely long, and brackets in a text for text', () => {
    expect(parseJson(nested(2_000, `"${'x'.repeat(5_000)}"`))).toBeInstanceOf(Array);
    expect(parseJson(JSON.stringify(Array.from({ length: 10_000 }, () => [])))).toHaveLength(10_000);
    for (const text of [
      '['.repeat(5_000),
      `"${'['.repeat(5_000)}`,
      `\\${'['.repeat(5_000)}`,
      '\\"['.repeat(5_000),
    ]) {
      expect(parseJson(JSON.stringify({ [text]: text }))).toEqual({ [text]: text });
    }
  });

  it('gives something that can be written again', () => {
    expect(() => JSON.stringify(parseJson(nested(2_000)))).not.toThrow();
    expect(() => JSON.stringify(parseJson(`${'['.repeat(2_048)}${']'.repeat(2_048)}`))).not.toThrow();
  });
});
