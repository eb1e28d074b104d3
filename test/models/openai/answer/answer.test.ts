import { describe, expect, test } from 'vitest';
import { readAnswer } from '../../../../models/openai/answer/answer.ts';
import type { Asked } from '../../../../models/openai/answer/asked.ts';
import { ServerError } from '../../../../src/http/errors/errors.ts';
import { answerHead, model, unknownModel } from '../samples.ts';

const head = answerHead('application/json');
const plain: Asked = { tools: false, thinking: undefined, schema: false };

function chat(message: unknown, finish_reason: unknown = 'stop', given = model(), asked = plain) {
  return readAnswer({ choices: [{ index: 0, message, finish_reason }] }, head, given, asked);
}

const call = (name: string) => ({ id: `id_${name}`, type: 'function', function: { name, arguments: '{}' } });

test('of several answers the first is taken, wherever it stands', () => {
  const choices = [1, 0].map(index => ({
    index,
    message: { content: `Answer ${index}` },
    finish_reason: 'stop',
  }));
  expect(readAnswer({ choices }, head, model(), plain).text).toBe('Answer 0');
});

describe('the text of a message', () => {
  test.each<[string, object, string]>([
    ['content', { content: 'Hello' }, 'Hello'],
    ['null content', { content: null }, ''],
    ['no content', {}, ''],
    [
      'content in parts',
      {
        content: [
          { type: 'text', text: 'Hel' },
          { type: 'text', text: 'lo' },
        ],
      },
      'Hello',
    ],
    [
      'reasoning_content',
      { content: '\n\nHello', reasoning_content: '\nHm.\n' },
      '<think>\nHm.\n</think>\n\nHello',
    ],
    ['reasoning', { content: '\n\nHello', reasoning: 'Hm.' }, '<think>\nHm.\n</think>\n\nHello'],
    [
      'both names of it',
      { content: 'A', reasoning_content: 'Hm.', reasoning: 'Hm.' },
      '<think>\nHm.\n</think>A',
    ],
    ['a transcript', { content: null, audio: { id: 'a', data: 'UklG', transcript: 'Hello' } }, 'Hello'],
    ['a transcript beside content', { content: 'Hi', audio: { transcript: 'Hello' } }, 'Hi'],
    ['an audio without one', { content: '', audio: null }, ''],
    [
      'an opening tag that was lost',
      { content: 'Hm.\n</think>\n\nHello' },
      '<think>\nHm.\n</think>\n\nHello',
    ],
  ])('%s', (_name, message, text) => {
    expect(chat(message, 'stop', model({ model_ability: ['chat', 'reasoning'] })).text).toBe(text);
  });

  test('thoughts are left out where the form says so', () => {
    const given = model({ model_ability: ['chat', 'reasoning'] }, { thinking: 'off' });
    expect(chat({ content: '\n\nHello', reasoning_content: 'Hm.' }, 'stop', given).text).toBe('Hello');
    expect(chat({ content: 'Hm.\n</think>\n\nHello' }, 'stop', given).text).toBe('Hello');
  });

  test('a model that does not think may speak of the tag', () => {
    expect(chat({ content: 'Close it with </think>.' }).text).toBe('Close it with </think>.');
  });
});

describe('an answer in the place of the reasoning', () => {
  const message = { content: '', reasoning_content: '<think>\nThe answer is 2.' };
  test.each([
    ['llama.cpp', 'stop', 'The answer is 2.'],
    ['Transformers', 'stop', 'The answer is 2.'],
    ['llama.cpp', 'length', '<think>\nThe answer is 2.\n</think>'],
    ['vLLM', 'stop', 'The answer is 2.'],
    ['SGLang', 'eos', 'The answer is 2.'],
    [undefined, null, 'The answer is 2.'],
  ])('%s, %s', (model_engine, finish, text) => {
    expect(chat(message, finish, model({ model_engine })).text).toBe(text);
  });

  test('thinking is off (form or parameter): it is the answer on any engine', () => {
    const off = model({}, { thinking: 'off' });
    expect(chat(message, 'stop', off).text).toBe('The answer is 2.');
    expect(chat(message, 'stop', model(), { ...plain, thinking: false }).text).toBe('The answer is 2.');
    expect(chat(message, 'length', model(), { ...plain, thinking: false }).text).toBe('The answer is 2.');
    expect(chat(message, 'length', off).text).toBe('');
  });

  test('asked for JSON by a schema, thoughts are left out', () => {
    const asked = { ...plain, schema: true };
    expect(chat({ content: '{"x":1}', reasoning: '{}?' }, 'stop', model(), asked).text).toBe('{"x":1}');
    expect(chat({ content: '', reasoning: '{"x":1}' }, 'stop', model(), asked).text).toBe('{"x":1}');
  });

  test('is none when a call follows', () => {
    const end = chat({ ...message, tool_calls: [call('f')] }, 'stop', model({ model_engine: 'llama.cpp' }));
    expect(end.text).toBe('<think>\nThe answer is 2.\n</think>');
  });
});

