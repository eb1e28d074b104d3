import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  overlap,
  ThinkTagStripper,
  withoutTags,
  withoutThinking,
} from '../../../../models/openai/thinking/think-tags.ts';
import { cut } from '../samples.ts';

describe('withoutThinking', () => {
  test.each([
    ['nothing thought', 'Hello', 'Hello'],
    ['nothing thought: blanks stay', ' Hello\n', ' Hello\n'],
    ['one block', '<think>\nHm.\n</think>\n\nHello', 'Hello'],
    ['several blocks', '<think>a</think>One <think>b</think>two', 'One two'],
    ['an empty block', '<think>\n\n</think>\n\nHello', 'Hello'],
    ['no opening tag', 'Hm.\n</think>\n\nHello', 'Hello'],
    ['no opening tag, then a block', 'Hm.</think>One <think>b</think>two', 'One two'],
    ['cut while thinking', '<think>\nHm', ''],
    ['cut in a second round', '<think>a</think>One<think>b', 'One'],
    ['a block alone', '<think>a</think>', ''],
    ['a tag that is spoken of', 'The tag <think> opens it.', 'The tag <think> opens it.'],
  ])('%s', (_name, text, expected) => {
    expect(withoutThinking(text)).toBe(expected);
  });

  test('nothing thought survives, and all else does', () => {
    const round = fc.record({ thought: fc.stringMatching(/^[a-m ]*$/), said: fc.stringMatching(/^[n-z]+$/) });
    fc.assert(
      fc.property(fc.array(round), rounds => {
        const text = rounds.map(({ thought, said }) => `<think>${thought}</think>\n${said}`).join('');
        expect(withoutThinking(text)).toBe(rounds.map(({ said }) => said).join(''));
      }),
    );
  });
});

test.each([
  ['', '<think>', 0],
  ['abc', '<think>', 0],
  ['abc<', '<think>', 1],
  ['abc<thin', '<think>', 5],
  ['abc<think>', '<think>', 0],
  ['<<', '<think>', 1],
  ['<t', '</think>', 0],
])('the end of %j has %s begun by %i characters', (text, tag, expected) => {
  expect(overlap(text, tag)).toBe(expected);
});

test.each([
  ['<think>a</think>b', 'ab'],
  ['a < b', 'a < b'],
])('%j without tags is %j', (text, expected) => {
  expect(withoutTags(text)).toBe(expected);
});

describe('ThinkTagStripper', () => {
  test.each<[string[], string[]]>([
    [
      ['a', 'b'],
      ['a', 'b', ''],
    ],
    [
      ['<think>\na', 'b'],
      ['\na', 'b', ''],
    ],
    [
      ['a.\n</', 'think>\n\n', 'b'],
      ['a.\n', '\n\n', 'b', ''],
    ],
    [
      ['a <', ' b'],
      ['a ', '< b', ''],
    ],
    [
      ['a', '<thi'],
      ['a', '', '<thi'],
    ],
  ])('%j goes out as %j', (pieces, expected) => {
    const tags = new ThinkTagStripper();
    expect([...pieces.map(piece => tags.push(piece)), tags.end()]).toEqual(expected);
  });

  test('however it is cut, no tag comes through and nothing else is lost', () => {
    const words = fc.array(fc.constantFrom('<think>', '</think>', '< ', '</ ', '<th ', 'a', '\n', '😀'));
    fc.assert(
      fc.property(words, fc.array(fc.nat(60)), (parts, cuts) => {
        const text = parts.join('');
        const tags = new ThinkTagStripper();
        const out = cut(text, cuts).map(piece => tags.push(piece));
        expect([...out, tags.end()].join('')).toBe(text.replaceAll('<think>', '').replaceAll('</think>', ''));
      }),
    );
  });
});
