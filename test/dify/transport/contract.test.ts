import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LlmChunk } from '../../../src/dify/protocol/results.schemas.ts';
import { type ServedPlugin, type TransportName, transports } from '../../fake/plugin/transports.ts';
import { rateLimited, status } from '../../fake/xinference/faults.ts';
import { event, type Handler, pythonJson, startEvents, write } from '../../fake/xinference/replies.ts';
import type { FakeRequest } from '../../fake/xinference/request.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const CHAT = 'POST /v1/chat/completions';
const MiB = 1024 * 1024;

let server: FakeXinference;
let plugin: ServedPlugin;

/** What the user asked, as it came to the server. */
function questionOf(request: FakeRequest): string {
  const { messages } = request.body as { messages: { content: string }[] };
  return messages[0]?.content ?? '';
}

function delta(content: string, finish_reason: string | null = null): string {
  const choice = { index: 0, delta: { content }, finish_reason };
  return event(pythonJson({ id: 'c', object: 'chat.completion.chunk', choices: [choice] }));
}

function finish(response: ServerResponse): void {
  response.end(`${delta('', 'stop')}${event('[DONE]')}`);
}

/** Says the question, over and over. */
const echo: Handler = async (request, response) => {
  startEvents(response);
  for (let times = 0; times < 20; times++) await write(response, delta(`${questionOf(request)} `));
  finish(response);
};

const KEY = 'sk-contract-5e1f0';

function ask(question: string, parameters: object = {}) {
  return plugin.host.request('invoke_llm', {
    model: 'chat',
    credentials: { server_url: server.url, model_uid: 'chat', api_key: KEY, max_retries: '0' },
    prompt_messages: [{ role: 'user', content: question }],
    model_parameters: parameters,
    stream: true,
  });
}

function textOf(stream: readonly unknown[]): string {
  return stream.map(chunk => (chunk as LlmChunk).delta.message.content).join('');
}

/** What is the same for a host, whichever way it talks to the plugin. */
describe.each(Object.keys(transports) as TransportName[])('over %s', name => {
  beforeAll(async () => {
    server = await startFakeXinference();
    plugin = await transports[name]({ LOG_LEVEL: 'debug' });
  });
  afterAll(async () => {
    await plugin[Symbol.asyncDispose]();
    await server.close();
  });
  afterEach(() => server.clear());

  // That no key stands in what the plugin says is looked at when it ends.
  it('a failure that repeats the key is told, and logged, without it', async () => {
    server.answer(CHAT, status(500, { detail: `The token ${KEY} broke me.` }));
    const { error } = await ask('hi').result();
    expect(error?.message).toContain('The token *** broke me.');
  });

  it('a chunk reaches the host while the server still writes', async () => {
    const gate = Promise.withResolvers<void>();
    server.answer(CHAT, async (_request, response) => {
      startEvents(response);
      await write(response, delta('first'));
      await gate.promise;
      await write(response, delta(' second'));
      finish(response);
    });
    const session = ask('hi');
    for await (const message of session.messages) {
      if (message.type === 'stream') gate.resolve();
    }
    const { stream, error } = await session.result();
    expect(error).toBeUndefined();
    expect(textOf(stream)).toBe('first second');
  });

  it('an error of the server ends the session, in the words that Dify knows', async () => {
    server.answer(CHAT, rateLimited);
    const { stream, error } = await ask('hi').result();
    expect(stream).toEqual([]);
    expect(error?.error_type).toBe('InvokeRateLimitError');
  });

  it('a cancel aborts the request to the server', async () => {
    server.answer(CHAT, () => undefined);
    const session = ask('hi');
    const request = await server.arrival(CHAT);
    plugin.host.cancel(session.id);
    expect((await request.outcome).aborted).toBe(true);
    // Over HTTP the cancel is the end of the connection, so there is no one left to tell.
    if (name !== 'serverless') {
      expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    }
  });

  it('a bad line hurts nobody but its sender', async () => {
    server.answer(CHAT, echo);
    const before = ask('before');
    const lines = ['no JSON', '[]', '{"event":"request"}', '{"event":"dance","session_id":"a"}', '\u0000'];
    for (const line of lines) plugin.host.send(line);
    const after = ask('after');
    expect(textOf((await before.result()).stream)).toBe('before '.repeat(20));
    expect(textOf((await after.result()).stream)).toBe('after '.repeat(20));
    if (plugin.http) {
      await plugin.http.refusal(lines.length);
      expect(plugin.http.refusals.map(({ status }) => status)).toEqual(lines.map(() => 400));
    }
  });

  it('an unknown action is answered', async () => {
    const session = plugin.host.expect('unknown');
    const data = { type: 'model', action: 'invoke_moon' };
    plugin.host.send(JSON.stringify({ event: 'request', session_id: 'unknown', data }));
    const { error } = await session.result();
    expect(error?.error_type).toBe('InvokeBadRequestError');
    expect(error?.message).toContain('invoke_moon');
  });

  it('many requests at once get their own answers', async () => {
    server.answer(CHAT, echo);
    const questions = Array.from({ length: 100 }, (_, at) => `question-${at}`);
    const results = await Promise.all(questions.map(question => ask(question).result()));
    expect(results.map(({ stream }) => textOf(stream))).toEqual(
      questions.map(question => `${question} `.repeat(20)),
    );
  });

  it('a host that does not read holds the server back', async () => {
    let written = 0;
    server.answer(CHAT, async (_request, response) => {
      startEvents(response);
      const piece = delta('word '.repeat(2000));
      while (await write(response, piece)) written += piece.length;
    });
    plugin.host.pause();
    const session = ask('hi');
    const request = await server.arrival(CHAT);
    let seen = 0;
    while (written === 0 || written !== seen) {
      seen = written;
      await sleep(500);
    }
    // What fits into the buffers of two connections and a pipe; without back-pressure it has no end.
    expect(written).toBeLessThan(48 * MiB);
    plugin.host.resume();
    plugin.host.cancel(session.id);
    expect((await request.outcome).aborted).toBe(true);
  });

  it('a request of 4.5 MiB arrives whole', async () => {
    const question = '📎 text '.repeat((4.5 * MiB) / 10);
    server.answer(CHAT, async (request, response) => {
      startEvents(response);
      await write(response, delta(String(questionOf(request) === question)));
      finish(response);
    });
    expect(textOf((await ask(question).result()).stream)).toBe('true');
  });
});

describe.each(Object.keys(transports) as TransportName[])('over %s, at the end', name => {
  beforeAll(async () => {
    server = await startFakeXinference();
    server.answer(CHAT, () => undefined);
  });
  afterAll(() => server.close());

  it('a host that goes away leaves no request behind at the server', async () => {
    plugin = await transports[name]({});
    ask('hi');
    const request = await server.arrival(CHAT);
    plugin.leave();
    expect((await request.outcome).aborted).toBe(true);
    await plugin[Symbol.asyncDispose]();
  });

  it('SIGTERM twice answers every open session, and the exit code is 0', async () => {
    server.clear();
    server.answer(CHAT, () => undefined);
    plugin = await transports[name]({});
    const sessions = [1, 2, 3].map(() => ask('hi'));
    await server.arrival(CHAT, 3);
    plugin.kill('SIGTERM');
    await sleep(200); // signals of one kind that come together are one
    plugin.kill('SIGTERM');
    for (const session of sessions) {
      expect((await session.result()).error?.error_type).toBe('InvokeServerUnavailableError');
    }
    expect(await plugin.exit).toEqual({ code: 0, signal: null });
    await plugin[Symbol.asyncDispose]();
  });
});
