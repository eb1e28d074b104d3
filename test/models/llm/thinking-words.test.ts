import { expect, test } from 'vitest';
import { thinkingFields } from '../../../models/llm/thinking-switch.ts';
import { model, request } from '../openai/samples.ts';

const hybrid = ['chat', 'reasoning', 'hybrid'];

test.each<[string, string, object, object]>([
  ['qwen3.8', 'vLLM', { reasoning_effort: 'low' }, { reasoning_effort: 'low' }],
  ['gpt-oss', 'vLLM', { reasoning_effort: 'high' }, { chat_template_kwargs: { reasoning_effort: 'high' } }],
  ['glm-5.2', 'SGLang', { reasoning_effort: 'max' }, { chat_template_kwargs: { reasoning_effort: 'max' } }],
  ['glm-5.3', 'vLLM', { reasoning_effort: 'low' }, { chat_template_kwargs: { reasoning_effort: 'low' } }],
  [
    'DeepSeek-V4-Pro',
    'vLLM',
    { reasoning_effort: 'max' },
    { chat_template_kwargs: { reasoning_effort: 'max' } },
  ],
  ['seed-oss', 'vLLM', { thinking_budget: 512 }, { chat_template_kwargs: { thinking_budget: 512 } }],
  ['qwen3', 'vLLM', { thinking_budget: '512' }, { thinking_token_budget: 512 }],
  ['qwen3', 'Transformers', { thinking_budget: 0 }, { chat_template_kwargs: { thinking_budget: 0 } }],
  ['qwen3', 'vLLM', { thinking_budget: null, reasoning_effort: '' }, {}],
  ['qwen3', 'vLLM', { thinking_budget: ' ', reasoning_effort: ' ' }, {}],
])(
  'issue 20, 8: %s on %s is told %j in its own words',
  (model_name, model_engine, model_parameters, sent) => {
    const asked = request({ model_parameters: { ...model_parameters } });
    expect(thinkingFields(asked, model({ model_name, model_engine, model_ability: hybrid }))).toEqual(sent);
  },
);

test('issue 20, 8: the switch and the words go to the template together', () => {
  const asked = request({ model_parameters: { enable_thinking: true, reasoning_effort: 'high' } });
  expect(thinkingFields(asked, model({ model_name: 'glm-5.2', model_ability: hybrid }))).toEqual({
    enable_thinking: true,
    chat_template_kwargs: { enable_thinking: true, thinking: true, reasoning_effort: 'high' },
  });
});

test.each([-1, 1.5, 'much', true, {}])('issue 20, 8: %j is no budget', thinking_budget => {
  expect(() => thinkingFields(request({ model_parameters: { thinking_budget } }), model())).toThrow(
    /thinking_budget must be a whole number/,
  );
});
