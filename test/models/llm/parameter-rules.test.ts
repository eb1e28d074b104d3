import { describe, expect, test } from 'vitest';
import { parameterRules } from '../../../models/llm/parameter-rules.ts';
import { model, request, serverBody, unknownModel } from '../openai/samples.ts';

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

test.each([
  ['gpt-oss', 'reasoning_effort', ['low', 'medium', 'high']],
  ['DeepSeek-V4-Flash', 'reasoning_effort', ['low', 'high', 'max']],
  ['glm-5.2', 'reasoning_effort', ['high', 'max']],
])('issue 20, 8: %s offers %s with the words of its template', (model_name, name, options) => {
  const rule = parameterRules(model({ model_name })).find(rule => rule.name === name);
  expect(rule?.options).toEqual(options);
});

test.each([
  ['seed-oss', 'Transformers', ['chat', 'reasoning'], true],
  ['qwen3', 'vLLM', hybrid, true],
  ['qwen3', 'vLLM', ['chat'], false],
  ['qwen3', 'SGLang', hybrid, false],
  ['qwen3', 'Transformers', hybrid, false],
])(
  'issue 20, 8: %s on %s with %j offers a thinking budget: %s',
  (model_name, model_engine, model_ability, offered) => {
    const given = { model_name, model_engine, model_ability };
    expect(names(given).includes('thinking_budget')).toBe(offered);
    expect(names(given, { thinking: 'off' })).not.toContain('thinking_budget');
  },
);

describe('issue 20, 12: the panel of Dify', () => {
  const rules = parameterRules(
    model({ model_name: 'qwen3.8', model_ability: hybrid, context_length: 32_768 }),
  );

  /** Where a parameter starts when its switch is put on, as Dify's page has it. */
  const start = (name: string) => {
    const rule = rules.find(rule => rule.name === name);
    return rule?.default ?? rule?.min ?? 0;
  };

  test.each([
    ['temperature', 0.7, 0],
    ['top_p', 0.9, 0.01],
    ['top_k', 40, 1],
    ['max_tokens', 2048, 1],
    ['presence_penalty', 0, -2],
    ['frequency_penalty', 0, -2],
    ['repetition_penalty', 1, 0.1],
    ['seed', 42, 0],
    ['thinking_budget', 1024, 1],
  ])('starts %s at %s, and goes down to %s', (name, value, min) => {
    expect(start(name)).toBe(value);
    expect(rules.find(rule => rule.name === name)?.min).toBe(min);
  });

  test('starts the format at text', () => {
    expect(start('response_format')).toBe('text');
  });

  test('starts max_tokens within a small context', () => {
    const small = parameterRules(model({ context_length: 1000, model_ability: hybrid }));
    const limited = small.filter(({ name }) => name === 'max_tokens' || name === 'thinking_budget');
    expect(limited.map(rule => [rule.default, rule.max])).toEqual([
      [1000, 1000],
      [1000, 1000],
    ]);
  });

  test('every start is a value that the rule itself takes', () => {
    for (const rule of rules) {
      if (typeof rule.default === 'number') {
        expect(rule.default, rule.name).toBeGreaterThanOrEqual(rule.min ?? Number.NaN);
        expect(rule.default, rule.name).toBeLessThanOrEqual(rule.max ?? Number.NaN);
        expect(Number(rule.default.toFixed(rule.precision ?? 0)), rule.name).toBe(rule.default);
      } else if (rule.default !== null) {
        expect(rule.options, rule.name).toContain(rule.default);
      }
    }
  });

  /** What Dify's filter of parameters (up to 0.15 in its API, since then in its SDK) lets through of what an app has set. */
  function filtered(set: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const passed: Record<string, unknown> = {};
    for (const { name, required, default: value } of rules) {
      const given = set[name] ?? (required ? value : undefined);
      if (given !== undefined && given !== null) passed[name] = given;
    }
    return passed;
  }

  test('no default is sent by anybody until its switch is on', () => {
    expect(rules.filter(rule => rule.required)).toEqual([]);
    const body = (set: Readonly<Record<string, unknown>>) =>
      Object.keys(
        serverBody(request({ model_parameters: filtered(set) }), model({ model_ability: hybrid }), true),
      );
    const nothing = ['model', 'messages', 'stream', 'stream_options'];
    expect(body({})).toEqual(nothing);
    expect(body({ seed: start('seed'), response_format: start('response_format') })).toEqual(
      expect.arrayContaining([...nothing, 'seed']),
    );
  });
});

test('issue 17, C10: every parameter is told in the four languages of Dify', () => {
  for (const { label, help, name } of parameterRules(
    model({ model_ability: hybrid, model_name: 'qwen3.8' }),
  )) {
    for (const text of [label, help]) {
      expect(Object.keys(text), name).toEqual(['en_US', 'zh_Hans', 'ja_JP', 'pt_BR']);
    }
  }
});

test('max_tokens reaches to the context size', () => {
  const rules = parameterRules(model({ context_length: 4096 }));
  expect(rules.find(({ name }) => name === 'max_tokens')).toMatchObject({ type: 'int', min: 1, max: 4096 });
});

test('the label of max_tokens says where an answer ends when it is not set, before 1.8.1 too', () => {
  const rule = parameterRules(model()).find(({ name }) => name === 'max_tokens');
  expect(rule?.label.en_US).toContain('1024 before Xinference 1.8.1');
  expect(rule?.label.zh_Hans).toContain('Xinference 1.8.1 之前为 1024');
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
