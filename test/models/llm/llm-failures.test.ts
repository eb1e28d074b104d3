import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostSession } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { chatAnswer } from '../../fake/xinference/endpoints/chat-answer.ts';
import {
  blackHole,
  closeMidBody,
  empty200,
  html200,
  resetMidBody,
  status,
  truncatedJson,
} from '../../fake/xinference/faults.ts';
import { defaultModels, llm } from '../../fake/xinference/models.ts';
import { event, type Handler, startEvents, write } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { chunk } from '../openai/chunks.ts';
import { type Answered, ask, bodies, CHAT, credentials, stream } from './invoke.ts';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeEach(async () => {
  const transformers = llm('transformers', {
    model_engine: 'Transformers',
    model_ability: ['chat', 'tools'],
  });
  server = await startFakeXinference({ models: [...defaultModels, transformers], reply: 'Hello there.' });
  plugin = await startPlugin({ logLevel: 'error' });
});

afterEach(async () => {
  await plugin.close();
  await server.close();
});

/** Answers by these bytes as events. */
function bytes(text: string): Handler {
  return async (_request, response) => {
    startEvents(response);
    await write(response, text);
    response.end();
  };
}

const tools = [{ name: 'get_weather', description: '', parameters: null }];
const call = { id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{}' } };

function invoke(uid: string, data: object = {}, form: object = {}): Promise<Answered> {
  return ask(plugin.host, server, uid, { ...data }, form);
}

function request(action: string, data: object, uid = 'chat', form: object = {}): HostSession {
  return plugin.host.request(action, { model: 'M', credentials: credentials(server, uid, form), ...data });
}

describe('a stream with tools that fails in-band', () => {
  const fails = stream(['{"error": "list index out of range"}']);
  const role = chunk({ role: 'assistant', content: '' });

  test.each([
    ['at once', fails],
    ['after a role', stream([role, '{"error": "list index out of range"}'])],
    ['without a word', stream(['{"error": ""}'])],
  ])('%s is asked once more without streaming', async (_when, handler) => {
    server.answer(CHAT, handler, { times: 1 });
    const { error, chunks, last } = await invoke('chat-tools', { tools });
    expect(error).toBeUndefined();
    expect(chunks).toHaveLength(1);
    expect(last?.message.tool_calls).toHaveLength(1);
    expect(bodies(server).map(body => body['stream'])).toEqual([true, false]);
  });

  test.each([
    ['text', { content: 'Hm' }],
    ['reasoning', { reasoning_content: 'Hm', content: null }],
    ['a call', { tool_calls: [call] }],
    ['text that was kept back', { content: '<' }],
  ])('after %s is an error', async (_what, delta) => {
    server.answer(CHAT, stream([chunk(delta), '{"error": "boom"}']), { times: 1 });
    const { error } = await invoke('chat-tools', { tools });
    expect(error).toMatchObject({ error_type: 'InvokeServerUnavailableError' });
    expect(bodies(server)).toHaveLength(1);
  });

  test('without tools, or over the limit, is an error', async () => {
    server.answer(CHAT, fails, { times: 1 });
    expect((await invoke('chat-tools')).error).toMatchObject({ error_type: 'InvokeServerUnavailableError' });
    server.answer(CHAT, stream(['{"error": "Rate limit reached"}']), { times: 1 });
    expect((await invoke('chat-tools', { tools })).error).toMatchObject({
      error_type: 'InvokeRateLimitError',
    });
    expect(bodies(server)).toHaveLength(2);
  });

  test('both times tells the second error', async () => {
    server.answer(CHAT, fails, { times: 1 });
    server.answer(CHAT, status(500, { detail: 'the second' }), { times: 1 });
    expect((await invoke('chat-tools', { tools })).error?.message).toContain('the second');
  });
});

describe('first_token_timeout', () => {
  const silent = { first_token_timeout: 0.2 };

  test.each<[string, string, Handler]>([
    ['describing the model takes', 'GET /v1/models/chat', blackHole],
    ['the answer’s head takes', CHAT, blackHole],
    ['the first content takes', CHAT, stream([chunk({ role: 'assistant', content: '' })], { hangs: true })],
  ])('counts what %s, and closes the connection', async (_phase, route, handler) => {
    server.answer(route, handler);
    expect((await invoke('chat', silent)).error).toMatchObject({ error_type: 'FirstTokenTimeoutError' });
    expect((await server.seen(route)[0]?.outcome)?.aborted).toBe(true);
  });

  test('counts what waiting between retries takes', async () => {
    server.answer(CHAT, status(503, 'busy', { 'retry-after': '20' }));
    const { error } = await invoke('chat', silent, { max_retries: '3' });
    expect(error).toMatchObject({ error_type: 'FirstTokenTimeoutError' });
    expect(bodies(server)).toHaveLength(1);
  });

  test.each([
    ['text', { content: 'Hm' }],
    ['reasoning', { reasoning_content: 'Hm' }],
    ['a call', { tool_calls: [{ index: 0, ...call }] }],
  ])('is met by %s', async (_what, delta) => {
    server.answer(CHAT, async (request, response) => {
      await stream([chunk(delta)], { hangs: true })(request, response, response.socket as never);
      await new Promise(resolve => setTimeout(resolve, 400));
      response.end(event(chunk({}, 'stop')));
    });
    expect((await invoke('chat-tools', { ...silent, tools })).error).toBeUndefined();
  });

  test('bounds nothing where nothing is streamed', async () => {
    server.answer(CHAT, async (request, response, socket) => {
      await new Promise(resolve => setTimeout(resolve, 400));
      await chatAnswer({ content: 'late' })(request, response, socket);
    });
    expect((await invoke('chat', { ...silent, stream: false })).text).toBe('late');
  });

  test('bounds a stream whose answer has to come whole, too', async () => {
    server.answer(CHAT, blackHole);
    const { error } = await invoke('transformers', { ...silent, tools });
    expect(error).toMatchObject({ error_type: 'FirstTokenTimeoutError' });
  });
});

describe('an answer that the server gave up', () => {
  const text = chunk({ content: 'Hello' });

  test.each<[string, Handler, string, string]>([
    [
      'finish abort',
      stream([text, chunk({}, 'abort'), '[DONE]']),
      'InvokeServerUnavailableError',
      'given up before it was finished. The server said: finish reason abort.',
    ],
    [
      'finish content_filter',
      stream([text, chunk({}, 'content_filter'), '[DONE]']),
      'InvokeBadRequestError',
      'A content filter stopped the answer',
    ],
    [
      'a field error',
      bytes(`${event(text)}error: {"message":"boom"}\n\n`),
      'InvokeServerUnavailableError',
      'boom',
    ],
    [
      'an event error',
      bytes(`${event(text)}event: error\ndata: boom\n\n`),
      'InvokeServerUnavailableError',
      'boom',
    ],
    [
      'an object of another kind',
      stream([text, '{"error_code": 1, "error_msg": "boom"}', '[DONE]']),
      'InvokeServerUnavailableError',
      '1: boom',
    ],
  ])('%s: its text stays, and an error follows', async (_how, handler, error_type, message) => {
    server.answer(CHAT, handler);
    const { text: said, error } = await invoke('chat');
    expect({ said, type: error?.error_type }).toEqual({ said: 'Hello', type: error_type });
    expect(error?.message).toContain(message);
  });

  test.each([true, false])(
    'whole, asked for by stream %j: its text stays, and an error follows',
    async streamed => {
      const message = { role: 'assistant', content: 'Hello' };
      server.answer(CHAT, status(200, { choices: [{ index: 0, message, finish_reason: 'error' }] }));
      const { text: said, error } = await invoke('chat', { stream: streamed });
      expect({ said, type: error?.error_type }).toEqual({
        said: 'Hello',
        type: 'InvokeServerUnavailableError',
      });
    },
  );

  test('a stream that is called JSON is a stream, and JSON that is called a stream is an answer', async () => {
    server.answer(CHAT, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(event(text) + event(chunk({}, 'stop')) + event('[DONE]'));
    });
    expect(await invoke('chat')).toMatchObject({ text: 'Hello', error: undefined });
    const message = { role: 'assistant', content: 'Hello' };
    server.answer(
      CHAT,
      bytes(JSON.stringify({ choices: [{ index: 0, message, finish_reason: null }] }, null, 2)),
    );
    expect(await invoke('chat')).toMatchObject({ text: 'Hello', error: undefined });
  });

  test('a stream that comes where none was asked for is an answer in one piece', async () => {
    server.answer(CHAT, stream([text, chunk({ content: ' there' }), chunk({}, 'length'), '[DONE]']));
    const { chunks, text: said, last } = await invoke('chat', { stream: false });
    expect([chunks.length, said, last?.finish_reason]).toEqual([1, 'Hello there', 'length']);
    server.answer(CHAT, stream([text, '{"error": "boom"}']));
    expect((await invoke('chat', { stream: false })).error?.message).toContain('boom');
  });

  test('a stream in which nothing was an answer shows what came', async () => {
    server.answer(CHAT, stream(['{"id": "x", "choices": null}', '[DONE]']));
    const { text: said, error } = await invoke('chat');
    expect({ said, type: error?.error_type }).toEqual({ said: '', type: 'InvokeServerUnavailableError' });
    expect(error?.message).toContain('{"id":"x","choices":null}');
  });

  test('with tools and nothing begun, an abort is asked once more without streaming', async () => {
    server.answer(CHAT, stream([chunk({}, 'abort')]), { times: 1 });
    expect((await invoke('chat-tools', { tools })).last?.message.tool_calls).toHaveLength(1);
  });
});

