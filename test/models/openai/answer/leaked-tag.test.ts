import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LeakedTagFilter } from '../../../../models/openai/answer/leaked-tag.ts';
import { cut } from '../samples.ts';

function outputs(steps: readonly string[]): string[] {
  const filter = new LeakedTagFilter();
  const out = steps.map(step => {
    if (step !== 'CALL') return filter.push(step);
    filter.drop();
    return '';
  });
  return [...out, filter.end()];
}

describe('before a call', () => {
  test.each([
    ['no tag', ['I look.', 'CALL'], 'I look.'],
    ['its beginning', ['I look.\n<too', 'CALL'], 'I look.\n'],
    ['its beginning in two pieces', ['I look.\n<too', 'l_call', 'CALL'], 'I look.\n'],
    ['all of it', ['I look.', '<tool_call>', 'CALL'], 'I look.'],
    ['before each of two', ['A<', 'CALL', '\n<t', 'ool_ca', 'CALL'], 'A\n'],
  ])('%s goes', (_name, steps, expected) => {
    expect(outputs(steps).join('')).toBe(expected);
  });
});

describe('without a call nothing is lost', () => {
  test.each([
    [
      ['a < b', ' and <tools>'],
      ['a < b', ' and <tools>', ''],
    ],
    [
      ['a <', ' b'],
      ['a ', '< b', ''],
    ],
    [
      ['Wait.\n', '<tool_'],
      ['Wait.\n', '', '<tool_'],
    ],
    [
      ['<tool_call', '>\n{"', 'name"'],
      ['', '<tool_call>\n{"', 'name"', ''],
    ],
  ])('%j leaves as %j', (pieces, expected) => {
    expect(outputs(pieces)).toEqual(expected);
  });

  test('wherever it is cut', () => {
    const texts = fc.array(fc.constantFrom('<', 'tool', '_call>', '\n', 'a', '😀')).map(all => all.join(''));
    fc.assert(
      fc.property(texts, fc.array(fc.nat(30)), (text, places) => {
        expect(outputs(cut(text, places)).join('')).toBe(text);
      }),
    );
  });
});
