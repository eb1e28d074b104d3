import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ActionTable } from '../../../../src/dify/actions/actions.ts';
import { Dispatcher } from '../../../../src/dify/dispatcher.ts';
import type { Session } from '../../../../src/dify/session.ts';
import { ServerlessTransport } from '../../../../src/dify/transport/serverless/serverless.ts';
import { serverlessSettings } from '../../../../src/dify/transport/serverless/serverless-settings.ts';

const LIMIT = 8 * 1024 * 1024;

let transport: ServerlessTransport;
let port: number;
/** What the one handler does. */
let handle: (session: Session) => Promise<void>;
let sessions: Session[];
const agent = new Agent({ keepAlive: true });

beforeEach(async () => {
  handle = async session => void session.write({ n: 1 });
  sessions = [];
  const actions = {
    invoke_llm: (_: unknown, session: Session) => {
      sessions.push(session);
      return handle(session);
    },
  } as unknown as ActionTable;
  const log = pino({ level: 'silent' });
  const dispatcher = new Dispatcher({ actions, log });
  transport = new ServerlessTransport({
    maxLineBytes: 5_000_000,
    about: 'a plugin',
    log,
    host: '127.0.0.1',
    port: 0,
    onListening: listening => {
      port = listening;
    },
  });
  await transport.start(dispatcher);
});
afterEach(async () => {
  agent.destroy();
  transport.stop();
  for (const session of sessions) session.cancel();
  await transport.flush();
});

interface Reply {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function send(path: string, options: RequestOptions = {}, body: string | Buffer = ''): Promise<Reply> {
  const sent = request({ host: '127.0.0.1', port, path, agent, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, body: await text(response) };
}

const invoke = (body: string | Buffer, headers: Record<string, string> = {}) =>
  send('/invoke?action=invoke_llm', { method: 'POST', headers }, body);

const message = (fields: object = {}) =>
  JSON.stringify({
    session_id: 's1',
    event: 'request',
    data: { type: 'model', action: 'invoke_llm', model_type: 'llm', model: 'm' },
    ...fields,
  });

/** The session and the type of each line of an answer. */
const kinds = ({ body }: Reply) =>
  body
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
    .map(({ session_id, data }) => `${session_id} ${data.type}`);

/** A connection of its own, for what a client must not do. */
async function dial(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

const head = (length: number) => `POST /invoke HTTP/1.1\r\nhost: plugin\r\ncontent-length: ${length}\r\n\r\n`;

/** The refusal in the form that a host shows to its user. */
const refusal = (reply: Reply) => ({ status: reply.status, ...JSON.parse(reply.body) });
const refused = (status: number, what: string) => ({
  status,
  errorType: 'PluginRequestRefused',
  errorMessage: expect.stringContaining(what),
});

describe('what a platform asks', () => {
  it.each([
    ['GET', '/health', 200, 'OK'],
    ['GET', '/health?probe=1', 200, 'OK'],
    ['HEAD', '/health', 200, ''],
    ['GET', '/', 200, 'a plugin'],
  ])('%s %s is %i %s', async (method, path, status, body) => {
    expect(await send(path, { method })).toMatchObject({ status, body });
  });

  it.each([
    ['GET', '/invoke', 405, 'does not take GET'],
    ['POST', '/health', 405, 'does not take POST'],
    ['GET', '/favicon.ico', 404, 'nothing here'],
    ['POST', '//', 404, 'nothing here'],
    ['POST', '/invoke/', 404, 'nothing here'],
  ])('%s %s is %i', async (method, path, status, what) => {
    expect(refusal(await send(path, { method }))).toEqual(refused(status, what));
  });
});

describe('a request', () => {
  it('is answered by the lines of its session, which no proxy may hold back', async () => {
    const reply = await invoke(message());
    expect(kinds(reply)).toEqual(['s1 stream', 's1 end']);
    expect(reply).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/event-stream',
        'cache-control': 'no-cache, no-transform',
        'x-accel-buffering': 'no',
        'transfer-encoding': 'chunked',
      },
    });
  });

  it('has its head before its first result', async () => {
    const gate = Promise.withResolvers<void>();
    handle = () => gate.promise;
    const sent = request({ host: '127.0.0.1', port, path: '/invoke', method: 'POST', agent });
    sent.end(message());
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    gate.resolve();
    expect(await text(response)).toContain('"type":"end"');
  });

