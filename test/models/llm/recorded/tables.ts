import { completionsLlamacpp, completionsTransformers } from './completions.ts';
import { llamacpp } from './llamacpp.ts';
import { inlineThinking, reasoningLlamacpp, reasoningTransformers } from './reasoning.ts';
import { refusals, toolRefusals } from './refusals.ts';
import type { Table } from './table.ts';
import { transformers, transformersMisnamed } from './transformers.ts';
import { deepseek, deepseekR1, deepseekR1Renamed, glm4, glm45, llama3, minimax, qwen } from './vllm.ts';

/** All of them, by what answers. */
export const tables: readonly (readonly [string, Table])[] = [
  ['llama.cpp', llamacpp],
  ['Transformers', transformers],
  ['Transformers, misnamed', transformersMisnamed],
  ['llama.cpp that thinks', reasoningLlamacpp],
  ['Transformers that thinks', reasoningTransformers],
  ['Transformers that thinks aloud', inlineThinking],
  ['completions on Transformers', completionsTransformers],
  ['completions on llama.cpp', completionsLlamacpp],
  ['vLLM, qwen', qwen],
  ['vLLM, deepseek-r1', deepseekR1],
  ['vLLM, deepseek-r1, renamed', deepseekR1Renamed],
  ['vLLM, deepseek', deepseek],
  ['vLLM, glm4', glm4],
  ['vLLM, glm-4.5', glm45],
  ['vLLM, llama3', llama3],
  ['vLLM, minimax', minimax],
  ['refusals', refusals],
  ['refusals of tools', toolRefusals],
];
