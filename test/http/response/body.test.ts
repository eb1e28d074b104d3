import { describe, expect, test } from 'vitest';
import { forEachBlock, readBody, readJsonObject } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import { bodyOf } from '../../fake/answer-body.ts';
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
  path = '/v1/x',
): Promise<T> {
  await using server = await startFakeXinference();
  server.answer('*', handler);
  using client = new TestClient();
  const signal = patient();
  const answer = await client.send(serverAt(server.url, fields), { method: 'GET', path, signal });
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
    ['nothing', empty200, /is empty\./],
    ['half of it', truncatedJson, /The server said: \{"object"/],
    ['a word NaN', text('[NaN'), /The server said: \[NaN/],
    ['an array', text('[1,2]'), /The server said: \[1,2\]/],
    ['null', text('null'), /The server said: null/],
    [
      'a JSON text',
      text('"<XINFERENCE_NON_STREAMING_ABORT>"'),
      /The server said: <XINFERENCE_NON_STREAMING_ABORT>/,
    ],
    ['the key', text('your key is xf-secret', 'text/plain'), /your key is \*\*\*\./],
    ['a long text', text('z'.repeat(9_000), 'text/plain'), /z{300,} … z{100,150}\.$/],
  ])('refuses %s', async (_what, handler, message) => {
    const read = answeredBy(handler, readJsonObject, { apiKey: 'xf-secret' });
    const code = _what === 'a page' ? 'page-as-answer' : 'no-answer';
    await expect(read).rejects.toMatchObject({ status: 200, isRetryable: false, code });
    await expect(read).rejects.toThrow(message);
    await expect(read).rejects.toThrow(/http:\/\/127\.0\.0\.1:\d+\/v1\/x is (?:no JSON object|empty)\./);
  });

  test.each([
    '{"results":[{"index":0,"relevance_score":NaN}]}',
    '[1,\n-Infinity]',
    '{"relevance_score":-nan}',
    '[inf]',
  ])('says of %s, as Python or C writes it, that it holds no numbers', async body => {
    const read = answeredBy(text(body), readJsonObject);
    await expect(read).rejects.toMatchObject({ code: 'not-a-number', status: 200 });
    await expect(read).rejects.toThrow('holds NaN or Infinity');
  });

  test.each([
    ['a reset', resetMidBody],
    ['a close', closeMidBody],
  ])('tells of %s in the middle', async (_what, handler) => {
    const read = answeredBy(handler, readJsonObject);
    await expect(read).rejects.toMatchObject({ code: 'broke-off', isRetryable: false });
    await expect(read).rejects.toThrow(/\/v1\/x broke off in the middle/);
  });
});

describe('of JSON that is small and slow to parse (issue 16, point 2)', () => {
  /** As many as fit into 4 MiB. */
  const many = (value: string) => `[${`${value},`.repeat((4 << 20) / (value.length + 1))}null]`;

  test.each([
    ['objects', '{}', 'lists and objects'],
    ['lists', '[]', 'lists and objects'],
    ['strings', '"a"', 'strings'],
    ['numbers', '0.5', 'values'],
    ['words', 'null', 'values'],
  ])('%s beyond the bound of the endpoint are an error that says so', async (_what, value, named) => {
    const body = `{"results":${many(value)}}`;
    const read = answeredBy(text(body), readJsonObject, {}, '/v1/rerank');
    await expect(read).rejects.toThrow(new RegExp(`/v1/rerank has more than [0-9,]+ ${named} in it`));
    await expect(read).rejects.toMatchObject({ code: 'too-long' });
  });

  test('brackets that a model wrote stand in a string, and are not counted', async () => {
    const body = { text: many('{"a":[1]}') };
    const read = answeredBy(text(JSON.stringify(body)), readJsonObject, {}, '/v1/chat/completions');
    await expect(read).resolves.toEqual(body);
  });

  test('lists and objects below the bound are an answer', async () => {
    const results = Array.from({ length: 20_000 }, (_, index) => ({ index, relevance_score: 0.5 }));
    const read = answeredBy(text(JSON.stringify({ results })), readJsonObject, {}, '/v1/rerank');
    await expect(read).resolves.toEqual({ results });
  });
});

describe('readBody', () => {
  test('gives all bytes', async () => {
    const bytes = Buffer.alloc(3_000_000, 'äb');
    const handler: Handler = (_request, response) => send(response, 200, 'audio/mpeg', bytes);
    expect(bytes.equals(await answeredBy(handler, readBody, {}, '/v1/audio/speech'))).toBe(true);
  });

  test('gives up at the bound of the endpoint, and lets the server know', async () => {
    const aborted = Promise.withResolvers<void>();
    const endless: Handler = async (request, response) => {
      request.signal.addEventListener('abort', () => aborted.resolve());
      head(response, 200, { 'content-type': 'application/json' });
      const block = Buffer.alloc(2 ** 20);
      while (await write(response, block));
    };
    const read = answeredBy(endless, readBody, {}, '/v1/rerank');
    await expect(read).rejects.toThrow(/longer than 16 MiB, /);
    await aborted.promise;
  });
});

test('a body that comes byte by byte is put together as it comes (issue 16, point 3)', async () => {
  const bytes = Array.from({ length: 100_000 }, (_, at) => Buffer.of(at & 0xff));
  const blocks: Buffer[] = [];
  await forEachBlock(bodyOf(bytes), block => blocks.push(block));
  expect(blocks.length).toBeLessThan(5);
  expect(Buffer.concat(blocks).equals(Buffer.concat(bytes))).toBe(true);
});

test('what came of a body that breaks off is handed on', async () => {
  const body = bodyOf([Buffer.from('a'), Buffer.from('b')], new Error('reset'));
  const blocks: string[] = [];
  const read = forEachBlock(body, block => blocks.push(String(block)));
  await expect(read).rejects.toThrow('reset');
  expect(blocks).toEqual(['ab']);
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
    said: { whole: expect.stringMatching(/^(no )+n?o?…$/) },
  });
  expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
});
