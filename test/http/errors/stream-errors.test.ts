import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  cutStream,
  errorFromFrame,
  noAnswer,
  unreadableFrame,
} from '../../../src/http/errors/stream-errors.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { xinferenceJudge } from '../../../src/xinference/judge.ts';
import { serverAt } from '../servers.ts';

const answer = (contentType = 'text/event-stream') =>
  ({
    server: serverAt('http://xinference:9997', { apiKey: 'xf-secret' }),
    path: '/v1/chat/completions',
    url: at,
    judge: xinferenceJudge,
    status: 200,
    contentType,
    body: Readable.from([]),
  }) as unknown as HttpResponse;

const at = 'http://xinference:9997/v1/chat/completions';

describe('errorFromFrame', () => {
  test.each([
    ['a text', 'boom 中', 'model-failed', /The server said: boom 中\.$/],
    [
      'an object',
      { message: 'CUDA out of memory', type: 'x' },
      'model-failed',
      /said: CUDA out of memory\.$/,
    ],
    ['the key', 'wrong: xf-secret', 'model-failed', /wrong: \*\*\*\.$/],
    ['nothing', {}, 'model-failed', /The server said: \{\}\.$/],
    ['what its judge knows', 'Rate limit reached', 'rate-limited', /more requests than it takes/],
    [
      'an address of an actor',
      '429: [address=1.2.3.4:5, pid=6] Rate limit reached for the model.',
      'rate-limited',
      /said: 429: Rate limit reached for the model\.$/,
    ],
  ])('%s', (_what, error, code, message) => {
    const told = errorFromFrame(answer(), error);
    expect(told).toMatchObject({ code, isRetryable: false });
    expect(told.message).toMatch(message);
    expect(told.message).toContain(at);
  });
});

test('unreadableFrame shows the start of what came, without the key', () => {
  const told = unreadableFrame(answer(), `{"a": xf-secret ${'z'.repeat(5000)}`);
  expect(told.code).toBe('no-answer');
  expect(told.message).toMatch(/sent a chunk that is not JSON\. The server said: \{"a": \*\*\* z+ … z+\.$/);
  expect(told.message.length).toBeLessThan(1000);
});

test('noAnswer shows what came', () => {
  expect(noAnswer(answer(), { code: 7, key: 'xf-secret' }).message).toContain('{"code":7,"key":"***"}');
});

test('cutStream tells a stream that ended early from what never was one', () => {
  expect(cutStream(answer(), true).message).toMatch(/ended before it was finished/);
  expect(cutStream(answer(), false).message).toContain('ended before it was finished');
  expect(cutStream(answer('text/html'), false).message).toMatch(
    /answered with text\/html, not with a stream/,
  );
  expect(cutStream(answer('text/html'), true).message).toContain('ended before it was finished');
});
