import { llm } from '../../../fake/xinference/models.ts';
import { calls, hello, onePlusOne, paris, says, type Table } from './table.ts';

const hybrid = { model_name: 'qwen3', model_ability: ['chat', 'reasoning', 'hybrid', 'tools'] };

export const reasoningLlamacpp: Table = {
  model: llm('reasoning-llamacpp', { model_engine: 'llama.cpp', ...hybrid }),
  rows: {
    // Launched with its reasoning parser, this engine's whole answers stand in the reasoning field, the thoughts are lost.
    'reasoning-llamacpp-basic': says('The answer is 2.', [14, 31]),
    'reasoning-llamacpp-basic-off': says('The answer is 2.', [19, 7]),
    'reasoning-llamacpp-basic-on': says('The answer is 2.', [14, 31]),
    'reasoning-llamacpp-cut': says('', [14, 8], 'length'),
    'reasoning-llamacpp-plain': says(hello, [9, 17]),
    'reasoning-llamacpp-stream': says(`${onePlusOne}The answer is 2.`, [14, 31]),
    'reasoning-llamacpp-stream-cut': says('<think>\nOne plus one is two.\n</think>', 'estimated', 'length'),
    'reasoning-llamacpp-stream-off': says('The answer is 2.', [19, 7]),
    'reasoning-llamacpp-stream-on': says(`${onePlusOne}The answer is 2.`, [14, 31]),
    // Nothing tells this answer from thoughts until it ends without another: then it is said again, outside of the block.
    'reasoning-llamacpp-stream-plain': says(`<think>\n${hello}\n</think>${hello}`, 'estimated'),
    'reasoning-llamacpp-stream-template-kwargs': says(`${onePlusOne}The answer is 2.`, 'estimated'),
    'reasoning-llamacpp-stream-tools': calls('', [paris], 'estimated'),
    'reasoning-llamacpp-tools': calls('', [paris], [209, 24]),
    // Launched without it: streams have the thoughts apart, whole answers have lost them.
    'think-llamacpp-basic': says('The answer is 2.', [14, 31]),
    'think-llamacpp-basic-off': says('The answer is 2.', [19, 7]),
    'think-llamacpp-basic-on': says('The answer is 2.', [14, 31]),
    'think-llamacpp-stream': says(`${onePlusOne}The answer is 2.`, 'estimated'),
    'think-llamacpp-stream-off': says('The answer is 2.', 'estimated'),
    'think-llamacpp-stream-on': says(`${onePlusOne}The answer is 2.`, 'estimated'),
    'think-llamacpp-stream-plain': says(hello, 'estimated'),
    'think-llamacpp-stream-tools': calls('', [paris], 'estimated'),
  },
};

export const reasoningTransformers: Table = {
  model: llm('reasoning-transformers', { model_engine: 'Transformers', ...hybrid }),
  rows: {
    'reasoning-transformers-basic': says('The answer is 2.', [19, 6]),
    'reasoning-transformers-basic-off': says('The answer is 2.', [19, 6]),
    'reasoning-transformers-basic-on': says(`${onePlusOne}\n\nThe answer is 2.`, [14, 30]),
    'reasoning-transformers-cut': says('<think>\nOne plus one is two.\n</think>', [14, 8], 'length'),
    'reasoning-transformers-plain': says(hello, [9, 16]),
    'reasoning-transformers-stream': says('The answer is 2.', [19, 7]),
    'reasoning-transformers-stream-cut': says('<think>\nOne plus one is two.\n</think>', [14, 8], 'length'),
    'reasoning-transformers-stream-off': says('The answer is 2.', [19, 7]),
    // The closing tag leaks into the thoughts in two pieces, with the blank lines that follow it.
    'reasoning-transformers-stream-on': says(`${onePlusOne}\n\nThe answer is 2.`, [14, 31]),
    'reasoning-transformers-stream-plain': says(`<think>\n${hello}\n</think>${hello}`, [9, 17]),
    'reasoning-transformers-stream-template-kwargs': says(`${onePlusOne}\n\nThe answer is 2.`, [14, 31]),
    'reasoning-transformers-tools': says(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
      [209, 23],
    ),
  },
};

export const inlineThinking: Table = {
  model: llm('inline-think', {
    model_engine: 'Transformers',
    model_name: 'deepseek-r1-distill-qwen',
    model_ability: ['chat', 'reasoning'],
  }),
  rows: {
    'inline-think-basic': says(
      '<think>\nOne plus one is two. Let me check: 2.\n</think>\n\nThe answer is 2.',
      [30, 22],
    ),
    'inline-think-stream': says(
      '<think>\nOne plus one is two. Let me check: 2.\n</think>\n\nThe answer is 2.',
      [30, 23],
    ),
  },
};
