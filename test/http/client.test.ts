import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../src/http/client.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import type { ModelServer } from '../../src/http/server.ts';
import { HastyClock } from '../fake/clock.ts';
import { refused } from '../fake/network/connections.ts';
import * as faults from '../fake/xinference/faults.ts';
import { type Handler, sendJson } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from './servers.ts';

const list = { method: 'GET', path: '/v1/models' } as const;

async function ask(client: TestClient, server: ModelServer, request: Partial<HttpRequest> = {}) {
  const signal = patient();
  return readJsonObject(await client.send(server, { ...list, signal, ...request }), signal);
}

describe('a request', () => {
  test('issue 20, 4 and 11: that waits for its place fails with what others have met meanwhile', async () => {
    await using fake = await startFakeXinference();
    const held = Promise.withResolvers<void>();
    fake.answer('*', async (_request, response) => {
      await held.promise;
      sendJson(response, 200, {});
    });
    using client = new TestClient();
    let failure: ServerError | undefined;
    const server = serverAt(fake.url, { maxConcurrency: 1, maxRetries: 3, failure: () => failure });
    const model = { uid: 'a', givesWay: true };
    const first = ask(client, server, { model });
    const second = ask(client, server, { model });
    await fake.arrival('*');
    failure = new ServerError('connect-timeout', server, 'No connection');
    held.resolve();
    await first;
    await expect(second).rejects.toBe(failure);
    expect(fake.requests).toHaveLength(1);
  });

  test('goes below the base URL with its key, type and body', async () => {
    await using server = await startFakeXinference();
    server.answer('*', (_request, response) => sendJson(response, 200, {}));
    using client = new TestClient();
    await ask(client, serverAt(`${server.url}/prefix`, { apiKey: 'xf-1' }), {
      method: 'POST',
      path: '/v1/models/a%2Fb%20%E6%A8%A1',
      body: '{"a":1}',
    });
    await ask(client, serverAt(server.url), {
      method: 'POST',
      body: Buffer.from('x'),
      contentType: 'text/x',
    });
    await ask(client, serverAt(server.url));
    const [first, second, third] = server.requests;
    expect(first).toMatchObject({
      method: 'POST',
      path: '/prefix/v1/models/a%2Fb%20%E6%A8%A1',
      body: { a: 1 },
    });
    expect(first?.headers).toMatchObject({
      authorization: 'Bearer xf-1',
      'content-type': 'application/json',
    });
    expect(second?.headers).toMatchObject({ 'content-type': 'text/x', 'content-length': '1' });
    expect(third?.headers).not.toHaveProperty('authorization');
    expect(third?.headers).not.toHaveProperty('content-type');
  });

  test('gives the head of its answer', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', (_request, response) => {
      sendJson(response, 201, {}, { 'content-type': 'Application/JSON; charset=utf-8' });
    });
    using client = new TestClient();
    const answer = await client.send(serverAt(server.url), { ...list, signal: patient() });
    expect(answer).toMatchObject({ status: 201, path: '/v1/models' });
    answer.body.destroy();
  });
});

describe('retries', () => {
  test.each<[string, Handler, number]>([
    ['a reset before the head', faults.resetBeforeHead, 4],
    ['502', faults.badGateway, 4],
    ['503', faults.unavailable, 4],
    ['504', faults.gatewayTimeout, 4],
    ['429 of request_limits', faults.rateLimited, 4],
    ['a ban', faults.banned, 1],
    ['400', faults.badRequest, 1],
    ['401', faults.unauthorized, 1],
    ['403', faults.forbidden, 1],
    ['404', faults.notFound, 1],
    ['422', faults.unprocessable, 1],
    ['500 of an engine', faults.engineFailure, 1],
    ['500 of a validation', faults.invalidRequest, 1],
    ['501', faults.notImplemented, 1],
    ['a break after the first byte', faults.resetMidBody, 1],
    ['an end in the middle', faults.closeMidBody, 1],
    ['HTML', faults.html200, 1],
    ['a long Retry-After', faults.loading(31), 1],
  ])('%s is sent %i times in all', async (_fault, handler, times) => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', handler);
    const clock = new HastyClock();
    using client = new TestClient({ clock });
    await expect(ask(client, serverAt(server.url, { maxRetries: 3 }))).rejects.toThrow(server.url);
    expect(server.requests).toHaveLength(times);
    expect(clock.waits).toHaveLength(times - 1);
  });

  test('a server that is away is tried again, and then told', async () => {
    await using away = await refused();
    const clock = new HastyClock();
    using client = new TestClient({ clock });
    await expect(ask(client, serverAt(away.url, { maxRetries: 3 }))).rejects.toThrow('Nothing listens');
    expect(clock.waits).toHaveLength(3);
    expect(client.connections.size).toBe(0);
  });

  test('waits grow, each at random below its bound', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', faults.badGateway);
    const clock = new HastyClock();
    using client = new TestClient({ clock });
    await expect(ask(client, serverAt(server.url, { maxRetries: 10 }))).rejects.toThrow('HTTP 502');
    const bounds = [250, 500, 1000, 2000, 4000, 8000, 8000, 8000, 8000, 8000];
    expect(clock.waits.length).toBeGreaterThan(7);
    clock.waits.forEach((ms, at) => {
      expect(ms).toBeGreaterThanOrEqual(0);
      expect(ms).toBeLessThanOrEqual(bounds[at] ?? 0);
    });
  });

  test('Retry-After is done, and all waits together stay within a minute', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', faults.loading(25));
    const clock = new HastyClock();
    using client = new TestClient({ clock });
    const asked = ask(client, serverAt(server.url, { maxRetries: 10 }));
    await expect(asked).rejects.toMatchObject({ code: 'loading', retryAfterMs: 25_000 });
    expect(clock.waits).toEqual([25_000, 25_000]);
  });

  test('what passes is answered, on one connection', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', faults.rateLimited, { times: 2 });
    using client = new TestClient({ clock: new HastyClock() });
    await expect(ask(client, serverAt(server.url, { maxRetries: 2 }))).resolves.toHaveProperty('data');
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 1]);
  });

  test('the request has the last word on their number', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', faults.badGateway);
    using client = new TestClient({ clock: new HastyClock() });
    await expect(ask(client, serverAt(server.url, { maxRetries: 3 }), { maxRetries: 0 })).rejects.toThrow();
    expect(server.requests).toHaveLength(1);
  });
});

