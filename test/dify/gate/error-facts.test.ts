import { describe, expect, it } from 'vitest';
import { errorFacts, errorInOneLine } from '../../../src/dify/gate/error-facts.ts';

const WORDS = 'my diary of Monday';

/** What a bug throws. */
function thrownBy(bug: () => unknown): unknown {
  try {
    return bug();
  } catch (error) {
    return error;
  }
}

const named: Record<string, unknown> = {};

describe('what a log and a crash tell of an error (issue 16, points 7 and 8)', () => {
  it.each<[string, () => unknown]>([
    ['a text that is no JSON', () => JSON.parse(WORDS)],
    ['a text in which a name is looked for', () => 'role' in (WORDS as unknown as object)],
    ['a function that is missing', () => (named[WORDS] as () => void)()],
    ['a field of nothing', () => (named['none'] as Record<string, unknown>)[WORDS]],
    ['an argument of the wrong type', () => Buffer.alloc(WORDS as unknown as number)],
    ['a number that is none', () => BigInt(WORDS)],
    ['an error of ours', () => new Error(WORDS)],
    [
      'one whose words have lines like places',
      () => new Error(`x\n    at ${WORDS} (/a.ts:1:1)\n    at /diary`),
    ],
    [
      'one whose words were changed',
      () => Object.assign(new Error(`x\n    at ${WORDS} here`), { message: 'y' }),
    ],
    ['one with a name of others', () => Object.assign(new Error('x'), { name: WORDS })],
    ['one with a code of others', () => Object.assign(new Error('x'), { code: WORDS, input: WORDS })],
    ['its causes', () => new Error('x', { cause: new Error('y', { cause: new TypeError(WORDS) }) })],
    ['a text', () => WORDS],
  ])('holds no words of %s', (_what, bug) => {
    const error = thrownBy(bug);
    expect(JSON.stringify(errorFacts(error)) + errorInOneLine(error)).not.toMatch(/diary/);
  });

  it('is its class, code, places and causes, on one line', () => {
    const cause = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    expect(errorInOneLine(new RangeError('outer', { cause }))).toMatch(
      /^RangeError: \(a message of 5 characters\) \| at .*error-facts\.test\.ts:\d+:\d+.* \| caused by Error ECONNRESET: \(a message of 15 characters\) \| at /,
    );
    expect(errorInOneLine('odd')).toBe('string: thrown');
  });

  it.each([
    "Cannot read properties of undefined (reading 'choices')",
    'choices.map is not a function',
    'Maximum call stack size exceeded',
  ])('has the words of the language where they name the program alone: %s', message => {
    expect(errorFacts(new TypeError(message))).toMatchObject({ type: 'TypeError', message });
  });

  it.each([
    ['at new Foo (C:\\Program Files\\plugin\\index.cjs:1:2)'],
    ['at /opt/my app (1)/index.cjs:10:20'],
    ['at async serve (/opt/my app/index.cjs:1:2)'],
  ])('knows a place: %s', place => {
    const error = Object.assign(new Error('x'), { stack: `Error: x\n    ${place}` });
    expect(errorFacts(error).stack).toBe(`    ${place}`);
  });

  it.each([
    ['no message', { message: undefined }],
    ['no stack', { stack: null }],
    ['a name that is none', { name: 7 }],
    ['a code that is none', { code: {} }],
  ])('takes an error with %s', (_what, fields) => {
    expect(errorInOneLine(Object.assign(new Error('x'), fields))).toMatch(/^Error: /);
  });

  it('takes an error whose stack throws', () => {
    const error = Object.defineProperty(new Error('x'), 'stack', {
      get: () => {
        throw new Error('no');
      },
    });
    expect(errorInOneLine(error)).toBe('Error: (a message of 1 characters)');
  });

  it('ends with causes that go in a circle', () => {
    const error = new Error('x');
    error.cause = error;
    expect(() => errorFacts(error)).not.toThrow();
  });
});