  it('has its head also when the whole answer is there at once', async () => {
    handle = async session => {
      for (let times = 0; times < 4; times++) void session.write({ text: 'x'.repeat(200_000) });
    };
    const reply = await invoke(message());
    expect(kinds(reply)).toHaveLength(5);
    expect(reply.headers['content-type']).toBe('text/event-stream');
  });

  it.each([
    ['the body', message(), {}, 's1'],
    ['the header', message({ session_id: undefined }), { 'dify-plugin-session-id': 'h1' }, 'h1'],
    ['the header, for an empty one', message({ session_id: '' }), { 'dify-plugin-session-id': 'h1' }, 'h1'],
    ['the body, where they differ', message(), { 'Dify-Plugin-Session-ID': 'h1' }, 's1'],
  ])('has the session of %s', async (_name, body, headers: Record<string, string>, id) => {
    expect(kinds(await invoke(body, headers))).toEqual([`${id} stream`, `${id} end`]);
  });

  it.each([
    ['nothing', '', 'not valid JSON'],
    ['half of it', message().slice(0, -9), 'not valid JSON'],
    ['two messages', `${message()}\n${message()}`, 'not valid JSON'],
    ['null', 'null', 'not a JSON object'],
    ['a list', `[${message()}]`, 'not a JSON object'],
    ['a cancel', message({ event: 'cancel' }), 'event'],
    ['no event', message({ event: undefined }), 'event'],
    ['no session', message({ session_id: null }), 'session_id'],
    ['a session that is no text', message({ session_id: 7 }), 'session_id'],
    ['a session that would fill its answer', message({ session_id: 'x'.repeat(6_000_000) }), 'session_id'],
  ])('that is %s is 400, and nothing else', async (_name, body, what) => {
    expect(refusal(await invoke(body))).toEqual(refused(400, what));
    expect(sessions).toEqual([]);
    expect((await invoke(message())).status).toBe(200);
  });

  it('that asks for the unknown is answered like any other', async () => {
    const reply = await invoke(message({ data: { type: 'model', action: 'invoke_moon' } }));
    expect(reply.status).toBe(200);
    expect(kinds(reply)).toEqual(['s1 error', 's1 end']);
  });

  it('is refused while another of its session is open', async () => {
    const gate = Promise.withResolvers<void>();
    handle = () => gate.promise;
    const first = invoke(message());
    while (sessions.length === 0) await new Promise(resolve => setTimeout(resolve, 5));
    expect(refusal(await invoke(message()))).toEqual(refused(409, 'session_id'));
    gate.resolve();
    expect(kinds(await first)).toEqual(['s1 end']);
    expect(kinds(await invoke(message()))).toEqual(['s1 end']);
  });

  it('over HTTP/1.0 is refused, as a broken answer would look whole there', async () => {
    const socket = await dial();
    socket.end(`POST /invoke HTTP/1.0\r\ncontent-length: ${message().length}\r\n\r\n${message()}`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 426 .*upgrade: HTTP\/1\.1.*proxy_http_version 1\.1/s);
  });

