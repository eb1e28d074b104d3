import { expect, test } from 'vitest';
import { familyOf } from '../../src/tokens/families.ts';

const QWEN_35 = { factors: [0.9, 1.2, 1.15, 0.85, 0.85], perMessage: 5, known: true };
const QWEN = { factors: [1, 1.3, 0.9, 1, 1.2], perMessage: 5, known: true };
const LLAMA = { factors: [0.95, 0.7, 1, 1.15, 1.1], perMessage: 5, known: true };
const DEEPSEEK = { factors: [1.05, 0.7, 1, 0.95, 1.1], perMessage: 2, known: true };
const TEKKEN = { factors: [0.95, 1.25, 1.15, 1.25, 0.95], perMessage: 3, known: true };
const SENTENCEPIECE_32K = { factors: [1.2, 1.2, 1.25, 1.75, 1.75], perMessage: 4, known: true };
const GEMMA = { factors: [1.1, 1.4, 0.9, 0.9, 0.85], perMessage: 5, known: true };
const O200K = { factors: [0.95, 0.75, 0.95, 1.15, 0.9], perMessage: 5, known: true };
const UNKNOWN = { factors: [1, 1, 1, 1, 1], perMessage: 5, known: false };

test.each([
  ['qwen3.5', QWEN_35],
  ['Qwen3.6-Instruct', QWEN_35],
  ['qwen-4', QWEN_35],
  ['qwen3', QWEN],
  ['Qwen3-VL-Instruct', QWEN],
  ['qwen2.5-coder-instruct', QWEN],
  ['QwQ-32B', QWEN],
  ['QvQ-72B-Preview', QWEN],
  ['deepseek-r1-distill-qwen', QWEN],
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
  expect(familyOf(name)).toEqual(family);
});
