import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../../src/http/errors/errors.ts';
import { calls, chunk, content, ReadStream, read, reasoning, stop } from '../chunks.ts';
import { model } from '../samples.ts';

const usage = (prompt_tokens: number, completion_tokens: number) => ({ prompt_tokens, completion_tokens });

describe('text', () => {
  test.each<[string, string[], string[]]>([
    ['piece by piece', [content('Hel'), content('lo'), stop], ['Hel', 'lo', '', '']],
    [
      'many empty deltas',
      [content(''), content('A'), content(''), chunk({}), stop],
      ['', 'A', '', '', '', ''],
    ],
    ['null content', [chunk({ role: 'assistant', content: null }), content('A'), stop], ['', 'A', '', '']],
    ['null delta', [JSON.stringify({ choices: [{ delta: null, finish_reason: 'stop' }] })], ['', '']],
    ['a transcript of sound', [chunk({ content: null, audio: { transcript: 'Hi' } }), stop], ['Hi', '', '']],
    [
      'in parts',
      [
        chunk({
          content: [
            { type: 'text', text: 'Hel' },
            { type: 'text', text: 'lo' },
          ],
        }),
        stop,
      ],
      ['Hello', '', ''],
    ],
    ['text in the finishing chunk', [chunk({ content: 'A' }, 'stop')], ['A', '']],
    ['no choices', ['{"choices":[]}', '{}', content('A'), stop], ['', '', 'A', '', '']],
  ])('%s', (_name, events, texts) => {
    expect(read(events).texts).toEqual(texts);
  });

  test('of several answers the first alone is read, also where chunks repeat', () => {
    const of = (index: number, text: string, finish_reason: string | null = null) =>
      JSON.stringify({ choices: [{ index, delta: { content: text }, finish_reason }] });
    const words = Array.from({ length: 30 }, (_none, at) => [of(1, `b${at} `), of(0, `a${at} `)]).flat();
    const { all, finishReason } = read([...words, of(1, '', 'length'), of(0, '', 'stop')]);
    expect(all).toBe(Array.from({ length: 30 }, (_none, at) => `a${at} `).join(''));
    expect(finishReason).toBe('stop');
  });

  test('a delta that repeats the text so far is real text', () => {
    expect(read([content('ha'), content('ha'), content('haha'), stop]).all).toBe('hahahaha');
  });
});

describe('a completion', () => {
  const text = (piece: string, finish_reason: string | null = null) =>
    JSON.stringify({ choices: [{ text: piece, finish_reason }], usage: usage(4, 2) });
  test('is its text as it stands, and needs no [DONE]', () => {
    const given = model({ model_ability: ['generate'] });
    expect(
      read([text(''), text(' <think>'), text('</think> there'), text(' was', 'length')], given),
    ).toMatchObject({
      texts: ['', ' <think>', '</think> there', ' was', ''],
      finishReason: 'length',
      usage: { prompt: 4, completion: 2 },
    });
  });
});

describe('reasoning', () => {
  test.each<[string, string[], string]>([
    ['in its own field', [reasoning('Hm'), reasoning('.'), content('A'), stop], '<think>\nHm.\n</think>A'],
    ['under its other name', [chunk({ reasoning: 'Hm.' }), content('A'), stop], '<think>\nHm.\n</think>A'],
    [
      'both in one delta',
      [reasoning('Hm.', { content: 'A' }), content('B'), stop],
      '<think>\nHm.\n</think>AB',
    ],
    [
      'empty deltas between',
      [reasoning('Hm'), reasoning(''), chunk({}), reasoning('.'), content('A'), stop],
      '<think>\nHm.\n</think>A',
    ],
    ['that is empty', [reasoning(''), content('A'), stop], 'A'],
    ['that is blank', [reasoning('\n'), content('A'), stop], 'A'],
    ['cut', [reasoning('Hm'), chunk({ content: '' }, 'length')], '<think>\nHm\n</think>'],
    [
      'after a stray tag',
      [content('<think>\n'), reasoning('Hm.'), content('A'), stop],
      '<think>\nHm.\n</think>A',
    ],
    [
      'inline',
      [content('<think>\n'), content('Hm.\n</th'), content('ink>\n\nA'), stop],
      '<think>\nHm.\n</think>\n\nA',
    ],
  ])('%s', (_name, events, text) => {
    expect(read(events).all).toBe(text);
  });

  test('is left out where the form says so', () => {
    const given = model({}, { thinking: 'off' });
    expect(read([reasoning('Hm.'), content('\n\nA'), stop], given).all).toBe('A');
    expect(read([content('<think>Hm.</th'), content('ink>\n\nA'), stop], given).all).toBe('A');
  });

  test('a call right after it closes the block before the call is told', () => {
    const one = calls({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } });
    expect(read([reasoning('Hm.'), one, chunk({}, 'tool_calls')], model(), true)).toMatchObject({
      texts: ['<think>\nHm.', '\n</think>', '', ''],
      toolCalls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }],
    });
  });
});

