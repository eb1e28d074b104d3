import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../../src/http/errors/errors.ts';
import { calls, chunk, content, ReadStream, reasoning, stop } from '../chunks.ts';
import { model } from '../samples.ts';

/** What comes of a stream: its text, then how it ended, or the error. */
function outcome(pieces: readonly Buffer[], contentType = 'text/event-stream'): string {
  const stream = new ReadStream(model(), { tools: true }, contentType);
  let text = '';
  const take = (bytes?: Buffer) => {
    try {
      text += stream.pushBytes(bytes);
    } catch (error) {
      text += stream.written;
      throw error;
    }
  };
  try {
    for (const piece of pieces) take(piece);
    take();
    const end = stream.end();
    const called = end.toolCalls.map(call => ` ${call.function.name}${call.function.arguments}`).join('');
    return `${text}${end.text}${called} | ${end.failure ? said(end.failure) : end.finishReason}`;
  } catch (error) {
    return `${text} | ${said(error)}`;
  }
}

/** What comes of a text as a stream, in one piece and byte by byte alike. */
function outcomeOf(text: string): string {
  const bytes = Buffer.from(text);
  const whole = outcome([bytes]);
  expect(outcome(Array.from(bytes, byte => Buffer.of(byte)))).toBe(whole);
  return whole;
}

function said(error: unknown): string {
  return error instanceof ServerError ? `${error.code}: ${error.message}` : String(error);
}

const data = (...events: string[]) => events.map(event => `data: ${event}\n\n`).join('');
const done = data('[DONE]');
const hi = data(content('Hi'));
const message = (rest: object = {}, finish_reason: string | null = 'stop', object = 'chat.completion') =>
  JSON.stringify({
    object,
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi', ...rest }, finish_reason }],
  });
const role = data(chunk({ role: 'assistant', content: '' }));
const failed =
  'model-failed: The model failed while it answered at http://gpu:9997/v1/chat/completions. The server said: boom.';
const given = 'was given up before it was finished. The server said: finish reason ';

describe('failure in other ways is never an empty success', () => {
  test.each<[string, string, string]>([
    ['a field error', 'error: {"code":500,"message":"boom","type":"server_error"}\n\n', ` | ${failed}`],
    ['a field error after text', `${hi}error: boom\n\n${done}`, `Hi | ${failed}`],
    ['an event error with a text', `event: error\ndata: boom\n\n${done}`, ` | ${failed}`],
    ['an event error with an object', `event: error\ndata: {"message":"boom"}\n\n${done}`, ` | ${failed}`],
    ['an event error with a chunk', `event: error\ndata: ${content('boom')}\n\n${done}`, 'boom'],
    ['error_code', data('{"error_code":1,"error_msg":"boom"}') + done, '1: boom'],
    ['code', data('{"code":"X","message":"boom"}') + done, 'X: boom'],
    ['detail', data('{"detail":"boom"}') + done, ` | ${failed}`],
    ['detail after text', `${hi}${data('{"detail":"boom"}')}${done}`, `Hi | ${failed}`],
    [
      'an error in the choice',
      data(chunk({ content: '' }).replace('"index"', '"error":{"message":"boom"},"index"')),
      ` | ${failed}`,
    ],
    [
      'choices: null',
      data('{"id":"x","choices":null}') + done,
      'no answer of a model. The server said: {"id":"x","choices":null}',
    ],
    [
      'no choices',
      data('{"id":"x","choices":[]}') + done,
      'no answer of a model. The server said: {"id":"x","choices":[]}',
    ],
    ['counts alone', data('{"choices":[],"usage":{"prompt_tokens":1}}') + done, 'no answer of a model'],
    ['a hello', data('{"hello":"world"}') + done, 'no answer of a model. The server said: {"hello":"world"}'],
    ['a text without a field', 'upstream connect error', 'not JSON. The server said: upstream connect error'],
    ['an object without a field', '{"detail":"boom"}', ` | ${failed}`],
    ['an object without a field, over several lines', '{\n  "detail": "boom"\n}\n', ` | ${failed}`],
    ['a rate limit by its code', data('{"error":{"code":429,"message":"slow down"}}'), 'rate-limited: '],
    ['a field Error', `Error: boom\n\n${done}`, ` | ${failed}`],
    ['a field ERROR after text', `${hi}ERROR: boom\n\n${done}`, `Hi | ${failed}`],
    ['an event timeout after text', `${hi}event: timeout\ndata: boom\n\n${done}`, `Hi | ${failed}`],
    ['an event error with a number', `event: error\ndata: 503\n\n${done}`, 'The server said: 503.'],
    ['unknown fields and [DONE]', `DATA: ${content('Hi')}\n\n${done}`, 'not JSON. The server said: DATA: {'],
    ['a text without a field and [DONE]', `upstream died\n\n${done}`, 'The server said: upstream died.'],
    ['an error in the delta', data(chunk({ error: { message: 'boom' } })) + done, ` | ${failed}`],
    ['a list of errors', data('{"errors":[{"message":"boom"}]}') + done, ` | ${failed}`],
    ['a choice with nothing', data('{"choices":[{"index":0}]}') + done, 'no answer of a model'],
    [
      'a choice without a delta',
      data('{"choices":[{"index":0,"delta":null,"finish_reason":null}]}') + done,
      'no answer of a model',
    ],
    [
      'choices: null after a role',
      role + data('{"choices":null}') + done,
      'The server said: {"choices":null}',
    ],
    ['a hello after a role', role + data('{"hello":"world"}') + done, 'The server said: {"hello":"world"}'],
    ['nothing', '', 'ended before it was finished'],
  ])('%s', (_name, text, expected) => {
    expect(outcomeOf(text)).toContain(expected);
  });

  test('what was sent in place of a stream is shown', () => {
    expect(outcome([Buffer.from('<html><body>Sign in</body></html>')], 'text/html')).toMatch(
      /answered with text\/html, not with a stream\. The server said: a web page: Sign in/,
    );
  });
});

