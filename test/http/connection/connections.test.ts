import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readBody } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import { connectBlackHole } from '../../fake/network/connections.ts';
import { stall } from '../../fake/xinference/faults.ts';
import { sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../servers.ts';

async function ask(client: TestClient, server: ModelServer, path = '/v1/models'): Promise<Buffer> {
  const answer = await client.send(server, { method: 'GET', path, signal: patient() });
  return readBody(answer, patient());
}

/** Waits until the server has no more than `count` connections open. */
async function shrinksTo(count: number, open: () => number): Promise<void> {
  while (open() > count) await pause(20);
}

describe('connections', () => {
  test('one serves requests that follow each other at once', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    for (let count = 0; count < 5; count++) await ask(client, serverAt(server.url));
    await expect(ask(client, serverAt(server.url), '/v1/models/no-such')).rejects.toThrow('HTTP 400');
    await ask(client, serverAt(server.url));
    expect(server.connections).toBe(1);
    expect(client.connections.size).toBe(1);
  });

  test('each request that runs has its own, without a cap, and those that are free are used again', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    const all = Promise.withResolvers<void>();
    server.answer('GET /v1/models', async (_request, response) => {
      if (server.requests.length === 300) all.resolve();
      await all.promise;
      sendJson(response, 200, {});
    });
    const crowd = () => Array.from({ length: 300 }, () => ask(client, serverAt(server.url)));
    await Promise.all(crowd());
    expect(server.connections).toBe(300);
    await Promise.all(crowd());
    expect(server.connections).toBe(300);
    server.clear();
    for (let count = 0; count < 5; count++) await ask(client, serverAt(server.url));
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(1);
  });

  test.concurrent('a free one is closed after 4 s, so that nothing is left of a crowd', async () => {
    await using server = await startFakeXinference({ keepAliveTimeout: 20_000 });
    using client = new TestClient();
    const at = performance.now();
    await Promise.all(Array.from({ length: 50 }, () => ask(client, serverAt(server.url))));
    expect(client.connections.size).toBeGreaterThan(1);
    await shrinksTo(0, () => server.openConnections);
    expect(performance.now() - at).toBeGreaterThan(3_500);
    expect(client.connections.size).toBe(0);
    await ask(client, serverAt(server.url));
  });

  test('one that the server closes is forgotten', async () => {
    await using server = await startFakeXinference({ keepAliveTimeout: 50 });
    using client = new TestClient();
    await ask(client, serverAt(server.url));
    expect(client.connections.size).toBe(1);
    await shrinksTo(0, () => client.connections.size);
    await ask(client, serverAt(server.url));
    expect(server.connections).toBe(2);
  });

  test('one is not kept when the server says that it closes it', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', (_request, response) => {
      sendJson(response, 200, {}, { connection: 'close' });
    });
    using client = new TestClient();
    for (let count = 0; count < 3; count++) await ask(client, serverAt(server.url));
    expect(server.connections).toBe(3);
    await shrinksTo(0, () => client.connections.size);
  });

  test('one is closed with a body that is not read to its end', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', stall);
    using client = new TestClient();
    const answer = await client.send(serverAt(server.url), {
      method: 'GET',
      path: '/v1/models',
      signal: patient(),
    });
    answer.body.destroy();
    await shrinksTo(0, () => server.openConnections);
    expect(client.connections.size).toBe(0);
  });

  test('a server that is a black hole delays no other', async () => {
    await using hole = await connectBlackHole();
    await using server = await startFakeXinference();
    using client = new TestClient();
    const lost = Array.from({ length: 50 }, () => ask(client, serverAt(hole.url)).catch(() => 'lost'));
    for (let count = 0; count < 5; count++) await ask(client, serverAt(server.url));
    expect(await Promise.race([...lost, 'still waiting'])).toBe('still waiting');
    void client.close();
    expect(await Promise.all(lost)).toEqual(lost.map(() => 'lost'));
  });

  test('a server that is away costs nothing', async () => {
    const server = await startFakeXinference();
    const { url } = server;
    using client = new TestClient();
    await Promise.all(Array.from({ length: 10 }, () => ask(client, serverAt(url))));
    await server.close();
    await expect(ask(client, serverAt(url))).rejects.toThrow('Nothing listens');
    await shrinksTo(0, () => client.connections.size);
  });

  test('close ends what runs', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', () => undefined);
    using client = new TestClient();
    const asked = ask(client, serverAt(server.url));
    const request = await server.arrival('GET /v1/models');
    void client.close();
    await expect(asked).rejects.toThrow('closed before an answer came');
    expect(await request.outcome).toMatchObject({ aborted: true });
    expect(client.connections.size).toBe(0);
  });
});

describe('a self-signed certificate', () => {
  const ways = (server: FakeXinference) => ({
    checked: serverAt(server.url),
    unchecked: serverAt(server.url, { verifyTls: false }),
  });

  test('is refused or taken by what the form says, side by side on one server', async () => {
    await using server = await startFakeXinference({ tls: true });
    using client = new TestClient();
    const { checked, unchecked } = ways(server);
    for (let count = 0; count < 2; count++) {
      await expect(ask(client, checked)).rejects.toThrow(/not trusted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/);
      await ask(client, unchecked);
    }
    const both = await Promise.allSettled([
      ask(client, unchecked),
      ask(client, checked),
      ask(client, unchecked),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  test('its connection is used again', async () => {
    await using server = await startFakeXinference({ tls: true });
    using client = new TestClient();
    for (let count = 0; count < 3; count++) await ask(client, ways(server).unchecked);
    expect(server.connections).toBe(1);
  });

  test('https where http is spoken, and the other way round, say so', async () => {
    await using plain = await startFakeXinference();
    await using secure = await startFakeXinference({ tls: true });
    using client = new TestClient();
    const wrong = (url: string) => ask(client, serverAt(url));
    await expect(wrong(plain.url.replace('http:', 'https:'))).rejects.toThrow('does not speak TLS');
    await expect(wrong(secure.url.replace('https:', 'http:'))).rejects.toMatchObject({ code: 'closed' });
  });
});
