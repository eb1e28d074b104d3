import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { llm } from './models.ts';
import { bodyBytes, chunkBytes, type Recording, recording } from './recordings/recordings.ts';
import { sendJson } from './replies.ts';
import { type FakeXinference, type FakeXinferenceOptions, startFakeXinference } from './xinference-server.ts';

const servers: FakeXinference[] = [];

async function start(options?: FakeXinferenceOptions): Promise<FakeXinference> {
  const server = await startFakeXinference(options);
  servers.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map(server => server.close()));
});

const post = (server: FakeXinference, path: string, body: unknown) =>
  fetch(server.url + path, { method: 'POST', body: JSON.stringify(body) });

const messages = [{ role: 'user', content: 'Hi' }];

describe('what the server remembers', () => {
  it('a JSON body parsed, a form in parts, and the connection that each came over', async () => {
    const server = await start();
    await (await post(server, '/v1/rerank?a=1', { model: 'rerank', query: 'q', documents: [] })).text();
    const form = new FormData();
    form.append('model', 'whisper');
    form.append('file', new Blob(['RIFF'], { type: 'audio/wav' }), 'a.wav');
    await (await fetch(`${server.url}/v1/audio/transcriptions`, { method: 'POST', body: form })).text();
    const [first, second] = server.requests;
    expect(first).toMatchObject({
      route: 'POST /v1/rerank',
      body: { query: 'q' },
      connection: 1,
      aborted: false,
    });
    expect(first?.query.get('a')).toBe('1');
    expect(second?.field('model')).toBe('whisper');
    expect(second?.file('file')).toMatchObject({ filename: 'a.wav', type: 'audio/wav' });
    server.clear();
    expect(server.requests).toEqual([]);
  });

  it('that the client went away in the middle of a stream, and when', async () => {
    const server = await start({ chunkDelay: 5, chunkCount: 10_000 });
    const controller = new AbortController();
    const body = JSON.stringify({ model: 'chat', messages, stream: true });
    const response = await fetch(`${server.url}/v1/chat/completions`, {
      method: 'POST',
      body,
      signal: controller.signal,
    });
    await response.body?.getReader().read();
    const arrived = await server.arrival('POST /v1/chat/completions');
    expect(arrived.aborted).toBe(false);
    controller.abort();
    expect((await arrived.outcome).aborted).toBe(true);
    expect(arrived.signal.aborted).toBe(true);
    expect(arrived.abortedAt).toBeGreaterThan(arrived.at);
  });

  it('a request that has not come yet is waited for', async () => {
    const server = await start();
    const second = server.arrival('GET /v1/models', 2);
    await fetch(`${server.url}/v1/models`);
    await fetch(`${server.url}/v1/models`);
    expect(await second).toBe(server.requests[1]);
  });
});

describe('connections', () => {
  it('are kept for the next request, and closed once idle for as long as told', async () => {
    const server = await start({ keepAliveTimeout: 50 });
    const agent = new Agent({ keepAliveTimeout: 10_000, connections: 1 });
    for (let turn = 0; turn < 3; turn++) {
      const { body, headers } = await request(`${server.url}/v1/models`, { dispatcher: agent });
      await body.dump();
      // uvicorn gives its client no hint.
      expect(headers).not.toHaveProperty('keep-alive');
      expect(headers).not.toHaveProperty('connection');
    }
    expect([server.connections, server.openConnections]).toEqual([1, 1]);
    while (server.openConnections > 0) await sleep(10);
    await agent.close();
  });

  it('speak TLS with a certificate that nobody trusts, when told so', async () => {
    const server = await start({ tls: true });
    await expect(request(`${server.url}/v1/models`)).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const trusting = new Agent({ connect: { rejectUnauthorized: false } });
    const { statusCode, body } = await request(`${server.url}/v1/models`, { dispatcher: trusting });
    await body.dump();
    expect(statusCode).toBe(200);
    await trusting.close();
  });
});