  it('that is no HTTP closes its connection alone', async () => {
    const socket = await dial();
    socket.write('hello\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect((await invoke(message())).status).toBe(200);
  });
});

describe('a long request', () => {
  /** A message of exactly so many bytes. */
  const long = (bytes: number) => {
    const bare = message({ padding: '' });
    return message({ padding: 'x'.repeat(bytes - bare.length) });
  };
  const chunked = { 'transfer-encoding': 'chunked' };

  it.each([
    ['with its length', {}],
    ['in chunks', chunked],
  ])('of 8 MiB is taken (%s)', async (_name, headers) => {
    const body = long(LIMIT);
    expect(body).toHaveLength(LIMIT);
    expect(kinds(await invoke(body, headers as Record<string, string>))).toEqual(['s1 stream', 's1 end']);
  });

  it.each([
    ['with its length', {}],
    ['in chunks', chunked],
    ['in chunks, by a client that closes', { ...chunked, connection: 'close' }],
  ])('of a byte more is 413 (%s)', async (_name, headers) => {
    const reply = await invoke(long(LIMIT + 1), headers as Record<string, string>);
    expect(refusal(reply)).toEqual(refused(413, `longer than ${LIMIT} bytes`));
    expect(sessions).toEqual([]);
    expect((await invoke(message())).status).toBe(200);
  });

  it.each([
    ['with its length', head(LIMIT + 1)],
    [
      'in chunks',
      `POST /invoke HTTP/1.1\r\nhost: p\r\ntransfer-encoding: chunked\r\n\r\n1000000\r\n${' '.repeat(LIMIT + 1)}`,
    ],
  ])('is refused before it has come to its end (%s)', async (_name, start) => {
    const socket = await dial();
    socket.write(start);
    const [bytes] = await once(socket, 'data');
    expect(String(bytes)).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });
});

it('a connection serves on after a request that was too long', async () => {
  const socket = await dial();
  const mebibyte = `100000\r\n${' '.repeat(1024 * 1024)}\r\n`;
  socket.write('POST /invoke HTTP/1.1\r\nhost: p\r\ntransfer-encoding: chunked\r\n\r\n');
  socket.write(`${mebibyte.repeat(16)}0\r\n\r\n`);
  socket.write('GET /health HTTP/1.1\r\nhost: p\r\nconnection: close\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 413 .*HTTP\/1\.1 200 OK/s);
});

describe('a client that leaves', () => {
  it('within its request is forgotten', async () => {
    const socket = await dial();
    socket.write(`${head(1000)}{"event":`);
    await new Promise(resolve => setTimeout(resolve, 50));
    socket.resetAndDestroy();
    expect((await invoke(message())).status).toBe(200);
    expect(sessions).toHaveLength(1);
  });

  it('within its answer ends the session', async () => {
    handle = async session => {
      session.write({ n: 1 });
      await new Promise(resolve => session.signal.addEventListener('abort', resolve));
    };
    const socket = await dial();
    socket.write(head(message().length) + message());
    await once(socket, 'data');
    socket.destroy();
    await sessions[0]?.ended;
    expect(sessions[0]?.signal.reason).toMatchObject({ errorType: 'RequestCancelledError' });
  });
});

describe('once it is stopped', () => {
  it('a connection is refused, and one that is idle is closed', async () => {
    await invoke(message());
    const idle = await dial();
    idle.write('GET /health HTTP/1.1\r\nhost: plugin\r\n\r\n');
    await once(idle, 'data');
    transport.stop();
    await once(idle.resume(), 'end');
    await expect(send('/health', { agent: false })).rejects.toThrow('ECONNREFUSED');
  });

  it('what runs goes on to its end, and then its connection is closed', async () => {
    const gate = Promise.withResolvers<void>();
    handle = async session => {
      session.write({ n: 1 });
      await gate.promise;
      session.write({ n: 2 });
    };
    const socket = await dial();
    socket.write(head(message().length) + message());
    await once(socket, 'data');
    transport.stop();
    let flushed = false;
    const flush = transport.flush().then(() => {
      flushed = true;
    });
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(flushed).toBe(false);
    gate.resolve();
    const rest = await text(socket);
    expect(rest).toContain('{"n":2}');
    expect(rest.endsWith('0\r\n\r\n')).toBe(true);
    await flush;
  });

  it('a request that was still coming is 502, upon which a host tries again', async () => {
    const socket = await dial();
    socket.write(head(message().length) + message().slice(0, 20));
    await new Promise(resolve => setTimeout(resolve, 50));
    transport.stop();
    socket.write(message().slice(20));
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 502 .*connection: close.*shut down/is);
    expect(sessions).toEqual([]);
  });
});

it('a port that is taken is told in one line', async () => {
  const other = new ServerlessTransport({
    maxLineBytes: 1,
    about: '',
    log: pino({ level: 'silent' }),
    host: '127.0.0.1',
    port,
    onListening: () => undefined,
  });
  const dispatcher = new Dispatcher({ actions: {} as ActionTable, log: pino({ level: 'silent' }) });
  await expect(other.start(dispatcher)).rejects.toThrow(
    `Cannot listen on 127.0.0.1, port ${port} (EADDRINUSE). Set another host or port in the environment.`,
  );
});

it.each<['SERVERLESS' | 'AWS_LAMBDA', NodeJS.ProcessEnv, string, number]>([
  ['SERVERLESS', {}, '0.0.0.0', 8080],
  ['SERVERLESS', { SERVERLESS_HOST: '::', SERVERLESS_PORT: '9000' }, '::', 9000],
  ['SERVERLESS', { AWS_LAMBDA_HOST: '::', AWS_LAMBDA_PORT: '9000' }, '0.0.0.0', 8080],
  ['AWS_LAMBDA', { AWS_LAMBDA_HOST: '::', AWS_LAMBDA_PORT: '9000' }, '::', 9000],
  ['AWS_LAMBDA', { AWS_LAMBDA_PORT: '' }, '0.0.0.0', 8080],
])('%s with %j listens on %s, port %i', (prefix, env, host, expected) => {
  expect(serverlessSettings(env, prefix)).toEqual({ host, port: expected });
});
