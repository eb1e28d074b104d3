import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/text/gate.ts';

const key = 'sk-0123456789abcdefghij';
const gate = new Gate([undefined, key]);

describe('a quotation', () => {
  it('is one line, without keys, and every character of it can be seen', () => {
    expect(gate.quote(`  wrong\r\n\tkey ${key}\u001b[2J\u202e!`)).toBe('wrong key ***\\u001b[2J\\u202e!');
  });

  it('of more than 500 characters keeps its end, where Python says what is wrong', () => {
    const quoted = gate.quote(`start ${'y'.repeat(10_000)} end`);
    expect(quoted).toMatch(/^start y{300,} … y{100,} end$/);
    expect(quoted).toHaveLength(500);
  });

  it('is as short as is wanted', () => {
    expect(gate.quote('x'.repeat(200), 200)).toBe('x'.repeat(200));
    expect(gate.quote('x'.repeat(201), 200)).toBe(`${'x'.repeat(199)}…`);
  });

  it.each([490, 495, 340, 345, 350, 32_750, 32_760])('leaves no half of a key at a cut, here at %i', at => {
    for (let offset = 0; offset < 40; offset++) {
      const quoted = gate.quote(`${'.'.repeat(at - offset)}${key} ${'.'.repeat(40_000)}`);
      expect(quoted).not.toMatch(/0123/);
    }
  });

  it('takes any value', () => {
    expect(gate.quote({ toString: 1, key })).toBe('{"toString":1,"key":"***"}');
    expect(gate.quote(undefined)).toBe('undefined');
  });
});

describe('a message as it leaves', () => {
  it('has no key, and keeps its lines', () => {
    expect(gate.pass(`It runs: a, ${key}.\nTry\u0007 again.`)).toBe('It runs: a, ***.\nTry\\u0007 again.');
  });
});
