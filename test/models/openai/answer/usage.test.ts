import { expect, test } from 'vitest';
import { readUsage, type TokenCounts } from '../../../../models/openai/answer/usage.ts';

test.each<[string, TokenCounts, unknown, TokenCounts]>([
  [
    'both counts',
    {},
    { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 },
    { prompt: 9, completion: 4 },
  ],
  [
    'a later one wins',
    { prompt: 1, completion: 1 },
    { prompt_tokens: 9, completion_tokens: 4 },
    { prompt: 9, completion: 4 },
  ],
  ['null', {}, null, {}],
  ['no object', {}, 3, {}],
  ['an empty one', {}, {}, {}],
  ['-1: not counted', {}, { prompt_tokens: -1, completion_tokens: -1 }, {}],
  ['0: not counted', {}, { prompt_tokens: 0, completion_tokens: 0 }, {}],
  ['nulls', {}, { prompt_tokens: null, completion_tokens: null }, {}],
  ['no whole numbers', {}, { prompt_tokens: 1.5, completion_tokens: '4' }, {}],
  ['more than can be (issue 16, point 14)', {}, { prompt_tokens: 1e308, completion_tokens: 4e9 }, {}],
  ['one of them', {}, { prompt_tokens: -1, completion_tokens: 4 }, { completion: 4 }],
  [
    'what is known stays',
    { prompt: 9, completion: 4 },
    { prompt_tokens: -1, completion_tokens: 5 },
    { prompt: 9, completion: 5 },
  ],
])('%s', (_name, known, usage, expected) => {
  expect(readUsage(known, usage)).toEqual(expected);
});