/** A server of which the first answer on a connection is as it should be, and those after it are lost. */
describe.each([false, true])('a request that is lost, TLS: %s (issue 16, point 11)', tls => {
  /** @param lose what happens to each request, with the moments of it told by a clock of the test's own */
  async function lost(
    method: 'GET' | 'POST',
    isKept: boolean,
    lose: (socket: Socket, passes: (ms: number) => void) => void,
  ) {
    await using server = await startFakeXinference({ tls });
    const clock = new HastyClock();
    let now = 0;
    clock.now = () => now;
    using client = new TestClient({ clock });
    const at = serverAt(server.url, { verifyTls: false, maxRetries: 3 });
    server.answer('*', (_request, response) => sendJson(response, 200, {}));
    if (isKept) await ask(client, at);
    const before = server.requests.length;
    server.answer('*', (_request, _response, socket) =>
      lose(socket, ms => {
        now += ms;
      }),
    );
    const error = await ask(client, at, { method, path: '/v1/rerank', body: '{}' }).catch(
      (failure: ServerError) => failure,
    );
    return { error, sent: server.requests.length - before, waits: clock.waits.length };
  }

  test.each<[string, boolean, number, 'GET' | 'POST', number, number]>([
    ['within 100 ms on a kept connection', true, 100, 'POST', 2, 0],
    ['later on a kept connection', true, 101, 'POST', 1, 0],
    ['within 100 ms on a new connection', false, 0, 'POST', 1, 0],
    ['within 100 ms on a kept connection', true, 100, 'GET', 5, 3],
    ['later on a kept connection', true, 101, 'GET', 4, 3],
    ['within 100 ms on a new connection', false, 0, 'GET', 4, 3],
  ])('without a byte, %s (kept: %s, after %i ms): a %s is sent %i times in all', async (...row) => {
    const [, isKept, ms, method, sent, waits] = row;
    const outcome = await lost(method, isKept, (socket, passes) => {
      passes(ms);
      faults.reset(socket);
    });
    expect(outcome).toMatchObject({ sent, waits });
    expect((outcome.error as ServerError).message).toMatch(
      method === 'GET' ? /closed before an answer came/ : /may have worked on the request/,
    );
  });

  test.each<['GET' | 'POST', string, number]>([
    ['POST', 'HTTP/1.1 2', 1],
    ['POST', 'HTTP/1.1 100 Continue\r\n\r\n', 1],
    ['GET', 'HTTP/1.1 2', 4],
    ['GET', 'HTTP/1.1 100 Continue\r\n\r\n', 4],
  ])('after the first byte, at once: a %s after %j is sent %i times in all', async (method, start, sent) => {
    expect(await lost(method, true, socket => socket.end(start))).toMatchObject({ sent });
  });
});

describe.each([false, true])('a connection that died while it was idle (TLS: %s)', tls => {
  const at = (url: string) => serverAt(url, { verifyTls: false });

  test('costs no retry', async () => {
    await using server = await startFakeXinference({ tls });
    using client = new TestClient();
    await ask(client, at(server.url));
    server.answer('*', faults.resetBeforeHead, { times: 1 });
    await ask(client, at(server.url));
    expect(server.requests.map(({ connection }) => connection)).toEqual([1, 1, 2]);
  });

  test('is replaced once: what kills the new one too is a failure', async () => {
    await using server = await startFakeXinference({ tls });
    using client = new TestClient();
    await ask(client, at(server.url));
    server.answer('GET /v1/models', faults.resetBeforeHead);
    await expect(ask(client, at(server.url))).rejects.toThrow('closed before an answer came');
    expect(server.requests).toHaveLength(3);
  });

  test('is replaced by a new one, not by another that died with it', async () => {
    await using server = await startFakeXinference({ tls });
    using client = new TestClient();
    await Promise.all([1, 2, 3].map(() => ask(client, at(server.url))));
    const old = server.connections;
    server.answer('GET /v1/models', (request, response, socket) => {
      if (request.connection <= old) faults.reset(socket);
      else sendJson(response, 200, {});
    });
    await ask(client, at(server.url));
  });

  test('is told apart from one that fails on its first request', async () => {
    await using server = await startFakeXinference({ tls });
    server.answer('GET /v1/models', faults.resetBeforeHead);
    using client = new TestClient();
    await expect(ask(client, at(server.url))).rejects.toThrow('closed before an answer came');
    expect(server.requests).toHaveLength(1);
  });

  test('never shows, however the server times its close', async () => {
    await using server = await startFakeXinference({ tls, keepAliveTimeout: 20 });
    using client = new TestClient();
    for (let round = 0; round < 60; round++) {
      await ask(client, at(server.url));
      await new Promise(resolve => setTimeout(resolve, 17 + (round % 6)));
    }
    expect(server.connections).toBeGreaterThan(1);
  });
});