describe('answers of a test', () => {
  it('are used up in order, the last one stays, and * stands for the rest of a route', async () => {
    const server = await start();
    const say = (word: string) => (_request: unknown, response: Parameters<typeof sendJson>[0]) =>
      sendJson(response, 200, word);
    server.answer('GET /v1/models*', say('once'), { times: 1 });
    server.answer('GET /v1/models*', say('twice'), { times: 2 });
    server.answer('GET /v1/models*', say('replaced'));
    server.answer('GET /v1/models*', say('always'));
    const heard: unknown[] = [];
    for (const uid of ['a', 'b', 'c', 'd', 'e'])
      heard.push(await (await fetch(`${server.url}/v1/models/${uid}`)).json());
    expect(heard).toEqual(['once', 'twice', 'twice', 'always', 'always']);
    server.clear();
    expect((await fetch(`${server.url}/v1/models/chat`)).status).toBe(200);
  });

  it('chunkCount says how many text events there are', async () => {
    const server = await start({ chunkCount: 100, reply: 'one two three' });
    const stream = await (
      await post(server, '/v1/chat/completions', { model: 'chat', messages, stream: true })
    ).text();
    const events = stream.split('\r\n\r\n').slice(0, -3);
    expect(events).toHaveLength(100);
    const text = events.map(event => JSON.parse(event.slice(6)).choices[0].delta.content).join('');
    expect(text.startsWith('one two three one two')).toBe(true);
  });

  it('a model gives a tool call, an object of the schema, a stopped or cut text when asked for it', async () => {
    const server = await start({
      models: [llm('m', { model_ability: ['chat', 'tools'] })],
      reply: 'one two three four',
    });
    const ask = async (more: object) => {
      const answer = (await (
        await post(server, '/v1/chat/completions', { model: 'm', messages, ...more })
      ).json()) as {
        choices: [
          {
            message: { content: string; tool_calls?: { function: { name: string; arguments: string } }[] };
            finish_reason: string;
          },
        ];
      };
      return answer.choices[0];
    };
    const parameters = {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'integer' } },
    };
    const called = await ask({ tools: [{ type: 'function', function: { name: 'weather', parameters } }] });
    expect(called.finish_reason).toBe('tool_calls');
    expect(called.message.tool_calls?.[0]?.function).toEqual({
      name: 'weather',
      arguments: '{"city": "Paris", "days": 3}',
    });
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } } };
    const format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
    expect((await ask({ response_format: format })).message.content).toBe('{"ok":true}');
    expect(await ask({ stop: ['three'] })).toMatchObject({
      message: { content: 'one two ' },
      finish_reason: 'stop',
    });
    expect(await ask({ max_tokens: 2 })).toMatchObject({
      message: { content: 'one two' },
      finish_reason: 'length',
    });
  });
});

describe('a replay', () => {
  const names = ['chat-llamacpp-stream-unicode', 'vllm-qwen-tool-stream', 'tts-mp3', 'error-unknown-model'];

  /** The raw bytes of the answer to the recording's request, and the pieces in which they were read. */
  async function raw(server: FakeXinference, { request }: Recording): Promise<Buffer[]> {
    const socket = connect(server.port, '127.0.0.1');
    const pieces: Buffer[] = [];
    socket.on('data', piece => pieces.push(piece));
    const body = request.text ?? '';
    socket.write(
      `${request.method} ${request.path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
    await once(socket, 'close');
    return pieces;
  }

  it.each(names)('%s: the head as recorded, the body byte for byte however it is cut', async name => {
    const server = await start();
    const recorded = recording(name);
    const body = bodyBytes(recorded);
    for (const cut of ['recorded', 'whole', 'bytes', [1, 7, body.length - 1]] as const) {
      server.replay(recorded, { cut });
      const answer = await fetch(server.url + recorded.request.path, {
        method: 'POST',
        body: recorded.request.text ?? '',
      });
      expect(answer.status).toBe(recorded.response.status);
      expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    }
    server.replay(recorded);
    const bytes = Buffer.concat(await raw(server, recorded)).toString('latin1');
    const sent = bytes.slice(0, bytes.indexOf('\r\n\r\n')).split('\r\n').slice(1);
    const expected = recorded.response.headers.filter(header => !header.startsWith('Connection:'));
    expect(sent).toEqual(expected);
  });

  it('cuts HTTP chunks where the recording has them', async () => {
    const server = await start();
    const recorded = recording('chat-llamacpp-stream');
    server.replay(recorded);
    const bytes = Buffer.concat(await raw(server, recorded)).toString('latin1');
    const framed = recorded.response.chunks.map(chunk => {
      const data = chunkBytes(chunk);
      return `${data.length.toString(16)}\r\n${data.toString('latin1')}\r\n`;
    });
    expect(bytes.slice(bytes.indexOf('\r\n\r\n') + 4)).toBe(`${framed.join('')}0\r\n\r\n`);
  });

  it('of a body that was cut off ends without its end', async () => {
    const server = await start();
    const whole = recording('chat-llamacpp-stream');
    server.replay({ ...whole, response: { ...whole.response, end: 'cut' } });
    const answer = await fetch(server.url + whole.request.path, {
      method: 'POST',
      body: whole.request.text ?? '',
    });
    await expect(answer.text()).rejects.toThrow('terminated');
  });
});
