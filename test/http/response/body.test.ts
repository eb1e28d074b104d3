import { describe, expect, test } from 'vitest';
import { readBody, readJsonObject } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import {
  closeMidBody,
  empty200,
  html200,
  resetMidBody,
  truncatedJson,
} from '../../fake/xinference/faults.ts';
import { type Handler, head, send, write } from '../../fake/xinference/replies.ts';
import { startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../servers.ts';

async function answeredBy<T>(
  handler: Handler,
  read: typeof readBody | typeof readJsonObject,
  fields: Partial<ModelServer> = {},
): Promise<T> {
  await using server = await startFakeXinference();
  server.answer('*', handler);
  using client = new TestClient();
  const signal = patient();
  const answer = await client.send(serverAt(server.url, fields), { method: 'GET', path: '/v1/x', signal });
  return (await read(answer, signal)) as T;
}

const text = (body: string, type = 'application/json'): Handler => {
  return (_request, response) => send(response, 200, type, body);
};

describe('readJsonObject', () => {
  test('gives the object', async () => {
    await expect(answeredBy(text('{"a":["模"]}'), readJsonObject)).resolves.toEqual({ a: ['模'] });
  });

  test.each<[string, Handler, RegExp]>([
    ['a page', html200, /The server said: a web page: Sign in/],
    ['nothing', empty200, /The server said: nothing\./],
    ['half of it', truncatedJson, /The server said: \{"object"/],
    ['an array', text('[1,2]'), /The server said: \[1,2\]/],
    ['null', text('null'), /The server said: null/],
    [
      'a JSON text',
      text('"<XINFERENCE_NON_STREAMING_ABORT>"'),
      /The server said: <XINFERENCE_NON_STREAMING_ABORT>/,
    ],
    ['the key', text('your key is xf-secret', 'text/plain'), /your key is \*\*\*\./],
    [
      'a long text',
      text('z'.repeat(9_000), 'text/plain'),
      /z{300,} … z{100,150}\. Check that the server URL/,
    ],
  ])('refuses %s', async (_what, handler, message) => {
    const read = answeredBy(handler, readJsonObject, { apiKey: 'xf-secret' });
    await expect(read).rejects.toMatchObject({ kind: 'broken-answer', status: 200, isRetryable: false });
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toThrow(/http:\/\/127\.0\.0\.1:\d+\/v1\/x is not an answer of Xinference/);
  });

  test.each([
    ['a reset', resetMidBody],
    ['a close', closeMidBody],
  ])('tells of %s in the middle', async (_what, handler) => {
    const read = answeredBy(handler, readJsonObject);
    await expect(read).rejects.toMatchObject({ kind: 'broken-answer', isRetryable: false });
    await expect(read).rejects.toThrow(/\/v1\/x broke off in the middle/);
  });
});

describe('readBody', () => {
  test('gives all bytes', async () => {
    const bytes = Buffer.alloc(3_000_000, 'äb');
    const handler: Handler = (_request, response) => send(response, 200, 'audio/mpeg', bytes);
    expect(bytes.equals(await answeredBy(handler, readBody))).toBe(true);
  });

  test('gives up at 256 MiB, and lets the server know', async () => {
    const aborted = Promise.withResolvers<void>();
    const endless: Handler = async (request, response) => {
      request.signal.addEventListener('abort', () => aborted.resolve());
      head(response, 200, { 'content-type': 'application/json' });
      const block = Buffer.alloc(2 ** 20);
      while (await write(response, block));
    };
    await expect(answeredBy(endless, readBody)).rejects.toThrow(/longer than 256 MiB\. Ask for less/);
    await aborted.promise;
  });
});

test('of the body of an error no more than its start is read', async () => {
  await using server = await startFakeXinference();
  server.answer('*', async (_request, response) => {
    head(response, 500, { 'content-type': 'text/plain' });
    while (await write(response, 'no '.repeat(1000)));
  });
  using client = new TestClient();
  const sent = client.send(serverAt(server.url), { method: 'GET', path: '/v1/x', signal: patient() });
  await expect(sent).rejects.toMatchObject({
    status: 500,
    serverText: expect.stringMatching(/^(no )+n?o?…$/),
  });
  expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
});
