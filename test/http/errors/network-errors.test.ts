import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import { ServerError } from '../../../src/http/errors/errors.ts';
import { errorBeforeResponse, errorInResponse } from '../../../src/http/errors/network-errors.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { serverAt } from '../servers.ts';

const server = serverAt('https://xinference:9997', { timeoutMs: 2_500 });

function coded(code: string, fields: object = {}, message = `${code} of the system`) {
  return Object.assign(new Error(message), { code, ...fields });
}

const list = { method: 'GET', path: '/v1/models' } as const;
const failed = (error: unknown, url = server.url) =>
  errorBeforeResponse(serverAt(url, { timeoutMs: 2_500 }), list, error, false);

describe('errorBeforeResponse', () => {
  test.each<[string, unknown, boolean, RegExp]>([
    ['an unknown name', coded('ENOTFOUND'), true, /name of xinference cannot be resolved/],
    ['a name server that is away', coded('EAI_AGAIN'), true, /cannot be resolved/],
    ['a refusal', coded('ECONNREFUSED'), true, /Nothing listens at/],
    ['a reset', coded('ECONNRESET'), true, /closed before an answer came/],
    ['a close', new errors.SocketError('other side closed'), true, /closed before an answer came/],
    ['no route', coded('EHOSTUNREACH'), true, /no way to/],
    ['no free handle', coded('EMFILE'), true, /too many open/],
    ['an unknown authority', coded('SELF_SIGNED_CERT_IN_CHAIN'), false, /not trusted/],
    ['a self-signed certificate', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), false, /not trusted/],
    ['a certificate of old', coded('CERT_HAS_EXPIRED'), false, /not valid today/],
    ['a certificate for another', coded('ERR_TLS_CERT_ALTNAME_INVALID'), false, /another name/],
    ['no TLS', coded('EPROTO', {}, 'write EPROTO: wrong version number'), false, /does not speak TLS/],
    ['another TLS', coded('ERR_SSL_NO_PROTOCOLS_AVAILABLE'), false, /No TLS connection/],
    ['no HTTP', coded('HPE_INVALID_CONSTANT'), false, /does not speak HTTP/],
    [
      'no HTTP, without a code',
      new errors.HTTPParserError('Expected HTTP/'),
      false,
      /does not speak HTTP \(Expected HTTP/,
    ],
    [
      'a proxy that refuses',
      new errors.RequestAbortedError('Proxy response (403) !== 200 when HTTP Tunneling'),
      false,
      /proxy does not let.*403/,
    ],
    ['anything else', coded('EWEIRD'), false, /failed: EWEIRD/],
    ['no error at all', 'odd', false, /failed: odd/],
  ])('%s', (_what, thrown, isRetryable, message) => {
    const error = failed(thrown);
    expect(error).toMatchObject({ isRetryable, cause: thrown, path: '/v1/models' });
    expect(error.message).toMatch(message);
    expect(error.message).toContain('https://xinference:9997/v1/models');
  });

  test('a timeout to connect says how long it was, at most 10 s', () => {
    const thrown = new errors.ConnectTimeoutError();
    expect(failed(thrown)).toMatchObject({ code: 'connect-timeout', isRetryable: true });
    expect(failed(thrown).message).toContain('within 2.5 s');
    expect(errorBeforeResponse(serverAt('http://x'), list, thrown, false).message).toContain('within 10 s');
  });

  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])(
    'a POST that was sent is not sent again after %s (issue 16, point 11)',
    code => {
      const lost = (method: 'GET' | 'POST', isSent: boolean) =>
        errorBeforeResponse(server, { method, path: '/v1/rerank' }, coded(code), isSent);
      expect(lost('POST', true)).toMatchObject({ code: 'may-have-worked', isRetryable: false });
      expect(lost('POST', true).message).toMatch(
        /broke off before an answer came.* may have worked on the request/,
      );
      expect(lost('POST', false)).toMatchObject({ isRetryable: true });
      expect(lost('GET', true)).toMatchObject({ isRetryable: true });
    },
  );

  test('silence is not tried again', () => {
    const error = failed(new errors.HeadersTimeoutError());
    expect(error).toMatchObject({ code: 'silent', isRetryable: false });
    expect(error.message).toMatch(/No answer from .* for 2\.5 s/);
  });

  test.each(['http://localhost:9997', 'http://127.0.0.1:9997', 'http://[::1]:9997'])(
    'a refusal at %s is one of the machine itself',
    url => {
      expect(failed(coded('ECONNREFUSED'), url).loopback).toBe(new URL(url).hostname);
      expect(failed(coded('ECONNREFUSED')).loopback).toBeUndefined();
    },
  );

  test('where a proxy is what fails, the proxy is named', () => {
    const refused = coded('ECONNREFUSED', { address: '10.0.0.9', port: 3128 });
    expect(failed(refused)).toMatchObject({ code: 'proxy-refused', isRetryable: true });
    expect(failed(refused).message).toContain('the proxy 10.0.0.9:3128');
    expect(failed(coded('ECONNREFUSED', { address: '10.0.0.9', port: 9997 })).code).toBe('refused');
    expect(failed(coded('ENOTFOUND', { hostname: 'squid' })).message).toMatch(/name of the proxy squid/);
    expect(failed(coded('ENOTFOUND', { hostname: 'xinference' })).message).toMatch(/name of xinference/);
  });
});

const answer = { server, path: '/v1/x', url: `${server.url}/v1/x`, status: 200 } as HttpResponse;

describe('errorInResponse', () => {
  test('an answer that breaks off is not tried again', () => {
    const error = errorInResponse(answer, coded('ECONNRESET'));
    expect(error).toMatchObject({ code: 'broke-off', isRetryable: false });
    expect(error.message).toMatch(/https:\/\/xinference:9997\/v1\/x broke off in the middle \(ECONNRESET\)/);
  });

  test('silence is a timeout, and an error that says what it is stays', () => {
    expect(errorInResponse(answer, new errors.BodyTimeoutError())).toMatchObject({ code: 'silent' });
    const known = new ServerError('unavailable', server, 'known');
    expect(errorInResponse(answer, known)).toBe(known);
  });
});