describe('calls', () => {
  const begin = calls({ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } });
  const rest = calls({ index: 0, function: { arguments: '{"x":1}' } });

  test('are told at the end, whole, with the text around them', () => {
    const after = chunk({ content: ' Done.', tool_calls: [{ index: 1, id: 'b', function: { name: 'g' } }] });
    expect(
      read([content('I look.'), begin, rest, after, chunk({}, 'tool_calls')], model(), true),
    ).toMatchObject({
      all: 'I look. Done.',
      toolCalls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
      finishReason: 'tool_calls',
    });
  });

  test('their tag does not leak into the text', () => {
    expect(read([content('I look.\n<too'), content('l_call'), begin, rest, stop], model(), true).all).toBe(
      'I look.\n',
    );
  });

  test('a tag without a call, and all tags without tools, are text', () => {
    expect(read([content('<too'), content('l_ca'), stop], model(), true).all).toBe('<tool_ca');
    expect(read([content('<too'), content('l_call>'), stop], model(), false).texts).toEqual([
      '<too',
      'l_call>',
      '',
      '',
    ]);
  });

  test('their raw text beside them is not shown twice', () => {
    const raw = '<tool_call>\n{"name": "f", "arguments": {"x":1}}\n</tool_call>';
    const events = [...['I look.\n', raw].map(content), begin, rest, content(raw), stop];
    expect(read(events, model(), true)).toMatchObject({ all: 'I look.\n', toolCalls: [{ id: 'a' }] });
    expect(read([content(raw), stop], model(), true).all).toBe(raw);
  });

  test('in the field of the oldest servers are read too', () => {
    const one = (part: object) => chunk({ content: null, function_call: part });
    const events = [
      one({ name: 'f', arguments: '' }),
      one({ arguments: '{"x":1}' }),
      chunk({}, 'function_call'),
    ];
    expect(read(events, model(), true)).toMatchObject({
      toolCalls: [{ function: { name: 'f', arguments: '{"x":1}' } }],
    });
  });

  test('empty lists of calls on text are nothing', () => {
    const events = ['Hel', 'lo'].map(text => chunk({ content: text, tool_calls: [] }));
    expect(read([...events, stop], model(), true)).toMatchObject({
      all: 'Hello',
      toolCalls: [],
      finishReason: 'stop',
    });
  });
});

describe('the finish reason', () => {
  test.each<[string, string[], string]>([
    ['the first one stays', [content('A'), chunk({}, 'length'), chunk({}, 'stop')], 'length'],
    ['[DONE] alone is a stop', ['[DONE]'], 'stop'],
    ['[DONE] after text too', [content('A'), '[DONE]'], 'stop'],
    ['an empty one is none', [chunk({ content: 'A' }, ''), '[DONE]'], 'stop'],
    ['stop with calls is tool_calls', [calls({ index: 0, function: { name: 'f' } }), stop], 'tool_calls'],
    [
      'tool_calls with arguments that the limit cut is length',
      [calls({ index: 0, function: { name: 'f', arguments: '{"x' } }), chunk({}, 'tool_calls')],
      'length',
    ],
    [
      'length with calls stays',
      [calls({ index: 0, function: { name: 'f' } }), chunk({}, 'length')],
      'length',
    ],
  ])('%s', (_name, events, expected) => {
    expect(read(events).finishReason).toBe(expected);
  });
});