describe('an answer that breaks', () => {
  test.each<[string, Handler, string]>([
    ['reset', resetMidBody, 'broke off in the middle'],
    ['closed', closeMidBody, 'broke off in the middle'],
    ['ended early', stream([chunk({ content: 'Hello' })]), 'before it was finished'],
    ['no JSON', stream([chunk({ content: 'Hello' }), '{"choi']), '{"choi'],
    ['an error', stream([chunk({ content: 'Hello' }), '{"error": "boom"}']), 'boom'],
  ])('%s: what came goes out before the error', async (_how, handler, message) => {
    server.answer(CHAT, handler);
    const { text, error } = await invoke('chat');
    expect({ text, type: error?.error_type }).toEqual({
      text: 'Hello',
      type: 'InvokeServerUnavailableError',
    });
    expect(error?.message).toContain(message);
  });

  test('what came in one read with the error goes out too', async () => {
    server.answer(CHAT, async (_request, response) => {
      startEvents(response);
      await write(response, event(chunk({ content: 'Hello' })) + event('{"error": "boom"}'));
      response.end();
    });
    const { text, error } = await invoke('chat');
    expect({ text, type: error?.error_type }).toEqual({
      text: 'Hello',
      type: 'InvokeServerUnavailableError',
    });
  });

  test.each<[string, Handler, string]>([
    ['a web page', html200, 'Sign in'],
    ['nothing', empty200, 'is empty'],
    ['half of it', truncatedJson, 'no JSON object'],
    ['a JSON text, as an aborted request gives', status(200, '"aborted"', {}), 'aborted'],
    ['JSON that is no answer', status(200, { hello: 'world' }), 'hello'],
    [
      'an error under a 200',
      status(200, { error: { message: 'context_length_exceeded' } }),
      'context_length_exceeded',
    ],
  ])('whole: %s', async (_what, handler, message) => {
    server.answer(CHAT, handler);
    const { error } = await invoke('chat', { stream: false });
    expect(error).toMatchObject({ error_type: 'InvokeServerUnavailableError' });
    expect(error?.message).toContain(message);
  });

  test('what came in one read with the error goes out whole, over as many lines as it takes', async () => {
    await using narrow = await startPlugin({ maxLineBytes: 2_000 });
    const text = 'x'.repeat(30_000);
    server.answer(CHAT, (_request, response) => {
      startEvents(response);
      response.end(event(chunk({ content: text })) + event('{"error": "boom"}'));
    });
    const answer = await ask(narrow.host, server, 'chat');
    expect(answer.text).toBe(text);
    expect(answer.error?.message).toContain('boom');
  });

  test('a web page in place of a stream', async () => {
    server.answer(CHAT, html200);
    expect((await invoke('chat')).error?.message).toContain('answered with text/html, not with a stream');
  });

  test('a system message in a wrong place is explained', async () => {
    const detail = "The template wants the 'system' role first; found a system message at position 2.";
    server.answer(CHAT, status(400, { detail }));
    const { error } = await invoke('chat');
    expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(error?.message).toMatch(/position 2\..*at the very beginning only/);
  });
});

test('a cancel closes the connection, so that the server can stop', async () => {
  server.answer(CHAT, stream([chunk({ content: 'Hello' })], { hangs: true }));
  const prompt_messages = [{ role: 'user', content: 'Hello' }];
  const session = request('invoke_llm', { prompt_messages, stream: true });
  for await (const message of session.messages) if (message.type === 'stream') plugin.host.cancel(session.id);
  expect((await session.result()).error).toMatchObject({ error_type: 'RequestCancelledError' });
  const upstream = await server.arrival(CHAT);
  expect((await upstream.outcome).aborted).toBe(true);
});
