import { describe, expect, it } from 'vitest';
import { briefly, brieflyType } from '../../src/text/briefly.ts';

describe('what a log may hold of a value', () => {
  it.each<[unknown, string]>([
    ['0', '0'],
    [3, '3'],
    [null, 'null'],
    [undefined, 'undefined'],
    ['my diary', 'a text of 8 characters'],
    ['x'.repeat(17), 'a text of 17 characters'],
    [['my diary'], 'a list'],
    [{ toString: 1 }, 'an object'],
  ])('%j', (value, text) => {
    expect(briefly(value)).toBe(text);
  });

  it.each([
    ['application/octet-stream', 'application/octet-stream'],
    ['text/html', 'text/html'],
    ['audio/my-diary-of-monday', 'an unusual type'],
    ['', 'no type'],
  ])('the type %j', (type, text) => {
    expect(brieflyType(type)).toBe(text);
  });
});