describe('usage', () => {
  test.each<[string, string[], object]>([
    ['none', [stop], {}],
    ['on the finishing chunk', [chunk({}, 'stop', usage(9, 4))], { prompt: 9, completion: 4 }],
    [
      'in a chunk without choices',
      [stop, JSON.stringify({ choices: [], usage: usage(9, 4) })],
      { prompt: 9, completion: 4 },
    ],
    [
      'the last one counts',
      [chunk({}, null, usage(9, 1)), chunk({}, 'stop', usage(9, 4))],
      { prompt: 9, completion: 4 },
    ],
    [
      'a second finishing chunk counts too much',
      [chunk({}, 'length', usage(34, 24)), chunk({}, 'stop', usage(34, 33))],
      { prompt: 34, completion: 24 },
    ],
    [
      'a second finishing chunk is better than nothing',
      [chunk({}, 'stop', usage(-1, 4)), chunk({}, 'stop', usage(34, 33))],
      { prompt: 34, completion: 4 },
    ],
    [
      '-1 at the end',
      [chunk({}, 'stop', usage(9, 4)), JSON.stringify({ choices: [], usage: usage(-1, -1) })],
      { prompt: 9, completion: 4 },
    ],
  ])('%s', (_name, events, expected) => {
    expect(read(events).usage).toEqual(expected);
  });
});

describe('begin is told when something generated has come', () => {
  test.each<[string, string, boolean]>([
    ['text', content('A'), true],
    ['text that is kept back', content('<'), true],
    ['reasoning', reasoning('Hm'), true],
    ['a call', calls({ index: 0, function: { name: 'f' } }), true],
    ['a completion', JSON.stringify({ choices: [{ text: 'A' }] }), true],
    ['a role', chunk({ role: 'assistant', content: '' }), false],
    ['empty reasoning', reasoning(''), false],
    ['an empty list of calls', calls(), false],
    ['usage', JSON.stringify({ choices: [], usage: usage(1, 1) }), false],
  ])('%s', (_name, event, expected) => {
    const stream = new ReadStream(model(), { tools: true });
    expect(stream.hasBegun).toBe(false);
    stream.push(event);
    expect(stream.hasBegun).toBe(expected);
  });
});

describe('what goes wrong', () => {
  test.each<[string, string[], string, string]>([
    ['an error frame', [content('A'), '{"error": "boom 中"}'], 'model-failed', 'The server said: boom 中.'],
    ['an error frame with nothing in it', ['{"error": ""}'], 'model-failed', 'while it answered'],
    [
      'an error object',
      ['{"error": {"message": "boom", "type": "x"}}'],
      'model-failed',
      'The server said: boom.',
    ],
    [
      'a rate limit in disguise',
      ['{"error": "429: [address=127.0.0.1:1, pid=2] Rate limit reached"}'],
      'rate-limited',
      'more requests than it takes',
    ],
    [
      'a masked error',
      ['{"error": "\'async for\' requires an object with __aiter__ method, got NoneType"}'],
      'model-failed',
      '__aiter__',
    ],
    [
      'a masked error of newer servers',
      ['{"error": "The chat completion request failed. Check the server logs for details."}'],
      'model-failed',
      'Check the server logs',
    ],
    ['no JSON', [content('A'), '{"choices": [{"del'], 'no-answer', '{"choices": [{"del'],
    ['JSON, but no object', ['"aborted"'], 'no-answer', 'not JSON'],
    ['a list', ['[]'], 'no-answer', 'not JSON'],
    ['an end before the end', [content('A')], 'broke-off', 'ended before it was finished'],
    ['nothing at all', [], 'broke-off', 'ended before it was finished'],
  ])('%s', (_name, events, code, message) => {
    const reading = () => read(events);
    expect(reading).toThrow(ServerError);
    expect(reading).toThrow(expect.objectContaining({ code }));
    expect(reading).toThrow(message);
    expect(reading).toThrow(/^((?!address=).)*$/);
  });

  test('a page in place of a stream', () => {
    const stream = new ReadStream(model(), {}, 'text/html');
    expect(() => stream.end()).toThrow('answered with text/html, not with a stream');
  });
});

describe('what comes without an end', () => {
  const endless = (event: (at: number) => string, deltas: number) => {
    const stream = new ReadStream(model(), { tools: true });
    for (let at = 0; at < deltas; at++) stream.push(event(at));
  };
  const call = (at: number, args: string) =>
    chunk({ tool_calls: [{ index: at, id: `c${at}`, function: { name: 'f', arguments: args } }] });

  test('arguments of a call, which are kept to the end, are given up', () => {
    expect(() => endless(() => call(0, 'x'.repeat(1_000_000)), 7)).not.toThrow();
    expect(() => endless(() => call(0, 'x'.repeat(1_000_000)), 9)).toThrow(/called tools without an end/);
  });

  test('calls are given up', () => {
    expect(() => endless(at => call(at, '{}'), 1_000)).not.toThrow();
    expect(() => endless(at => call(at, '{}'), 1_001)).toThrow(ServerError);
  });
});
