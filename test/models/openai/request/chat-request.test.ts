import { describe, expect, test } from 'vitest';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import type { RequestOf } from '../../../../src/dify/protocol/requests.schemas.ts';
import { model, request, serverBody, unknownModel, weather } from '../samples.ts';

test('a plain question is four fields', () => {
  expect(serverBody(request(), model(), false)).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: false,
  });
});

test('a stream always asks for its usage', () => {
  expect(serverBody(request(), model(), true)).toMatchObject({
    stream: true,
    stream_options: { include_usage: true },
  });
});

test('extra_body cannot change whom is asked, what, or how the answer comes', () => {
  const extra_body = '{"model":"x","messages":[],"stream":false,"stream_options":{},"lora_name":"l"}';
  expect(serverBody(request({ model_parameters: { extra_body } }), model(), true)).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'Hello' }],
    stream: true,
    stream_options: { include_usage: true },
    lora_name: 'l',
  });
});

describe('tools', () => {
  test('go as functions', () => {
    const sent = serverBody(request({ tools: [weather] }), model(), true);
    expect(sent).toMatchObject({ tools: [{ type: 'function', function: weather }] });
    expect(sent).not.toHaveProperty('tool_choice');
  });

  test.each([[null], [undefined], [[]]])('%j: no such field, which would be a refusal or a crash', tools => {
    const sent = serverBody(
      request({ tool_choice: { mode: 'required' }, ...(tools !== undefined && { tools }) }),
      model(),
      true,
    );
    expect(sent).not.toHaveProperty('tools');
    expect(sent).not.toHaveProperty('tool_choice');
  });

  test('what a Go host leaves out is filled in', () => {
    const tools = [{ name: 'now', description: '', parameters: null }];
    expect(serverBody(request({ tools }), model(), true)['tools']).toEqual([
      {
        type: 'function',
        function: { name: 'now', description: '', parameters: { type: 'object', properties: {} } },
      },
    ]);
  });

  test('to a model without tools are an error, not a silent drop', () => {
    const given = model({ model_ability: ['chat'] });
    const ask = () => serverBody(request({ tools: [weather] }), given, true);
    expect(ask).toThrow(InvokeBadRequestError);
    expect(ask).toThrow('The model m cannot call tools');
    expect(ask).toThrow('set "Tool calling" to "On"');
  });

  test('are sent where the form says so, and where nothing is known', () => {
    const on = model({ model_ability: ['chat'] }, { tool_calling: 'on' });
    expect(serverBody(request({ tools: [weather] }), on, true)['tools']).toHaveLength(1);
    expect(serverBody(request({ tools: [weather] }), unknownModel(), true)['tools']).toHaveLength(1);
  });
});

describe('tool_choice', () => {
  type Choice = RequestOf<'invoke_llm'>['tool_choice'];
  test.each<[Choice, unknown]>([
    [null, undefined],
    [{ mode: '' }, undefined],
    [{ mode: null }, undefined],
    [{ mode: 'auto' }, 'auto'],
    [{ mode: 'none', name: '' }, 'none'],
    [{ mode: 'required' }, 'required'],
    [
      { mode: 'tool', name: 'get_weather' },
      { type: 'function', function: { name: 'get_weather' } },
    ],
  ])('%j becomes %j', (tool_choice, expected) => {
    const asked = request({ tools: [weather], ...(tool_choice !== undefined && { tool_choice }) });
    expect(serverBody(asked, model(), true)['tool_choice']).toEqual(expected);
  });

  test.each<[Choice, string]>([
    [{ mode: 'tool', name: '' }, 'names no tool'],
    [{ mode: 'any' }, 'unknown mode "any"'],
  ])('%j is refused', (tool_choice, message) => {
    const asked = request({ tools: [weather], ...(tool_choice !== undefined && { tool_choice }) });
    expect(() => serverBody(asked, model(), true)).toThrow(message);
  });
});
