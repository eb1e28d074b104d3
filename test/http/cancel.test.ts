import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { readJsonObject } from '../../src/http/response/body.ts';
import { readEvents } from '../../src/http/response/event-stream.ts';
import { FakeClock } from '../fake/clock.ts';
import { connectBlackHole } from '../fake/network/connections.ts';
import { badGateway, blackHole, stall } from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { batches } from './response/batches.ts';
import { serverAt, TestClient } from './servers.ts';

const reason = new Error('nobody wants it any more');

function request(stream: boolean, signal: AbortSignal) {
  const body = JSON.stringify({ model: 'chat', messages: [], stream });
  return { method: 'POST', path: '/v1/chat/completions', body, signal } as const;
}

async function answeringBy(handler: Handler): Promise<FakeXinference> {
  const server = await startFakeXinference();
  return server.answer('*', handler);
}

/** Waits for the server to have seen that the client has gone. */
async function isLeft(server: FakeXinference, client: TestClient): Promise<void> {
  const asked = await server.arrival('POST /v1/chat/completions');
  expect(await asked.outcome).toMatchObject({ aborted: true });
  expect(client.connections.size).toBe(0);
  while (server.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
}

describe('a cancel', () => {
  test('before the request sends nothing', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    const sent = client.send(serverAt(server.url), request(false, AbortSignal.abort(reason)));
    await expect(sent).rejects.toBe(reason);
    expect(server.connections).toBe(0);
    expect(client.connections.size).toBe(0);
  });

  test('while connecting closes the socket', async () => {
    await using hole = await connectBlackHole();
    using client = new TestClient();
    const connecting = () => process.getActiveResourcesInfo().filter(name => name === 'ConnectWrap').length;
    const before = connecting();
    const cancel = new AbortController();
    const sent = client.send(serverAt(hole.url), request(false, cancel.signal));
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(connecting()).toBe(before + 1);
    cancel.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(client.connections.size).toBe(0);
    while (connecting() > before) await new Promise(resolve => setImmediate(resolve));
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });

  test('while waiting for the head aborts the request', async () => {
    await using server = await answeringBy(blackHole);
    using client = new TestClient();
    const cancel = new AbortController();
    const sent = client.send(serverAt(server.url, { maxRetries: 3 }), request(false, cancel.signal));
    await server.arrival('POST /v1/chat/completions');
    cancel.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await isLeft(server, client);
    expect(server.requests).toHaveLength(1);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });

  test('while waiting for the next try ends the wait', async () => {
    await using server = await answeringBy(badGateway);
    const clock = new FakeClock();
    using client = new TestClient({ clock });
    const cancel = new AbortController();
    const sent = client.send(serverAt(server.url, { maxRetries: 3 }), request(false, cancel.signal));
    while (clock.pending === 0) await new Promise(resolve => setImmediate(resolve));
    cancel.abort(reason);
    await expect(sent).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
    expect(server.requests).toHaveLength(1);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });

  test('in a body that is read whole aborts it', async () => {
    await using server = await answeringBy(stall);
    using client = new TestClient();
    const cancel = new AbortController();
    const answer = await client.send(serverAt(server.url), request(false, cancel.signal));
    const read = readJsonObject(answer, cancel.signal);
    cancel.abort(reason);
    await expect(read).rejects.toBe(reason);
    await isLeft(server, client);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });

  test('in a stream aborts it', async () => {
    await using server = await answeringBy(stall);
    using client = new TestClient();
    const cancel = new AbortController();
    const answer = await client.send(serverAt(server.url), request(true, cancel.signal));
    const came = Promise.withResolvers<string[]>();
    const read = readEvents(
      answer,
      cancel.signal,
      batches(payloads => {
        came.resolve([...payloads]);
      }),
    );
    expect(await came.promise).toHaveLength(1);
    cancel.abort(reason);
    await expect(read).rejects.toBe(reason);
    await isLeft(server, client);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
  });

  test('between head and body is not lost', async () => {
    await using server = await answeringBy(stall);
    using client = new TestClient();
    const cancel = new AbortController();
    const answer = await client.send(serverAt(server.url), request(true, cancel.signal));
    cancel.abort(reason);
    await isLeft(server, client);
    await expect(
      readEvents(
        answer,
        cancel.signal,
        batches(() => undefined),
      ),
    ).rejects.toBe(reason);
  });

  test('in the body of an error is not followed by another try', async () => {
    await using server = await answeringBy((_request, response) => {
      response.writeHead(502, { 'content-type': 'text/plain' });
      response.write('wait');
    });
    using client = new TestClient({ clock: new FakeClock() });
    const cancel = new AbortController();
    const sent = client.send(serverAt(server.url, { maxRetries: 3 }), request(false, cancel.signal));
    await server.arrival('POST /v1/chat/completions');
    await new Promise(resolve => setTimeout(resolve, 50));
    cancel.abort(reason);
    await expect(sent).rejects.toBe(reason);
    await isLeft(server, client);
    expect(server.requests).toHaveLength(1);
  });

  test('after the end does nothing', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    const cancel = new AbortController();
    const signal = cancel.signal;
    const answer = await client.send(serverAt(server.url), { method: 'GET', path: '/v1/models', signal });
    await readJsonObject(answer, signal);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    cancel.abort(reason);
    expect(client.connections.size).toBe(1);
    expect(server.openConnections).toBe(1);
  });
});
