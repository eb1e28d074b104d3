import { describe, expect, test } from 'vitest';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import type { PromptMessage } from '../../../../src/dify/protocol/requests.schemas.ts';
import { model, request, serverBody, user, weather } from '../samples.ts';

const generate = model({ model_ability: ['generate'] });

function prompt(...messages: PromptMessage[]): unknown {
  return serverBody(request({ prompt_messages: messages }), generate, false)['prompt'];
}

test('the request', () => {
  const asked = request({ model_parameters: { temperature: 0 }, stop: ['END'] });
  expect(serverBody(asked, generate, true)).toEqual({
    model: 'm',
    prompt: 'Hello',
    temperature: 0,
    stop: ['END'],
    stream: true,
    stream_options: { include_usage: true },
  });
});

describe('the prompt', () => {
  test.each<[string, PromptMessage[], string]>([
    ['one user message is the prompt itself', [user('Once upon a time')], 'Once upon a time'],
    ['its parts too', [user(['Once', 'upon'].map(data => ({ type: 'text', data })))], 'Once\nupon'],
    ['one system message is a speaker', [{ role: 'system', content: 'Hi' }], 'System: Hi\nAssistant:'],
    [
      'several become a transcript',
      [
        { role: 'system', content: 'Be brief.' },
        user('One?'),
        { role: 'assistant', content: '<think>hm</think>Two.' },
        { role: 'tool', content: 'x', tool_call_id: 'c' },
        { role: 'developer', content: 'D' },
        user('Three?'),
      ],
      'System: Be brief.\nUser: One?\nAssistant: Two.\nTool: x\nSystem: D\nUser: Three?\nAssistant:',
    ],
    ['none', [], 'Assistant:'],
  ])('%s', (_name, messages, expected) => {
    expect(prompt(...messages)).toBe(expected);
  });
});

test('media and tools are refused', () => {
  expect(() => prompt(user([{ type: 'image', url: 'https://x' }]))).toThrow('takes text only, not image');
  const ask = () => serverBody(request({ tools: [weather] }), generate, false);
  expect(ask).toThrow(InvokeBadRequestError);
  expect(ask).toThrow('a completion model and cannot call tools');
});
