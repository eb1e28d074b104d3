import { describe, expect, it } from 'vitest';
import { brokenAnswer, brokenEnd } from './host-answers.ts';

const usage = {
  prompt_tokens: 1,
  prompt_unit_price: '0',
  prompt_price_unit: '0',
  prompt_price: '0',
  completion_tokens: 1,
  completion_unit_price: '0',
  completion_price_unit: '0',
  completion_price: '0',
  total_tokens: 2,
  total_price: '0',
  currency: 'USD',
  latency: 0.1,
};

const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };

/** A chunk in which `delta` and `message` replace what is right. */
function chunk(delta: object = {}, message: object = {}) {
  const whole = { role: 'assistant', content: 'Hi', name: null, tool_calls: [call], ...message };
  const rest = { index: 0, message: whole, usage: null, finish_reason: null, ...delta };
  return { model: 'm', prompt_messages: [], system_fingerprint: '', delta: rest };
}

const embeddingUsage = {
  tokens: 1,
  total_tokens: 1,
  unit_price: '0',
  price_unit: '0',
  total_price: '0',
  currency: 'USD',
  latency: 1,
};
const rows = (embeddings: unknown) => ({ model: 'm', embeddings, usage: embeddingUsage });
const docs = (...scores: unknown[]) => ({
  model: 'm',
  docs: scores.map((score, index) => ({ index, text: 't', score })),
});
const schema = {
  model: 'm',
  label: { en_US: 'm' },
  model_type: 'llm',
  fetch_from: 'customizable-model',
  model_properties: {},
  parameter_rules: [],
};

describe('an answer', () => {
  it.each<[string, string, object]>([
    ['invoke_llm', 'text and a call', chunk()],
    ['invoke_llm', 'a list of parts', chunk({}, { content: [] })],
    ['invoke_llm', 'the last chunk', chunk({ usage, finish_reason: 'stop' })],
    ['get_ai_model_schemas', 'a schema', { model_schema: schema }],
    ['get_ai_model_schemas', 'none', { model_schema: null }],
    [
      'invoke_text_embedding',
      'rows',
      rows([
        [1, 2],
        [3, 4],
      ]),
    ],
    ['invoke_text_embedding', 'no rows', rows([])],
    ['invoke_rerank', 'two documents', docs(0.9, 0.9)],
    ['invoke_rerank', 'none', docs()],
    ['get_llm_num_tokens', 'a number', { num_tokens: 0 }],
    ['get_text_embedding_num_tokens', 'numbers', { num_tokens: [1, 2] }],
    ['invoke_speech2text', 'silence', { result: '' }],
    ['invoke_tts', 'sound', { result: 'fFf3' }],
    ['get_tts_model_voices', 'a voice', { voices: [{ name: 'Default', value: 'default' }] }],
    ['validate_model_credentials', 'yes', { result: true, credentials: {} }],
  ])('%s: %s is fine', (action, _what, data) => {
    expect(brokenAnswer(action, data)).toBeUndefined();
  });

  it.each<[string, string, unknown]>([
    ['invoke_llm', 'null content', chunk({}, { content: null })],
    ['invoke_llm', 'no role', chunk({}, { role: undefined })],
    ['invoke_llm', 'no index', chunk({ index: undefined })],
    ['invoke_llm', 'no model', { ...chunk(), model: '' }],
    ['invoke_llm', 'a call without an id', chunk({}, { tool_calls: [{ ...call, id: null }] })],
    [
      'invoke_llm',
      'a call with arguments as an object',
      chunk({}, { tool_calls: [{ ...call, function: { name: 'f', arguments: {} } }] }),
    ],
    ['invoke_llm', 'half a usage', chunk({ usage: { ...usage, currency: undefined } })],
    ['get_ai_model_schemas', 'nothing', {}],
    ['invoke_text_embedding', 'rows of two lengths', rows([[1, 2], [1]])],
    ['invoke_text_embedding', 'a null among numbers', rows([[1, null]])],
    ['invoke_rerank', 'the worse first', docs(0.1, 0.2)],
    ['invoke_rerank', 'a score as text', docs('0.9')],
    ['get_llm_num_tokens', 'half a token', { num_tokens: 0.5 }],
    ['invoke_tts', 'half a byte', { result: 'fff' }],
    ['validate_model_credentials', 'no credentials', { result: true }],
    ['invoke_moderation', 'any answer at all', { result: true }],
  ])('%s: %s is not', (action, _what, data) => {
    expect(brokenAnswer(action, data)).toContain('cannot read');
  });
});

describe('the end', () => {
  it.each([
    ['invoke_tts', [{}, {}], undefined],
    ['invoke_llm', [chunk(), chunk({ usage, finish_reason: 'stop' })], undefined],
    ['invoke_llm', [chunk({ finish_reason: 'stop' })], 'without finish reason and usage'],
    ['invoke_rerank', [{}], undefined],
    ['invoke_rerank', [{}, {}], 'more than one'],
    ['invoke_llm', [], 'without an answer'],
  ])('of %s after %j', (action, stream, broken) => {
    if (broken === undefined) expect(brokenEnd(action, stream)).toBeUndefined();
    else expect(brokenEnd(action, stream)).toContain(broken);
  });
});
