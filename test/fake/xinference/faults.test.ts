import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectBlackHole, refused, silent } from '../network/connections.ts';
import * as faults from './faults.ts';
import type { Handler } from './replies.ts';
import { type FakeXinference, startFakeXinference } from './xinference-server.ts';

let server: FakeXinference;
let agent: Agent;

beforeAll(async () => {
  server = await startFakeXinference();
});

afterAll(() => server.close());

afterEach(async () => {
  server.clear();
  await agent?.destroy();
});

/** What a client with patience of 150 ms sees: the status and the body, or where it failed and how. */
async function seen(handler: Handler, stream: boolean): Promise<unknown> {
  server.answer('POST *', handler, { times: 1 });
  return ask(`${server.url}/v1/chat/completions`, stream);
}

async function ask(url: string, stream = false): Promise<unknown> {
  agent = new Agent();
  let where = 'head';
  try {
    const body = JSON.stringify({ stream });
    const signal = AbortSignal.timeout(150);
    const answer = await request(url, { method: 'POST', body, dispatcher: agent, signal });
    where = 'body';
    return [answer.statusCode, await answer.body.text()];
  } catch (error) {
    const { name, code } = error as { name: string; code?: unknown };
    return [where, typeof code === 'string' ? code : name];
  }
}

describe('faults of the answer', () => {
  it.each<[string, Handler, unknown, unknown]>([
    ['reset before the head', faults.resetBeforeHead, ['head', 'ECONNRESET'], ['head', 'ECONNRESET']],
    ['reset in the body', faults.resetMidBody, ['body', 'ECONNRESET'], ['body', 'ECONNRESET']],
    ['closed in the body', faults.closeMidBody, ['body', 'UND_ERR_SOCKET'], ['body', 'UND_ERR_SOCKET']],
    ['no answer', faults.blackHole, ['head', 'TimeoutError'], ['head', 'TimeoutError']],
    ['a stall', faults.stall, ['body', 'TimeoutError'], ['body', 'TimeoutError']],
    ['an empty 200', faults.empty200, [200, ''], [200, '']],
    ['wrong JSON', faults.wrongJson, [200, '{"hello":"world"}'], [200, '{"hello":"world"}']],
    [
      'HTML',
      faults.html200,
      [200, expect.stringContaining('<html>')],
      [200, expect.stringContaining('<html>')],
    ],
    [
      'a proxy',
      faults.badGateway,
      [502, expect.stringContaining('502 Bad Gateway')],
      [502, expect.stringContaining('502 Bad Gateway')],
    ],
    ['a drip', faults.slowDrip({ every: 1, body: '{"a":1}' }), [200, '{"a":1}'], [200, '{"a":1}']],
    [
      'a frame',
      faults.errorFrame('boom 中'),
      [200, expect.stringContaining('"boom \\u4e2d"')],
      [200, expect.stringMatching(/data: \{"error": "boom \\u4e2d"\}\r\n\r\n$/)],
    ],
  ])('%s', async (_name, handler, whole, streamed) => {
    expect(await seen(handler, false)).toEqual(whole);
    expect(await seen(handler, true)).toEqual(streamed);
  });

  it('JSON that stops in the middle', async () => {
    for (const stream of [false, true]) {
      const [status, body] = (await seen(faults.truncatedJson, stream)) as [number, string];
      expect(status).toBe(200);
      expect(() => JSON.parse(body.replace('data: ', ''))).toThrow(SyntaxError);
    }
  });

  it.each([false, true])(
    'a body without end, and a line without end, last until the client goes (stream: %s)',
    async stream => {
      for (const handler of [faults.neverEndingBody, faults.longLine()]) {
        server.answer('POST *', handler, { times: 1 });
        agent = new Agent();
        const body = JSON.stringify({ stream });
        const answer = await request(`${server.url}/v1/chat/completions`, {
          method: 'POST',
          body,
          dispatcher: agent,
        });
        let read = 0;
        for await (const chunk of answer.body) {
          read += (chunk as Buffer).length;
          if (read > 4_000_000) break;
        }
        expect((await server.requests.at(-1)?.outcome)?.aborted).toBe(true);
        await agent.destroy();
      }
    },
  );

  it('a long line has the length asked for and one line break', async () => {
    const [, body] = (await seen(faults.longLine(100_000), true)) as [number, string];
    expect(body.match(/a{100000}/)).not.toBeNull();
    expect(JSON.parse(body.slice(6)).choices[0].delta.content).toHaveLength(100_000);
  });
});

describe('faults of the connection', () => {
  it('refused', async () => {
    await using end = await refused();
    expect(await ask(end.url)).toEqual(['head', 'ECONNREFUSED']);
  });

  it('silent', async () => {
    await using end = await silent();
    expect(await ask(end.url)).toEqual(['head', 'TimeoutError']);
  });

  it('neither taken nor refused', async () => {
    await using end = await connectBlackHole();
    const socket = connect(Number(new URL(end.url).port), '127.0.0.1');
    let outcome = 'pending';
    socket.on('connect', () => {
      outcome = 'connected';
    });
    socket.on('error', () => {
      outcome = 'failed';
    });
    await sleep(200);
    expect(outcome).toBe('pending');
    socket.destroy();
  });
});