describe('what is an answer all the same', () => {
  test.each<[string, string, string]>([
    ['[DONE] alone (nothing was generated)', done, ' | stop'],
    ['a role and [DONE] (4.1.0)', role + done, ' | stop'],
    [
      'a role, counts and [DONE]',
      role + data('{"choices":null,"usage":{"prompt_tokens":1}}') + done,
      ' | stop',
    ],
    ['a role, a chunk without choices and [DONE]', role + data('{"choices":[]}') + done, ' | stop'],
    ['a role, an end, a hello and [DONE]', role + data(stop, '{"hello":"world"}') + done, ' | stop'],
    ['a role, a hello, text', role + data('{"hello":"world"}') + hi + data(stop) + done, 'Hi | stop'],
    ['an empty payload between', `${hi}${data('{}')}${data(stop)}${done}`, 'Hi | stop'],
    ['a whole answer as the payload', data(message()) + done, 'Hi | stop'],
    ['a whole answer as the payload, without an end', data(message({}, null)), 'Hi | stop'],
    ['a whole answer without its object', data(message({}, 'length', '')), 'Hi | length'],
    ['a whole answer without its object or a finish reason', data(message({}, null, '')), 'Hi | stop'],
    ['a whole answer without a field', message(), 'Hi | stop'],
    ['a whole answer over several lines', JSON.stringify(JSON.parse(message()), null, 2), 'Hi | stop'],
    [
      'a whole answer with thoughts',
      data(message({ reasoning_content: 'Hm.' })),
      '<think>\nHm.\n</think>Hi | stop',
    ],
    [
      'a whole answer with calls',
      data(message({ content: null, tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] })),
      ' f{} | tool_calls',
    ],
    [
      'one call in the place of the list',
      data(chunk({ tool_calls: { id: 'a', function: { name: 'f', arguments: '{}' } } }), stop),
      ' f{} | tool_calls',
    ],
    [
      'messages in the place of deltas',
      data(message({}, null, ''), message({ content: '!' }, 'stop', '')),
      'Hi! | stop',
    ],
    [
      'no blank lines (proxies)',
      `data: ${content('H')}\ndata: ${content('i')}\ndata: ${stop}\ndata: [DONE]\n`,
      'Hi | stop',
    ],
    [
      'a refusal in a field of its own',
      data(chunk({ refusal: 'I can' }), chunk({ refusal: 'not.' }), stop),
      'I cannot. | stop',
    ],
    ['a whole refusal', data(message({ content: null, refusal: 'No.' })), 'No. | stop'],
    [
      'thoughts as a part of the content (Mistral)',
      data(
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }] }),
        content('Hi'),
        stop,
      ),
      '<think>\nHm.\n</think>Hi | stop',
    ],
    ['a part as the content', data(chunk({ content: { type: 'text', text: 'Hi' } }), stop), 'Hi | stop'],
    ['no fields (NDJSON)', `${content('H')}\n${content('i')}\n${stop}\n`, 'Hi | stop'],
    [
      'finish_reason "null" in each chunk (DashScope)',
      data(chunk({ content: 'Hi' }, 'null'), stop),
      'Hi | stop',
    ],
    ['an emoji in two chunks', data(content('A\ud83d'), content('\ude00B'), stop), 'A😀B | stop'],
    [
      'an emoji in two chunks of thoughts',
      data(reasoning('A\ud83d'), reasoning('\ude00B'), content('C'), stop),
      '<think>\nA😀B\n</think>C | stop',
    ],
    ['no JSON after the finish reason', `${hi}${data(stop)}event: close\ndata: bye\n\n`, 'Hi | stop'],
    ['an end in other letters', hi + data(stop, '"[DONE]"', '[done]'), 'Hi | stop'],
    ['a whole answer after its deltas', hi + data(message()) + done, 'Hi | stop'],
    ['a whole answer twice', data(message(), message()) + done, 'Hi | stop'],
    [
      'whole answers that are pieces',
      data(message({}, null), message({ content: '!' }, null), message({ content: '' })) + done,
      'Hi! | stop',
    ],
    [
      'an error field that is always there',
      data(
        content('Hi').replace('{', '{"error":{"message":"","code":null},'),
        stop.replace('{', '{"error":"",'),
      ),
      'Hi | stop',
    ],
    [
      'fields that say that all is well before the answer',
      data('{"choices":[],"code":0,"error_msg":"","message":"ok"}', content('Hi'), stop),
      'Hi | stop',
    ],
    ['a whole answer with an empty error', data(message().replace('{', '{"error":"",')), 'Hi | stop'],
    [
      'half an emoji in thoughts, half in the answer',
      data(reasoning('A\ud83d'), content('\ude00B'), stop),
      '<think>\nA\ufffd\n</think>\ufffdB | stop',
    ],
    ['half an emoji in a whole answer', data(message({ content: 'A\ud83d' })), 'A\ufffd | stop'],
    ['half an emoji at the end', data(content('A\ud83d'), stop), 'A\ufffd | stop'],
  ])('%s', (_name, text, expected) => {
    expect(outcomeOf(text)).toBe(expected);
  });
});

