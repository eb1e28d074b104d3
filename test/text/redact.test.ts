import { describe, expect, test } from 'vitest';
import { redact, startOf } from '../../src/text/redact.ts';

const key = 'sk-A/b+c="d\\e&<f>\'';

describe('redact', () => {
  test.each([
    ['as it is', key],
    ['in JSON', JSON.stringify(key).slice(1, -1)],
    ['in JSON within JSON', JSON.stringify(JSON.stringify(key)).slice(3, -3)],
    ['in JSON with escaped slashes', JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/')],
    [
      'in JSON, all escaped',
      [...key].map(character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
    ],
    ['in a URL', encodeURIComponent(key)],
    ['in a URL, lower case', encodeURIComponent(key).replace(/%../g, hex => hex.toLowerCase())],
    ['in a URL within a URL', encodeURIComponent(encodeURIComponent(key))],
    [
      'in a page',
      key
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;')
        .replaceAll("'", '&#x27;'),
    ],
    ['in a page, by numbers', [...key].map(character => `&#${character.charCodeAt(0)};`).join('')],
  ])('strikes the key out %s', (_where, spelled) => {
    expect(redact(`Bearer ${spelled} is wrong, ${spelled}!`, key)).toBe('Bearer *** is wrong, ***!');
  });

  test('leaves other text alone', () => {
    expect(redact('sk-A is part of a key', key)).toBe('sk-A is part of a key');
    expect(redact('nothing to hide', undefined)).toBe('nothing to hide');
    expect(redact('nothing to hide', '')).toBe('nothing to hide');
  });

  test('takes a key of pattern characters for what it is', () => {
    expect(redact('a.b axb .* (?:', '.*')).toBe('a.b axb *** (?:');
  });

  test.each([
    ['x', 'the maximum context', 'the maximum context'],
    ['failed', 'Too many failedattempts', 'Too many failedattempts'],
    ['secret', 'key=secret, "secret" and secret.', 'key=***, "***" and ***.'],
  ])('leaves the short key %s alone where it is a part of a word', (short, text, expected) => {
    expect(redact(text, short)).toBe(expected);
  });

  test('strikes a long key out wherever it stands', () => {
    expect(redact('Bearer%20xf-0123456789abcdefx', 'xf-0123456789abcdef')).toBe('Bearer%20***x');
  });
});

describe('startOf', () => {
  test('gives a short text as it is', () => {
    expect(startOf('Bearer sk-1', 11, 'sk-1')).toBe('Bearer sk-1');
  });

  test.each(Array.from({ length: 40 }, (_, offset) => offset))(
    'leaves no half of a key at %i before the cut',
    offset => {
      const secret = 'sk-0123456789abcdefghij';
      const start = startOf(
        `${'.'.repeat(1000 - offset)}${secret} is a wrong key of this server`,
        1000,
        secret,
      );
      expect(start).toMatch(/^[.]{700,}$/);
    },
  );

  test('cuts at the length when there is no key', () => {
    expect(startOf('abc', 2, undefined)).toBe('ab');
  });
});
