import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import {
  errorCode,
  isLostConnection,
  type NetworkFailure,
  networkFailureOf,
} from '../../../src/http/errors/network-failure.ts';

function coded(code: string, message = `${code} of the system`) {
  return Object.assign(new Error(message), { code });
}

describe('networkFailureOf', () => {
  test.each<[unknown, NetworkFailure]>([
    [coded('EAI_AGAIN'), 'dns'],
    [coded('ECONNREFUSED'), 'refused'],
    [new errors.ConnectTimeoutError(), 'connect-timeout'],
    [coded('ENETUNREACH'), 'no-route'],
    [coded('ENFILE'), 'too-many-open'],
    [new errors.SocketError('other side closed'), 'closed'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'certificate-name'],
    [coded('CERT_HAS_EXPIRED'), 'certificate-time'],
    [coded('CERT_SIGNATURE_FAILURE'), 'certificate-untrusted'],
    [coded('EPROTO', 'write EPROTO: wrong version number'), 'no-tls'],
    [coded('EPROTO', 'write EPROTO: handshake failure'), 'tls'],
    [coded('HPE_INVALID_CONSTANT'), 'no-http'],
    [new errors.HTTPParserError('Expected HTTP/'), 'no-http'],
    [coded('ERR_INVALID_URL'), 'proxy-url'],
    [new errors.RequestAbortedError('Proxy response (403) !== 200 when HTTP Tunneling'), 'proxy'],
    [new URIError('URI malformed'), 'proxy-url'],
    [coded('EWEIRD'), 'network'],
    ['odd', 'network'],
  ])('%s is %s', (error, failure) => {
    expect(networkFailureOf(error)).toBe(failure);
  });
});

test('errorCode looks into the causes and into several addresses', () => {
  expect(errorCode(new Error('x', { cause: coded('ECONNRESET') }))).toBe('ECONNRESET');
  expect(errorCode(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]))).toBe('ECONNREFUSED');
  expect(errorCode(new Error('x'))).toBe('');
  expect(errorCode('x')).toBe('');
});

test('isLostConnection knows a connection that was there from one that never was', () => {
  expect(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'].map(code => isLostConnection(coded(code)))).toEqual([
    true,
    true,
    true,
  ]);
  expect(
    ['ECONNREFUSED', 'ETIMEDOUT', 'UND_ERR_HEADERS_TIMEOUT'].some(code => isLostConnection(coded(code))),
  ).toBe(false);
});