describe('finish reasons that are no end', () => {
  test.each<[string, string, string]>([
    [
      'abort',
      data(content('Hi'), chunk({}, 'abort')) + done,
      `Hi | abandoned: The answer of http://gpu:9997/v1/chat/completions ${given}abort.`,
    ],
    ['error', data(content('Hi'), chunk({ content: '!' }, 'error')) + done, `Hi! | abandoned: `],
    ['error with nothing', data(chunk({}, 'error')), ' | abandoned: '],
    [
      'content_filter',
      data(content('Hi'), chunk({}, 'content_filter')),
      'Hi | filtered: A content filter stopped the answer of ',
    ],
    [
      'abort within an object (SGLang)',
      data(content('Hi')) + data(chunk({}).replace('null', '{"type":"abort","message":"no room"}')),
      `${given}abort: no room.`,
    ],
    ['abort of a whole answer', data(message({}, 'abort')), 'Hi | abandoned: '],
    [
      'thoughts, then abort',
      data(reasoning('Hm.'), chunk({}, 'abort')),
      '<think>\nHm.\n</think> | abandoned: ',
    ],
    [
      'calls, then error',
      data(calls({ index: 0, function: { name: 'f' } }), chunk({}, 'error')),
      ' | abandoned: ',
    ],
  ])('%s: the text stays, and then an error says so', (_name, text, expected) => {
    expect(outcomeOf(text)).toContain(expected);
  });
});

describe('wherever its bytes are cut', () => {
  const all: [string, string][] = [
    ['a field error', `${hi}error: {"message":"boom 中"}\n\n`],
    ['an event error', `${hi}event: error\r\ndata: {"message":"boom"}\r\n\r\n`],
    ['no blank lines', `data: ${content('H')}\ndata: ${content('中')}\ndata: ${stop}\ndata: [DONE]\n`],
    ['a whole answer', JSON.stringify(JSON.parse(message()), null, 2)],
    ['a text', 'upstream connect error'],
    ['an emoji', data(content('A😀'), content('\ud83d'), content('\ude00'), stop)],
    ['marks', data(content('<thin'), content('king>Hm.</thinking>'), content('A'), stop)],
    [
      'harmony',
      data(
        content('<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>A'),
        stop,
      ),
    ],
    ['an abort', data(content('Hi'), chunk({}, 'abort'))],
  ];
  test.each(all)('%s comes out the same', (_name, text) => {
    const bytes = Buffer.from(text);
    const whole = outcome([bytes]);
    for (let at = 1; at < bytes.length; at++) {
      expect(outcome([bytes.subarray(0, at), bytes.subarray(at)])).toBe(whole);
    }
    expect(outcome(Array.from(bytes, byte => Buffer.of(byte)))).toBe(whole);
  });
});

test('an emoji’s first half waits for the other, and nothing else does', () => {
  const stream = new ReadStream();
  expect(
    [content('A\ud83d'), content(''), content('\ude00B'), content('C')].map(event => stream.push(event)),
  ).toEqual(['A', '', '😀B', 'C']);
});
