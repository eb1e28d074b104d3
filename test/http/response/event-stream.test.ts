import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../../src/http/response/event-stream.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { FakeClock } from '../../fake/clock.ts';
import { longLine, neverEndingBody } from '../../fake/xinference/faults.ts';
import { type Handler, startEvents, write } from '../../fake/xinference/replies.ts';
import { startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../servers.ts';
import { batches } from './batches.ts';

describe('readEvents', () => {
  const chat = {
    method: 'POST',
    path: '/v1/chat/completions',
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'x' }], stream: true }),
  } as const;

  async function open(client: TestClient, url: string): Promise<HttpResponse> {
    return client.send(serverAt(url), { ...chat, signal: patient() });
  }

  async function all(client: TestClient, url: string): Promise<string[]> {
    const events: string[] = [];
    await readEvents(
      await open(client, url),
      patient(),
      batches(payloads => {
        events.push(...payloads);
      }),
    );
    return events;
  }

  test('gives the events of an answer, and leaves the connection to the next', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    for (let count = 0; count < 3; count++) expect((await all(client, server.url)).at(-1)).toBe('[DONE]');
    expect(server.connections).toBe(1);
  });

  describe('once nothing more has to come (a finish reason came)', () => {
    /** Sends these writes, and then nothing; breaks off when it is told to. */
    const says =
      (writes: readonly string[], breaks?: Promise<void>): Handler =>
      async (_request, response) => {
        startEvents(response);
        for (const text of writes) await write(response, text);
        void breaks?.then(() => response.destroy());
      };

    async function readOf(handler: Handler, isFinished: (events: string[]) => boolean) {
      const server = await startFakeXinference();
      const client = new TestClient();
      const clock = new FakeClock();
      server.answer('POST /v1/chat/completions', handler);
      const events: string[] = [];
      const onPayloads = (payloads: string[]) => void events.push(...payloads);
      const answer = await open(client, server.url);
      let parts = 0;
      const { payload, flush } = batches(onPayloads);
      const sink = {
        payload: (text: string) => {
          if (text !== 'alive') parts++;
          payload(text);
        },
        flush,
        get parts() {
          return parts;
        },
      };
      const over = readEvents(answer, patient(), sink, () => isFinished(events), clock);
      const close = async () => {
        client[Symbol.dispose]();
        await server.close();
      };
      return { events, clock, over, [Symbol.asyncDispose]: close };
    }

    const isSaid = (event: string) => (events: string[]) => events.includes(event);

    test('the stream is over after 5 s of silence without [DONE] or end', async () => {
      await using read = await readOf(says(['data: finish\n\n', 'data: counts\n\n']), isSaid('finish'));
      await vi.waitFor(() => expect(read.events).toEqual(['finish', 'counts']));
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(4_999);
      expect(read.clock.pending).toBe(1);
      read.clock.advance(1);
      await read.over;
    });

    test('comments are silence, and an event without its blank line counts', async () => {
      await using read = await readOf(
        says(['data: finish\n\n', ': ping\n\ndata: counts\n']),
        isSaid('finish'),
      );
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(5_000);
      await read.over;
      expect(read.events).toEqual(['finish', 'counts']);
    });

    test('payloads that are no part of the answer are silence (gateways)', async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const handler: Handler = async (_request, response) => {
        startEvents(response);
        await write(response, 'data: finish\n\n');
        await promise;
        await write(response, 'data: alive\n\n');
      };
      await using read = await readOf(handler, isSaid('finish'));
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(4_000);
      resolve();
      await vi.waitFor(() => expect(read.events).toEqual(['finish', 'alive']));
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(1_000);
      await read.over;
    });

    test('an end that breaks off is one; before that it is an error', async () => {
      for (const event of ['finish', 'a']) {
        const { promise, resolve } = Promise.withResolvers<void>();
        await using read = await readOf(says([`data: ${event}\n\n`], promise), isSaid('finish'));
        const over = read.over.then(() => 'over', String);
        await vi.waitFor(() => expect(read.events).toEqual([event]));
        resolve();
        expect(await over).toMatch(event === 'finish' ? 'over' : 'broke off in the middle');
      }
    });

    test('before that there is no such limit', async () => {
      await using read = await readOf(says(['data: a\n\n']), isSaid('finish'));
      void read.over.catch(() => undefined);
      await vi.waitFor(() => expect(read.events).toEqual(['a']));
      expect(read.clock.pending).toBe(0);
    });
  });

  test('is over at [DONE] and leaves the connection too, though the end comes later', async () => {
    let end: (() => void) | undefined;
    const late: Handler = (_request, response) => {
      startEvents(response);
      response.write('data: {}\r\n\r\ndata: [DONE]\r\n\r\n');
      end = () => response.end();
    };
    await using server = await startFakeXinference();
    server.answer('*', late);
    using client = new TestClient();
    for (let count = 0; count < 3; count++) {
      expect(await all(client, server.url)).toEqual(['{}', '[DONE]']);
      end?.();
      await pause(20);
    }
    expect(server.connections).toBe(1);
  });

  test.each<[string, (response: Parameters<Handler>[1]) => void]>([
    ['never comes', () => undefined],
    ['is followed by more', response => response.write('data: more\r\n\r\n')],
  ])('a connection whose end after [DONE] %s is closed', async (_what, after) => {
    await using server = await startFakeXinference();
    server.answer('*', async (_request, response) => {
      startEvents(response);
      response.write('data: [DONE]\r\n\r\n');
      await pause(20);
      after(response);
    });
    using client = new TestClient();
    expect(await all(client, server.url)).toEqual(['[DONE]']);
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
    while (client.connections.size > 0) await pause(10);
  });

  test('a reader that fails closes the connection, so that the server stops', async () => {
    await using server = await startFakeXinference();
    server.answer('*', neverEndingBody);
    using client = new TestClient();
    const failure = new Error('no chunk');
    const read = readEvents(
      await open(client, server.url),
      patient(),
      batches(() => {
        throw failure;
      }),
    );
    await expect(read).rejects.toBe(failure);
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
    expect(client.connections.size).toBe(0);
  });

  test('what a reader returns is awaited, and meanwhile the server is kept waiting', async () => {
    await using server = await startFakeXinference();
    server.answer('*', neverEndingBody);
    using client = new TestClient();
    const slow = Promise.withResolvers<void>();
    const enough = new Error('enough');
    let reads = 0;
    const read = readEvents(
      await open(client, server.url),
      patient(),
      batches(() => {
        if (++reads === 3) throw enough;
        return slow.promise;
      }),
    );
    await pause(200);
    expect(reads).toBe(1);
    slow.resolve();
    await expect(read).rejects.toBe(enough);
  });

  test('lets others have their turn while more comes than is read (issue 16, point 2)', async () => {
    await using server = await startFakeXinference();
    const many = 'data: {"choices":[{},{},{},{}]}\n\n'.repeat(50_000);
    server.answer('*', async (_request, response) => {
      startEvents(response);
      await write(response, many);
      response.end('data: [DONE]\n\n');
    });
    using client = new TestClient();
    const answer = await client.send(serverAt(server.url), { ...chat, signal: patient() });
    let hadTurn = true;
    let calls = 0;
    await readEvents(
      answer,
      patient(),
      batches(() => {
        calls++;
        expect(hadTurn).toBe(true);
        hadTurn = false;
        setImmediate(() => {
          hadTurn = true;
        });
        for (const until = performance.now() + 25; performance.now() < until; );
        return undefined;
      }),
    );
    expect(calls).toBeGreaterThan(5);
  });

  test('a line without an end is given up at 8 MiB', async () => {
    await using server = await startFakeXinference();
    server.answer('*', longLine(2 ** 26));
    using client = new TestClient();
    await expect(all(client, server.url)).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringContaining(`${server.url}/v1/chat/completions sent an event of more than 8 MiB`),
    });
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
  });

  test('an answer that breaks off is an error after the events that came', async () => {
    const broken = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: a\n\ndata: b');
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>(resolve => broken.listen(0, '127.0.0.1', resolve));
    using client = new TestClient();
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    const events: string[] = [];
    const read = readEvents(
      await open(client, url),
      patient(),
      batches(payloads => {
        events.push(...payloads);
      }),
    );
    await expect(read).rejects.toMatchObject({
      code: 'broke-off',
      message: expect.stringContaining('broke off in the middle'),
    });
    expect(events).toEqual(['a']);
    broken.close();
  });
});
