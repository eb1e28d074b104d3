import { describe, expect, it } from 'vitest';
import { visible, visibleLine } from '../../src/text/visible.ts';

describe('visible', () => {
  it.each([
    ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
    ['\u001b[2J\u001b[H', '\\u001b[2J\\u001b[H'],
    ['\u009b31m red', '\\u009b31m red'],
    ['a\rb\bc\u007f\0', 'a\\u000db\\u0008c\\u007f\\u0000'],
    ['\u202egpj.exe\u2066\u200e', '\\u202egpj.exe\\u2066\\u200e'],
    ['zero\u200bwidth\ufeff', 'zero\\u200bwidth\\ufeff'],
    ['tags \u{e0041}', 'tags \\udb40\\udc41'],
    ['half \ud800', 'half \ufffd'],
    ['中文 é 👩‍👩‍👧 ✓\n\ttwo lines', '中文 é 👩‍👩‍👧 ✓\n\ttwo lines'],
  ])('%j', (text, expected) => {
    expect(visible(text)).toBe(expected);
  });

  it('leaves JSON the same JSON', () => {
    const value = { text: '\u202e \u009b \u{e0041} "\\"' };
    const json = visible(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[\u202e\u009b]/);
  });
});

it('visibleLine makes one line of it', () => {
  expect(visibleLine(' INFO\r\n12:00 FATAL \u2028 forged\u0085')).toBe('INFO 12:00 FATAL forged\\u0085');
});
