import { describe, expect, test } from 'vitest';
import { InvalidServerError } from '../../src/http/address.ts';
import { normalizeApiKey } from '../../src/http/server.ts';

describe('normalizeApiKey', () => {
  test.each([
    ['', undefined],
    [' \n', undefined],
    [' xf-abc ', 'xf-abc'],
    ['a!"#$%&\'()*+,-./~', 'a!"#$%&\'()*+,-./~'],
  ])('%j becomes %j', (typed, key) => {
    expect(normalizeApiKey(typed)).toBe(key);
  });

  test.each(['xf-a\nb', 'Bearer xf-a', 'xf-ä', 'xf-\u0000', 'xf-\u200b', 'xf-a\tb'])(
    '%j is refused, and not repeated',
    typed => {
      expect(() => normalizeApiKey(typed)).toThrow(InvalidServerError);
      expect(() => normalizeApiKey(typed)).toThrow(/^(?!.*xf-).*copy it again/s);
    },
  );
});
