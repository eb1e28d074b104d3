import { describe, expect, test } from 'vitest';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import { model, request, serverBody, unknownModel } from '../samples.ts';

type Set = Record<string, unknown>;

function sent(model_parameters: Set | null, given = model()): unknown {
  const {
    model: _uid,
    messages: _messages,
    prompt: _prompt,
    stream: _stream,
    ...rest
  } = serverBody(request({ model_parameters }), given, false);
  return rest;
}

describe('only what was set is sent', () => {
  test.each<[string, Set | null, Set]>([
    ['nothing', null, {}],
    ['an empty map', {}, {}],
    [
      'every number',
      {
        temperature: 0,
        top_p: 0.9,
        top_k: 0,
        max_tokens: 1,
        presence_penalty: -2,
        frequency_penalty: 0.5,
        repetition_penalty: 1.1,
        seed: 0,
      },
      {
        temperature: 0,
        top_p: 0.9,
        top_k: 0,
        max_tokens: 1,
        presence_penalty: -2,
        frequency_penalty: 0.5,
        repetition_penalty: 1.1,
        seed: 0,
      },
    ],
    ['numbers as texts', { temperature: '0.5', max_tokens: '64' }, { temperature: 0.5, max_tokens: 64 }],
    ['nulls', { temperature: null, top_p: null, top_k: null, max_tokens: null, seed: null }, {}],
    ['empty texts', { temperature: '', response_format: '', json_schema: '', extra_body: '' }, {}],
    [
      'blank texts',
      { temperature: ' ', max_tokens: '\t', response_format: ' ', json_schema: '\n', extra_body: ' ' },
      {},
    ],
    ['top_k -1, which the server refuses', { top_k: -1 }, {}],
    ['max_tokens 0, which the server refuses', { max_tokens: 0 }, {}],
    ['max_tokens -1', { max_tokens: -1 }, {}],
    ['parameters nobody knows', { min_p: 0.1, user: 'x', n: 2, logit_bias: {} }, {}],
    ['response_format text, which every engine does anyway', { response_format: 'text' }, {}],
  ])('%s', (_name, set, expected) => {
    expect(sent(set)).toEqual(expected);
  });

  test.each<[Set, string]>([
    [{ temperature: 'warm' }, 'temperature'],
    [{ top_k: true }, 'top_k'],
    [{ max_tokens: [1] }, 'max_tokens'],
    [{ extra_body: '{' }, 'extra_body is not valid JSON'],
    [{ extra_body: '[1]' }, 'extra_body must be a JSON object'],
    [{ extra_body: '3' }, 'extra_body must be a JSON object'],
  ])('%j is refused by its name', (set, message) => {
    expect(() => sent(set)).toThrow(InvokeBadRequestError);
    expect(() => sent(set)).toThrow(message);
  });
});

test.each<[string[] | null | undefined, unknown]>([
  [null, undefined],
  [undefined, undefined],
  [[], undefined],
  [[''], undefined],
  [
    ['END', '', '\n'],
    ['END', '\n'],
  ],
])('stop %j is sent as %j', (stop, expected) => {
  expect(serverBody(request(stop === undefined ? {} : { stop }), model(), false)['stop']).toEqual(expected);
});

/** What tells a server of any version whether to think. */
const switched = (thinking: boolean) => ({
  enable_thinking: thinking,
  chat_template_kwargs: { enable_thinking: thinking, thinking },
});

describe('thinking', () => {
  const hybrid = ['chat', 'hybrid'];
  test.each<[string, string[] | null, string, unknown, boolean | undefined]>([
    ['asked for', hybrid, 'auto', true, true],
    ['declined', hybrid, 'auto', false, false],
    ['not said', hybrid, 'auto', undefined, undefined],
    ['no boolean, which the server ignores', hybrid, 'auto', 'yes', undefined],
    ['declined as a text', hybrid, 'on', 'false', false],
    ['asked for as Python writes it', hybrid, 'auto', ' True ', true],
    ['no text either', hybrid, 'auto', { toString: 1 }, undefined],
    ['on by the form', hybrid, 'on', undefined, true],
    ['on by the form, declined', hybrid, 'on', false, false],
    ['off by the form', hybrid, 'off', undefined, false],
    ['off by the form, asked for', hybrid, 'off', true, false],
    ['a model that cannot be switched', ['chat', 'reasoning'], 'on', true, undefined],
    ['nothing known, asked for', null, 'auto', true, true],
    ['nothing known, off by the form', null, 'off', undefined, undefined],
  ])('%s', (_name, model_ability, thinking, enable_thinking, expected) => {
    const set = enable_thinking === undefined ? {} : { enable_thinking };
    expect(sent(set, model({ model_ability }, { thinking }))).toEqual(
      expected === undefined ? {} : switched(expected),
    );
  });

  // Seen on 1.5.1, where enable_thinking does nothing, and on 1.17.1, where both together do what each does.
  test('goes by the arguments of the template for servers before 1.17.0, and beside those of the user', () => {
    const extra_body = { chat_template_kwargs: { thinking_budget: 64 } };
    expect(sent({ enable_thinking: false, extra_body }, model({ model_ability: hybrid }))).toEqual({
      enable_thinking: false,
      chat_template_kwargs: { enable_thinking: false, thinking: false, thinking_budget: 64 },
    });
    const own = { chat_template_kwargs: { enable_thinking: true } };
    expect(sent({ enable_thinking: false, extra_body: own }, model({ model_ability: hybrid }))).toMatchObject(
      {
        chat_template_kwargs: { enable_thinking: true },
      },
    );
  });

  test('the effort is passed on', () => {
    expect(sent({ reasoning_effort: 'xhigh' })).toEqual({ reasoning_effort: 'xhigh' });
    expect(sent({ reasoning_effort: null })).toEqual({});
  });
});

describe('extra_body', () => {
  test.each<[string, unknown, Set]>([
    ['JSON text', '{"min_p":0.1}', { min_p: 0.1 }],
    ['an object', { lora_name: 'x' }, { lora_name: 'x' }],
    ['wins over a field', '{"temperature":1.5}', { temperature: 1.5 }],
    [
      'nested',
      '{"chat_template_kwargs":{"thinking_budget":64}}',
      { chat_template_kwargs: { thinking_budget: 64 } },
    ],
  ])('%s', (_name, extra_body, expected) => {
    expect(sent({ temperature: 0.5, extra_body })).toEqual({ temperature: 0.5, ...expected });
  });

  test('__proto__ is a key like any other', () => {
    const fields = sent({ extra_body: '{"__proto__":{"temperature":2},"a":1}' });
    expect(JSON.stringify(fields)).toBe('{"__proto__":{"temperature":2},"a":1}');
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
    expect((fields as Set)['temperature']).toBeUndefined();
  });
});

test('a completion model gets no chat parameters, and nothing about them is an error', () => {
  const set = {
    temperature: 1,
    enable_thinking: true,
    response_format: 'json_schema',
    extra_body: '{"a":1}',
  };
  expect(sent(set, model({ model_ability: ['generate'] }))).toEqual({ temperature: 1, a: 1 });
});

test('a model of which nothing is known gets all that was set', () => {
  expect(sent({ enable_thinking: true, response_format: 'json_object', seed: 1 }, unknownModel())).toEqual({
    seed: 1,
    response_format: { type: 'json_object' },
    ...switched(true),
  });
});
