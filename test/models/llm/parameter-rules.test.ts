import { describe, expect, test } from 'vitest';
import { parameterRules } from '../../../models/llm/parameter-rules.ts';
import { model, unknownModel } from '../openai/samples.ts';

const hybrid = ['chat', 'tools', 'reasoning', 'hybrid'];

function names(...given: Parameters<typeof model>): string[] {
  return parameterRules(model(...given)).map(rule => rule.name);
}

const always = ['temperature', 'top_p', 'top_k', 'max_tokens'];
const penalties = ['presence_penalty', 'frequency_penalty', 'seed'];
const structured = ['response_format', 'json_schema'];

describe('each engine offers what it honours', () => {
  test.each([
    ['vLLM', [...always, ...penalties, 'repetition_penalty', ...structured, 'extra_body']],
    ['SGLang', [...always, ...penalties, 'repetition_penalty', ...structured, 'extra_body']],
    ['llama.cpp', [...always, ...penalties, ...structured, 'extra_body']],
    ['Transformers', [...always, 'repetition_penalty', 'extra_body']],
    ['MLX', [...always, 'repetition_penalty', 'extra_body']],
    ['token_router', [...always, ...penalties, 'repetition_penalty', 'extra_body']],
  ])('%s', (model_engine, expected) => {
    expect(names({ model_engine })).toEqual(expected);
  });
});

test.each([
  ['vLLM', ['text', 'json_object', 'json_schema']],
  ['SGLang', ['text', 'json_schema']],
  ['llama.cpp', ['text', 'json_schema']],
])('response formats of %s', (model_engine, options) => {
  const rule = parameterRules(model({ model_engine })).find(({ name }) => name === 'response_format');
  expect(rule?.options).toEqual(options);
});

test('the form switches structured output off and, on Transformers, on', () => {
  expect(names({}, { structured_output: 'off' })).not.toContain('response_format');
  expect(names({ model_engine: 'Transformers' }, { structured_output: 'on' })).toEqual(
    expect.arrayContaining(structured),
  );
});

test('thinking can be switched on hybrid models, unless the form has switched it off', () => {
  expect(names({ model_ability: hybrid })).toContain('enable_thinking');
  expect(names({ model_ability: ['chat', 'reasoning'] })).not.toContain('enable_thinking');
  expect(names({ model_ability: hybrid }, { thinking: 'off' })).not.toContain('enable_thinking');
});

test.each([
  ['qwen3.8', true],
  ['qwen3.8-max', true],
  ['qwen3', false],
])('the reasoning effort of %s: %s', (model_name, offered) => {
  expect(names({ model_name }).includes('reasoning_effort')).toBe(offered);
});

test('a completion model has no chat parameters', () => {
  expect(names({ model_ability: ['generate'], model_engine: 'vLLM' })).toEqual([
    ...always,
    ...penalties,
    'repetition_penalty',
    'extra_body',
  ]);
});

test('max_tokens reaches to the context size, and nothing has a default that would be sent unasked', () => {
  const rules = parameterRules(model({ context_length: 4096 }));
  expect(rules.find(({ name }) => name === 'max_tokens')).toMatchObject({ type: 'int', min: 1, max: 4096 });
  for (const rule of rules) expect(rule).toMatchObject({ required: false, default: null });
});

const everyModel = ['vLLM', 'SGLang', 'Transformers', 'llama.cpp', 'MLX', null].flatMap(model_engine =>
  [hybrid, ['chat'], ['generate'], null].map(model_ability =>
    model({ model_engine, model_ability, model_name: 'qwen3.8' }),
  ),
);

/** What a host checks of each rule; one that fails refuses the whole schema. */
test.each([...everyModel, unknownModel()])('every rule is one that a host takes (%#)', given => {
  const rules = parameterRules(given);
  expect(rules.length).toBeLessThanOrEqual(128);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  for (const rule of rules) {
    expect(rule.name).toMatch(/^[a-z_]+$/);
    expect(rule.label.en_US).not.toBe('');
    expect(rule.label.zh_Hans).not.toBe('');
    expect(rule.help.en_US).not.toBe('');
    expect(['float', 'int', 'string', 'boolean', 'text']).toContain(rule.type);
    expect(rule.options.every(option => typeof option === 'string' && option !== '')).toBe(true);
    if (rule.type === 'float' || rule.type === 'int') {
      expect(rule.min).toBeTypeOf('number');
      expect(rule.max).toBeGreaterThan(rule.min ?? Number.NaN);
      expect(rule.precision).toBe(rule.type === 'int' ? 0 : 2);
    }
  }
});
