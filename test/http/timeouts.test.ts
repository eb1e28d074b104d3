import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EndlessResponseError } from '../../src/http/connection/connection.ts';
import { Connections } from '../../src/http/connection/connections.ts';
import { errorInResponse } from '../../src/http/errors/network-errors.ts';
import { forEachBlock, readBody } from '../../src/http/response/body.ts';
import { readEvents } from '../../src/http/response/event-stream.ts';
import type { HttpResponse } from '../../src/http/response/http-response.ts';
import type { ResponseBody } from '../../src/http/response/response-body.ts';
import { connectBlackHole } from '../fake/network/connections.ts';
import { blackHole, slowDrip, stall } from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { batches } from './response/batches.ts';
import { patient, serverAt, TestClient } from './servers.ts';

const chat = {
  method: 'POST',
  path: '/v1/chat/completions',
  body: JSON.stringify({ model: 'chat', messages: [], stream: true }),
} as const;

/** Asks a server that answers by `handler`, with `seconds` of silence allowed. */
async function ask(handler: Handler, seconds: number): Promise<string> {
  await using server = await startFakeXinference();
  server.answer('*', handler);
  using client = new TestClient();
  const signal = patient();
  const patience = serverAt(server.url, { timeoutMs: seconds * 1000, maxRetries: 0 });
  const answer = await client.send(patience, { ...chat, signal });
  return (await readBody(answer, signal)).toString('utf8');
}

describe('the time for a whole answer (issue 16, point 14)', () => {
  const drip = (start: string, drop: string) => async (socket: Socket, signal: AbortSignal) => {
    socket.write(start);
    while (!signal.aborted && socket.writable) {
      socket.write(drop);
      await pause(20);
    }
  };
  const whole = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999\r\n\r\n';

  /** A connection to a server that drips, and whose answers have 200 ms. */
  async function dripping(
    drop: (socket: Socket, signal: AbortSignal) => Promise<void>,
    read: (body: ResponseBody) => Promise<unknown>,
  ): Promise<number> {
    await using server = await startFakeXinference();
    server.answer('*', ({ signal }, _response, socket) => drop(socket, signal));
    const connections = new Connections({});
    const limits = { connectMs: 10_000, silenceMs: 60_000, wholeMs: 200 };
    const request = { method: 'GET', path: '/v1/models', headers: {}, body: null } as const;
    try {
      const { body } = await connections.open(serverAt(server.url)).request(request, limits, patient());
      await read(body);
    } finally {
      connections.close();
    }
    return server.openConnections;
  }

  test.each([
    ['that drips', drip(whole, ' ')],
    ['before which there is no end of 1xx answers', drip('', 'HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('bounds one %s', async (_what, drop) => {
    await expect(dripping(drop, body => forEachBlock(body, () => {}))).rejects.toThrow(EndlessResponseError);
  });

  test('is 600 s, or the timeout of the form where that is longer', () => {
    const told = (timeoutMs: number) => {
      const server = serverAt('http://x', { timeoutMs });
      return errorInResponse(
        { server, path: '/v1/rerank', url: 'http://x/v1/rerank' } as HttpResponse,
        new EndlessResponseError(),
      );
    };
    expect(told(300_000)).toMatchObject({ code: 'endless', isRetryable: false });
    expect((told(300_000) as Error).message).toMatch(/not whole within 600 s/);
    expect((told(3_600_000) as Error).message).toMatch(/not whole within 3600 s/);
  });
});

describe.concurrent('the longest silence', () => {
  test('bounds the time to connect', async () => {
    await using hole = await connectBlackHole();
    using client = new TestClient();
    const server = serverAt(hole.url, { timeoutMs: 400 });
    const at = performance.now();
    const asked = client.send(server, { ...chat, signal: patient() });
    await expect(asked).rejects.toMatchObject({ code: 'connect-timeout', isRetryable: true });
    await expect(asked).rejects.toThrow(`No connection to ${hole.url}/v1/chat/completions within 0.4 s`);
    expect(performance.now() - at).toBeGreaterThanOrEqual(390);
    expect(client.connections.size).toBe(0);
  });

  test('does not count the time in which the process itself was busy', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    const at = performance.now();
    const signal = patient();
    const sent = client.send(serverAt(server.url, { timeoutMs: 50 }), {
      method: 'GET',
      path: '/v1/models',
      signal,
    });
    while (performance.now() - at < 150); // the time to connect is over before the process looks
    await expect(sent).resolves.toMatchObject({ status: 200 });
  });

  test('bounds the time to the head', async () => {
    await expect(ask(blackHole, 0.5)).rejects.toMatchObject({ code: 'silent', isRetryable: false });
  });

  test('bounds the time between two pieces', async () => {
    await expect(ask(stall, 0.5)).rejects.toThrow(/No answer from .* for 0\.5 s/);
  });

  test('is not the time of the whole answer', async () => {
    const body = 'x'.repeat(20);
    await expect(ask(slowDrip({ every: 200, body }), 1)).resolves.toBe(body);
  });

  test('is broken by a comment as by any other byte', async () => {
    const body = `${': ping\n\n'.repeat(10)}data: [DONE]\n\n`;
    await using server = await startFakeXinference();
    server.answer('*', slowDrip({ every: 300, bytes: 8, body }));
    using client = new TestClient();
    const signal = patient();
    const answer = await client.send(serverAt(server.url, { timeoutMs: 1000 }), { ...chat, signal });
    const events: string[] = [];
    await readEvents(
      answer,
      signal,
      batches(payloads => {
        events.push(...payloads);
      }),
    );
    expect(events).toEqual(['[DONE]']);
  });

  test('does not count while the reader is slow', async () => {
    await using server = await startFakeXinference({ chunkCount: 20_000 });
    using client = new TestClient();
    const signal = patient();
    const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'x' }], stream: true });
    const answer = await client.send(serverAt(server.url, { timeoutMs: 500 }), { ...chat, body, signal });
    let last = '';
    let slow = true;
    await readEvents(
      answer,
      signal,
      batches(payloads => {
        last = payloads.at(-1) ?? last;
        const rest = slow ? pause(2_500) : undefined;
        slow = false;
        return rest;
      }),
    );
    expect(last).toBe('[DONE]');
  });

  test('of the body of an error does not keep the error back for long', async () => {
    const handler: Handler = async (_request, response) => {
      response.writeHead(503, { 'content-type': 'text/plain' });
      response.write('overloaded');
      const timer = setInterval(() => response.write(' very'), 300);
      response.once('close', () => clearInterval(timer));
    };
    await expect(ask(handler, 60)).rejects.toThrow(/HTTP 503\)\. The server said: overloaded very/);
  });
});
