import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/http/client.ts';
import { cutStream, errorFromFrame, unreadableFrame } from '../../../src/http/errors/stream-errors.ts';
import { serverAt } from '../servers.ts';

const answer = (contentType = 'text/event-stream') =>
  ({
    server: serverAt('http://xinference:9997', { apiKey: 'xf-secret' }),
    path: '/v1/chat/completions',
    status: 200,
    contentType,
    body: Readable.from([]),
  }) as unknown as HttpResponse;

const at = 'http://xinference:9997/v1/chat/completions';

describe('errorFromFrame', () => {
  test.each([
    ['a text', 'boom 中', 'unavailable', /The server said: boom 中\. Check the request's parameters/],
    ['a rate limit', 'Rate limit reached', 'rate-limited', /Try again later/],
    [
      'a rate limit of old',
      '429: [address=1.2.3.4:5, pid=6] Rate limit reached for the model.',
      'rate-limited',
      /said: 429: Rate limit reached for the model\. Try/,
    ],
    [
      'a masked error',
      "'async for' requires an object with __aiter__ method, got NoneType",
      'unavailable',
      /its log has it/,
    ],
    ['an object', { message: 'CUDA out of memory', type: 'x' }, 'unavailable', /ran out of memory/],
    [
      'a conversation that is too long for llama.cpp, 1.17.1',
      "[address=127.0.0.1:38209, pid=16732] 'id'",
      'unavailable',
      /said: 'id'\. Xinference before 2\.12\.0 says so, and no more, of a conversation that is longer/,
    ],
    ['the key', 'wrong: xf-secret', 'unavailable', /wrong: \*\*\*\./],
    ['nothing', {}, 'unavailable', /The server said: nothing\./],
  ])('%s', (_what, error, kind, message) => {
    const told = errorFromFrame(answer(), error);
    expect(told).toMatchObject({ kind, isRetryable: false });
    expect(told.message).toMatch(message);
    expect(told.message).toContain(at);
  });
});

test('unreadableFrame shows the start of what came, without the key', () => {
  const told = unreadableFrame(answer(), `{"a": xf-secret ${'z'.repeat(5000)}`);
  expect(told.kind).toBe('broken-answer');
  expect(told.message).toMatch(/sent a chunk that is not JSON: \{"a": \*\*\* z+…\. Check/);
  expect(told.message.length).toBeLessThan(500);
  expect(unreadableFrame(answer(), '').message).toContain('an empty one');
});

test('cutStream tells a stream that ended early from what never was one', () => {
  expect(cutStream(answer(), true).message).toMatch(/ended before it was finished.*log/);
  expect(cutStream(answer(), false).message).toContain('ended before it was finished');
  expect(cutStream(answer('text/html'), false).message).toMatch(
    /answered with text\/html, not with a stream.*server URL/,
  );
  expect(cutStream(answer('text/html'), true).message).toContain('ended before it was finished');
});