describe('calls', () => {
  test('come whole, in order, with the text before them', () => {
    const end = chat({ content: 'I look.\n', tool_calls: [call('f'), call('g')] }, 'tool_calls');
    expect(end).toMatchObject({
      text: 'I look.\n',
      toolCalls: [call('f'), call('g')],
      finishReason: 'tool_calls',
    });
  });

  test('all of the same id stay apart', () => {
    const same = { ...call('f'), id: 'x' };
    expect(chat({ content: null, tool_calls: [same, same] }).toolCalls).toHaveLength(2);
  });

  test('their raw text beside them is not shown twice', () => {
    const raw = '<tool_call>\n{"name": "f", "arguments": {}}\n</tool_call>';
    expect(chat({ content: `I look.\n${raw}`, tool_calls: [call('f')] }).text).toBe('I look.\n');
    expect(chat({ content: raw, tool_calls: [] }).text).toBe(raw);
  });

  test.each([
    ['tool_calls', [{ ...call('f'), function: { name: 'f', arguments: '{"x' } }], 'length'],
    ['stop', [call('f')], 'tool_calls'],
    ['stop', [], 'stop'],
    ['length', [call('f')], 'length'],
    ['tool_calls', [], 'tool_calls'],
    [null, [], 'stop'],
    [null, [call('f')], 'tool_calls'],
  ])('finish %j with the calls %j is %s', (finish, tool_calls, expected) => {
    expect(chat({ content: 'x', tool_calls }, finish).finishReason).toBe(expected);
  });
});

test('usage is what the server counted', () => {
  const choices = [{ message: { content: 'x' }, finish_reason: 'stop' }];
  const usage = { prompt_tokens: 9, completion_tokens: -1 };
  expect(readAnswer({ choices, usage }, head, model(), plain).usage).toEqual({ prompt: 9 });
  expect(readAnswer({ choices }, head, model(), plain).usage).toEqual({});
});

test('a completion is its text, tags and blanks and all', () => {
  const given = model({ model_ability: ['generate'] });
  const body = { choices: [{ text: ' <think></think> was ', finish_reason: 'length' }] };
  expect(readAnswer(body, head, given, plain)).toEqual({
    text: ' <think></think> was ',
    toolCalls: [],
    finishReason: 'length',
    usage: {},
  });
});

describe('what is no answer is an error that says so', () => {
  test.each<[string, Record<string, unknown>, string, string]>([
    ['an error', { error: 'boom' }, 'model-failed', 'The server said: boom.'],
    ['an error with nothing in it', { error: '' }, 'model-failed', 'while it answered'],
    ['no choices', { hello: 'world' }, 'no-answer', '{"hello":"world"}'],
    ['empty choices', { choices: [] }, 'no-answer', 'no answer of a model'],
    ['no message', { choices: [{ text: 'x' }] }, 'no-answer', 'no answer of a model'],
  ])('%s', (_name, body, code, message) => {
    const read = () => readAnswer(body, head, unknownModel(), plain);
    expect(read).toThrow(ServerError);
    expect(read).toThrow(expect.objectContaining({ code }));
    expect(read).toThrow(message);
    expect(read).toThrow('http://gpu:9997/v1/chat/completions');
  });
});
