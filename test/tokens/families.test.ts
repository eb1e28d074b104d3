import { expect, test } from 'vitest';
import { SUMS, type Sum } from '../../src/tokens/automaton.ts';
import { familyOf } from '../../src/tokens/families.ts';

/** The families by a factor and the tokens of a message, which tell them apart. */
const QWEN_35 = { greek: 1, digit: 1.2, perMessage: 5, known: true };
const QWEN = { greek: 2.55, digit: 1.3, perMessage: 5, known: true };
const LLAMA = { greek: 1.1, digit: 0.8, perMessage: 5, known: true };
const DEEPSEEK = { greek: 1.3, digit: 0.65, perMessage: 2, known: true };
const TEKKEN = { greek: 1.05, digit: 1.3, perMessage: 3, known: true };
const SENTENCEPIECE_32K = { greek: 2.95, digit: 1.1, perMessage: 4, known: true };
const GEMMA = { greek: 1.05, digit: 1.15, perMessage: 5, known: true };
const O200K = { greek: 1, digit: 0.75, perMessage: 5, known: true };
const UNKNOWN = { greek: 1, digit: 1, perMessage: 5, known: false };

test.each([
  ['qwen3.5', QWEN_35],
  ['Qwen3.6-Instruct', QWEN_35],
  ['qwen-4', QWEN_35],
  ['qwen3', QWEN],
  ['Qwen3-VL-Instruct', QWEN],
  ['qwen2.5-coder-instruct', QWEN],
  ['QwQ-32B', QWEN],
  ['QvQ-72B-Preview', QWEN],
  ['qwen-7b-chat', QWEN],
  ['deepseek-r1-distill-qwen', QWEN],
  ['deepseek-r1-distill-llama', LLAMA],
  ['llama-3.1-instruct', LLAMA],
  ['Llama4', LLAMA],
  ['deepseek-v3', DEEPSEEK],
  ['deepseek-r1', DEEPSEEK],
  ['mistral-nemo-instruct', TEKKEN],
  ['mistral-small-2503', TEKKEN],
  ['mistral-small-3.1', TEKKEN],
  ['Ministral-8B-Instruct-2410', TEKKEN],
  ['Devstral-Small-2507', TEKKEN],
  ['mistral-instruct-v0.3', SENTENCEPIECE_32K],
  ['mixtral-8x22B-instruct-v0.1', SENTENCEPIECE_32K],
  ['codestral-v0.1', SENTENCEPIECE_32K],
  ['llama-2-chat', SENTENCEPIECE_32K],
  ['gemma-3-it', GEMMA],
  ['gpt-oss', O200K],
  ['glm-4.5', UNKNOWN],
  ['', UNKNOWN],
  [undefined, UNKNOWN],
])('%s', (name, family) => {
  const { factors, perMessage, known } = familyOf(name);
  expect(factors).toHaveLength(SUMS.length);
  const factor = (sum: Sum) => factors[SUMS.indexOf(sum)];
  expect({ greek: factor('greek'), digit: factor('digit'), perMessage, known }).toEqual(family);
});
