import { describe, expect, test } from 'vitest';
import type { FailureCode } from '../../../src/http/errors/errors.ts';
import { errorFromResponse, parseRetryAfter } from '../../../src/http/errors/http-errors.ts';
import { type FailedResponse, plainJudge } from '../../../src/http/errors/judge.ts';
import { serverAt } from '../servers.ts';

const key = 'xf-0123456789';
const server = serverAt('http://model-server:9997', { apiKey: key });
const json = { contentType: 'application/json', retryAfter: undefined };

function failed(fields: Partial<FailedResponse>) {
  return errorFromResponse(server, '/v1/x', { ...json, status: 500, body: '', ...fields }, plainJudge);
}

const html = { contentType: 'text/html', body: '<html>Sign in</html>' };

describe('a status says', () => {
  test.each<[string, Partial<FailedResponse>, FailureCode, boolean]>([
    ['a redirect', { status: 307 }, 'redirect', false],
    ['a request that is refused', { status: 400 }, 'request-refused', false],
    ['a page where the API should be', { status: 400, ...html }, 'web-page', false],
    ['a wrong key', { status: 401 }, 'key-refused', false],
    [
      'a blocked address',
      { status: 403, contentType: 'text/plain', body: 'Access denied' },
      'access-denied',
      false,
    ],
    ['an unknown path', { status: 404 }, 'path-unknown', false],
    ['a page that is not found', { status: 404, ...html }, 'web-page', false],
    ['a method that is not taken', { status: 405 }, 'path-unknown', false],
    ['too large a request', { status: 413, ...html }, 'too-large', false],
    ['a status of its own', { status: 418 }, 'status-4xx', false],
    ['a page with a status of its own', { status: 418, ...html }, 'web-page', false],
    ['a failed form check', { status: 422 }, 'request-refused', false],
    ['too many requests', { status: 429 }, 'rate-limited', true],
    ['a crash', { status: 500, body: 'CUDA error' }, 'model-failed', false],
    ['what is not implemented', { status: 501 }, 'request-refused', false],
    ['a gateway', { status: 502, ...html }, 'unavailable', true],
    ['an overloaded server', { status: 503, contentType: 'text/plain' }, 'unavailable', true],
    ['a gateway that gave up', { status: 504 }, 'unavailable', true],
    ['another status of its own', { status: 599 }, 'status-5xx', false],
  ])('%s', (_what, fields, code, isRetryable) => {
    const error = failed(fields);
    expect(error).toMatchObject({ code, isRetryable, status: fields.status, path: '/v1/x' });
    expect(error.message).toContain(`at http://model-server:9997/v1/x (HTTP ${fields.status}).`);
  });

  test.each<[string, Partial<FailedResponse>]>([
    ['as text', { contentType: 'text/plain', body: 'Internal Server Error' }],
    ['with a line end', { contentType: 'text/plain', body: 'Internal Server Error\n' }],
    ['as detail', { body: '{"detail":"Internal Server Error"}' }],
    ['as a title', { body: '{"title":"Internal Server Error","status":500}' }],
    ['with its status', { contentType: 'text/plain', body: 'HTTP 500 Internal Server Error' }],
    ['in a sentence', { contentType: 'text/plain', body: 'An internal server error occurred.' }],
    ['as no more than an error', { body: '{"error":"Unknown error"}' }],
    ['as an empty object', { body: '{}' }],
    ['as an error', { body: '{"error":{"message":"internal server error"}}' }],
    ['without a body', { body: '' }],
    ['with an empty detail', { body: '{"detail":""}' }],
    ['as a page (nginx)', { contentType: 'text/html', body: '<h1>500 Internal Server Error</h1>' }],
  ])('a bare 500 %s is the failure of the server, and no matter of the request', (_how, fields) => {
    expect(failed({ status: 500, ...fields }).code).toBe('server-failed');
  });

  test.each<[string, string | undefined, string, string | undefined]>([
    ['https', 'https://gpu:9997/v1/x', ' to https://gpu:9997/v1/x,', 'https://gpu:9997'],
    [
      'below a prefix',
      '/api/v1/x?next=a',
      ' to http://model-server:9997/api/v1/x,',
      'http://model-server:9997/api',
    ],
    ['a login', 'https://sso.example/login?token=abc#f', ' to https://sso.example/login,', undefined],
    ['itself', '/v1/x', ' to http://model-server:9997/v1/x,', undefined],
    ['with a password', `https://user:pass@sso.example/${key}`, ' to https://sso.example/***,', undefined],
    ['nowhere', undefined, ' at ', undefined],
    ['no URL', 'http://[', ' at ', undefined],
    ['another scheme', 'javascript:alert(1)', ' to javascript:alert(1),', undefined],
  ])('a redirect names where to: %s', (_what, location, to, elsewhere) => {
    for (const status of [301, 302, 307, 308]) {
      const error = failed({ status, location });
      expect(error).toMatchObject({ code: 'redirect', elsewhere });
      expect(error.message).toContain(`The server redirects${to}`);
      expect(error.message).not.toMatch(/token|pass@|abc/);
    }
  });

  test('without a key, a 401 asks for one', () => {
    const answer = { ...json, status: 401, body: '{}' };
    expect(errorFromResponse(serverAt('http://x'), '/v1/models', answer, plainJudge).code).toBe(
      'key-missing',
    );
  });

  test.each([429, 502, 503, 504])('a %i says how long the server wants to be left alone', status => {
    expect(failed({ status, retryAfter: '120' })).toMatchObject({ retryAfterMs: 120_000 });
    expect(failed({ status, retryAfter: '120' }).message).toContain('tried again in 120 s');
    expect(failed({ status }).message).not.toContain('tried again in');
  });
});

describe('what the server said', () => {
  test('is in the message, without the key', () => {
    const body = JSON.stringify({ detail: `no such key: ${key}, ${encodeURIComponent(key)}` });
    const { message, said } = failed({ status: 401, body });
    expect(said.quote).toBe('no such key: ***, ***');
    expect(message).toContain('The server said: no such key: ***, ***.');
  });

  test('is shown up to 500 characters', () => {
    const { message } = failed({ status: 400, body: JSON.stringify({ detail: 'y'.repeat(10_000) }) });
    expect(message.match(/y/g)?.length).toBeLessThanOrEqual(501);
    expect(message.match(/y/g)?.length).toBeGreaterThan(450);
  });

  test('is not in what is for a log but by its length (issue 16, 8)', () => {
    const { logged } = failed({ status: 400, body: '{"detail":"the prompt was: my secret"}' });
    expect(logged).toBe(
      'The server refuses the request at http://model-server:9997/v1/x (HTTP 400) (request-refused). The server said 25 characters.',
    );
  });

  test('is judged as it came: a key that is a word of it does not change what it says', () => {
    const wordy = serverAt('http://x', { apiKey: 'model' });
    const { said, message } = errorFromResponse(
      wordy,
      '/v1/x',
      { ...json, status: 404, body: '{"detail":"model not found"}' },
      plainJudge,
    );
    expect(said.test(/model not found/)).toBe(true);
    expect(message).toContain('The server said: *** not found.');
  });
});

describe('parseRetryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  test.each([
    [undefined, undefined],
    ['30', 30_000],
    [' 0 ', 0],
    ['Thu, 01 Jan 2026 00:00:05 GMT', 5_000],
    ['Thu, 01 Jan 2015 00:00:05 GMT', 0],
    ['soon', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['', undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms);
  });
});
