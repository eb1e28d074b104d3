import { expect, test } from 'vitest';
import { llmSchema } from '../../../models/llm/schema.ts';
import { model, unknownModel } from '../openai/samples.ts';

function features(...given: Parameters<typeof model>): string[] {
  return llmSchema('M', model(...given)).features;
}

const tools = ['tool-call', 'multi-tool-call', 'stream-tool-call'];

test.each<[string[], string[]]>([
  [['chat'], ['structured-output']],
  [
    ['chat', 'tools'],
    [...tools, 'structured-output'],
  ],
  [
    ['chat', 'vision'],
    ['vision', 'structured-output'],
  ],
  [
    ['chat', 'audio'],
    ['audio', 'structured-output'],
  ],
  [
    ['chat', 'omni'],
    ['vision', 'audio', 'video', 'structured-output'],
  ],
  [
    ['chat', 'reasoning'],
    ['agent-thought', 'structured-output'],
  ],
  [
    ['chat', 'hybrid'],
    ['agent-thought', 'structured-output'],
  ],
  [['generate'], []],
])('abilities %j: features %j', (model_ability, expected) => {
  expect(features({ model_ability })).toEqual(expected);
});

test('Transformers has no structured output, and streams tool calls all the same', () => {
  expect(features({ model_engine: 'Transformers' })).toEqual(tools);
});

test('the form gives and takes features', () => {
  expect(features({ model_ability: ['chat'] }, { tool_calling: 'on', vision: 'on' })).toEqual([
    ...tools,
    'vision',
    'structured-output',
  ]);
  expect(
    features(
      { model_ability: ['chat', 'tools', 'vision', 'reasoning'] },
      { tool_calling: 'off', vision: 'off', structured_output: 'off', thinking: 'off' },
    ),
  ).toEqual([]);
  expect(features({ model_ability: ['chat', 'omni'] }, { vision: 'off' })).toEqual([
    'audio',
    'structured-output',
  ]);
});

test('a schema as Dify takes it, under Dify’s name of the model', () => {
  expect(llmSchema('My model', model({ context_length: 4096 }))).toMatchObject({
    model: 'My model',
    label: { en_US: 'My model' },
    model_type: 'llm',
    fetch_from: 'customizable-model',
    model_properties: { mode: 'chat', context_size: 4096 },
    deprecated: false,
    pricing: null,
  });
  expect(llmSchema('M', model({ model_ability: ['generate'] })).model_properties).toEqual({
    mode: 'completion',
    context_size: 32768,
  });
});

test('abilities that the server does not tell are not claimed', () => {
  expect(llmSchema('M', unknownModel()).features).toEqual([]);
});
