import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../src/text/text-of.ts';

const bottomless: unknown[] = [];
for (let list = bottomless, level = 0; level < 100_000; level++) {
  const next: unknown[] = [];
  list.push(next);
  list = next;
}
const round: Record<string, unknown> = {};
round['round'] = round;
const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error('no');
    },
    ownKeys: () => {
      throw new Error('no');
    },
    getPrototypeOf: () => {
      throw new Error('no');
    },
  },
);

describe('textOf', () => {
  it.each<[unknown, string]>([
    ['as it is', 'as it is'],
    [5, '5'],
    [10n, '10'],
    [null, 'null'],
    [undefined, 'undefined'],
    [Symbol('s'), 'Symbol(s)'],
    [() => 1, '(a function)'],
    [new Error('what happened'), 'what happened'],
    [{ toString: 1 }, '{"toString":1}'],
    [JSON.parse('{"toString":1,"valueOf":{},"toJSON":2}'), '{"toString":1,"valueOf":{},"toJSON":2}'],
    [['a', [1, { b: '"' }], {}, []], '["a",[1,{"b":"\\""}],{},[]]'],
    [Object.create(null), '{}'],
  ])('of %s', (value, text) => {
    expect(textOf(value)).toBe(text);
  });

  it.each([bottomless, round, throwing, new Proxy([], {}), Object.assign(new Error(), { message: round })])(
    'never throws, and is never long',
    value => {
      expect(textOf(value).length).toBeLessThanOrEqual(4_096);
    },
  );

  it('is what JSON.stringify gives, of JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), value => {
        fc.pre(typeof value !== 'string' && !Object.is(value, -0));
        expect(textOf(value, 1e6)).toBe(JSON.stringify(JSON.parse(JSON.stringify(value))));
      }),
    );
  });

  it('stops where it is long enough', () => {
    let read = 0;
    const list = new Proxy([], {
      get: (_target, name) => {
        if (name === 'length') return 1_000_000;
        read++;
        return 'x'.repeat(100);
      },
    });
    expect(textOf(list, 1_000)).toHaveLength(1_000);
    expect(read).toBeLessThan(50);
  });
});
