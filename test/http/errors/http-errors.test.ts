import { describe, expect, test } from 'vitest';
import type { FailureKind } from '../../../src/http/errors/errors.ts';
import { errorFromAnswer, type FailedAnswer, parseRetryAfter } from '../../../src/http/errors/http-errors.ts';
import { bodyBytes, recording, recordingNames } from '../../fake/xinference/recordings/recordings.ts';
import { serverAt } from '../servers.ts';

const key = 'xf-0123456789';
const server = serverAt('http://xinference:9997', { apiKey: key });

function failed(fields: Partial<FailedAnswer>) {
  const answer = { status: 500, contentType: 'application/json', retryAfter: undefined, body: '', ...fields };
  return errorFromAnswer(server, '/v1/x', answer);
}

function recorded(name: string) {
  const { request, response } = recording(name);
  const header = (wanted: string) =>
    response.headers.find(line => line.toLowerCase().startsWith(`${wanted}:`))?.replace(/^[^:]*:\s*/, '');
  return errorFromAnswer(server, request.path, {
    status: response.status,
    contentType: header('content-type') ?? '',
    retryAfter: header('retry-after'),
    body: bodyBytes(recording(name)).toString('utf8'),
  });
}

const isFailure = (name: string) => recording(name).response.status >= 300;

describe('advice that fits', () => {
  const bare = { status: 500, contentType: 'text/plain; charset=utf-8' };

  test.each<[string, Partial<FailedAnswer>]>([
    ['as text', { ...bare, body: 'Internal Server Error' }],
    ['with a line end', { ...bare, body: 'Internal Server Error\n' }],
    ['as detail', { status: 500, body: '{"detail":"Internal Server Error"}' }],
    ['as an error', { status: 500, body: '{"error":{"message":"internal server error"}}' }],
    ['without a body', { status: 500, body: '' }],
    [
      'as a page (nginx)',
      { status: 500, contentType: 'text/html', body: '<h1>500 Internal Server Error</h1>' },
    ],
  ])('a bare 500 %s is the server’s failure, and no matter of the parameters', (_how, fields) => {
    const error = failed(fields);
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain("The fault is the server's own: look into its log");
    expect(error.message).not.toMatch(/parameters|refuses the request/);
  });

  test('a 500 as text that says why is a request that is refused (3.2)', () => {
    const error = failed({ ...bare, body: 'Internal Server Error: 1 validation error' });
    expect(error.kind).toBe('bad-request');
    expect(error.message).toContain('Xinference refuses the request');
  });

  test.each([
    'Conversation roles must alternate user/assistant/user/assistant/...',
    'After the optional system message, conversation roles must alternate user/assistant/user/assistant/...',
    'Conversation roles must strictly alternate between user and assistant',
    'Messages should alternate between user and assistant',
    'roles must alternate between "user" and "assistant", but found multiple "user" roles in a row',
    'The messages need to alternate',
  ])('%s: of roles that alternate', text => {
    const { message } = failed({ status: 400, body: JSON.stringify({ detail: text }) });
    expect(message).toContain('in turn');
    expect(message).not.toContain('at the very beginning');
  });

  test.each(['Out of range float values are not JSON compliant', 'cannot convert float NaN to integer'])(
    '%s: of NaN',
    detail => {
      expect(failed({ status: 500, body: JSON.stringify({ detail }) }).message).toContain('(NaN)');
    },
  );

  test.each<[string, string | undefined, string[]]>([
    [
      'https',
      'https://xinference:9997/v1/x',
      ['redirects to https://xinference:9997/v1/x', 'type https://xinference:9997 as the server URL'],
    ],
    [
      'below a prefix',
      '/api/v1/x?next=a',
      ['redirects to http://xinference:9997/api/v1/x,', 'type http://xinference:9997/api as'],
    ],
    [
      'a login',
      'https://sso.example/login?token=abc#f',
      ['redirects to https://sso.example/login,', 'a login'],
    ],
    ['itself', '/v1/x', ['redirects to http://xinference:9997/v1/x,', 'a login']],
    ['with a password', `https://user:pass@sso.example/${key}`, ['redirects to https://sso.example/***,']],
    ['nowhere', undefined, ['redirects are not followed']],
    ['no URL', 'http://[', ['redirects are not followed']],
    ['another scheme', 'javascript:alert(1)', ['redirects to javascript:']],
  ])('a redirect names where to: %s', (_what, location, says) => {
    for (const status of [301, 302, 307, 308]) {
      const { message } = failed({ status, location });
      for (const part of says) expect(message).toContain(part);
      expect(message).not.toMatch(/token|pass@|abc/);
    }
  });
});

describe('recorded answers', () => {
  const kinds: Readonly<Record<string, FailureKind>> = {
    'asr-no-file': 'bad-request',
    'auth-banned': 'banned',
    'auth-banned-chat': 'banned',
    'auth-banned-good-key': 'banned',
    'auth-basic': 'unauthorized',
    'auth-before-setup': 'unauthorized',
    'auth-chat-unknown-model': 'not-found',
    'auth-describe-unknown': 'not-found',
    'auth-empty': 'unauthorized',
    'auth-expired': 'unauthorized',
    'auth-launch-forbidden': 'unauthorized',
    'auth-login-bad': 'unauthorized',
    'auth-model-forbidden': 'unauthorized',
    'auth-no-header': 'unauthorized',
    'auth-no-header-chat': 'unauthorized',
    'auth-setup-no-token': 'unauthorized',
    'auth-version-forbidden': 'unauthorized',
    'auth-wrong-key': 'unauthorized',
    'auth-wrong-key-chat-stream': 'unauthorized',
    'auth-x-api-key': 'unauthorized',
    'chat-llamacpp-logit-bias': 'bad-request',
    'error-bad-json': 'bad-request',
    'error-body-array': 'bad-request',
    'error-chat-on-embedding': 'unavailable',
    'error-chat-on-rerank': 'unavailable',
    'error-embeddings-bad-json': 'bad-request',
    'error-empty-body': 'bad-request',
    'error-messages-string': 'bad-request',
    'error-method': 'not-found',
    'error-no-messages': 'bad-request',
    'error-no-model': 'bad-request',
    'error-rerank-bad-json': 'bad-request',
    'error-unknown-model': 'not-found',
    'error-unknown-model-again': 'not-found',
    'error-unknown-model-stream': 'not-found',
    'limit-chat': 'rate-limited',
    'loading-chat-stream': 'loading',
    'loading-describe': 'loading',
    'loading-embeddings': 'loading',
    'path-trailing-slash': 'not-found',
    'path-trailing-slash-post': 'not-found',
    'path-unknown': 'not-found',
    'path-wrong-prefix': 'not-found',
    'tools-unsupported': 'bad-request',
    'tts-fail': 'unavailable',
  };

  test.each(Object.entries(kinds))('%s is %s', (name, kind) => {
    expect(recorded(name).kind).toBe(kind);
  });

  test('the table has every failure of its families', () => {
    const names = recordingNames().filter(name => /^(error|auth|limit|loading|path)-/.test(name));
    expect(names.filter(isFailure).filter(name => !(name in kinds))).toEqual([]);
  });

  test.each(recordingNames().filter(isFailure))('%s is told in a readable way', name => {
    const { message, status } = recorded(name);
    const { path } = recording(name).request;
    expect(message).toContain(`at http://xinference:9997${path} (HTTP ${status})`);
    expect(message).not.toMatch(/\[address=|pid=|<\/?\w+>|\n|\{"|undefined|\[object/);
    expect(message).not.toContain(key);
    expect(message).toMatch(/[^.]\.$/);
    expect(message.length).toBeLessThan(1000);
  });

  test('only overload and loading are worth another try', () => {
    const names = recordingNames().filter(isFailure);
    const retried = names.filter(name => recorded(name).isRetryable);
    expect(retried).toEqual(['limit-chat', 'loading-chat-stream', 'loading-describe', 'loading-embeddings']);
  });

  test('a loading model says when to try again', () => {
    expect(recorded('loading-describe')).toMatchObject({ retryAfterMs: 30_000, isRetryable: true });
    expect(recorded('loading-describe').message).toContain('The model is still loading');
    expect(recorded('loading-describe').message).toContain('tried again in 30 s');
  });

  test('an advice is found at the end of a long text', () => {
    expect(recorded('tools-unsupported').message).toMatch(/support tool calls\. Set tool calling to "off"/);
    expect(recorded('asr-on-llm').message).toMatch(
      /is not for creating transcriptions\. The model is of another/,
    );
  });
});

describe('recorded answers of older servers', () => {
  test.each([
    [
      '1.17.1/chat-llamacpp-tools',
      'unavailable',
      /list_iterator\. Xinference before 2\.7\.0 fails so with tools/,
    ],
    ['1.17.1/chat-llamacpp-too-long', 'unavailable', /'choices'\. Xinference before 2\.12\.0 .* n_ctx/],
    ['1.17.1/chat-transformers-stream-tools', 'bad-request', /Streaming support for tool calls/],
    ['1.17.1/error-unknown-model', 'not-found', /the model UID \(not the name\)/],
    ['1.5.1/tts-on-whisper', 'unavailable', /of another type than the one chosen in Dify/],
    ['2.12.0/chat-llamacpp-too-long', 'unavailable', /exceeds the available context size.* Shorten the/],
  ])('%s says what it is', (name, kind, message) => {
    expect(recorded(name).kind).toBe(kind);
    expect(recorded(name).message).toMatch(message);
  });

  test.each([
    ['/v1/rerank', '0.6.5'],
    ['/v1/audio/transcriptions', '0.8.5'],
    ['/v1/audio/speech', '0.12.0'],
  ])('a server that lacks %s is too old', (path, version) => {
    for (const status of [404, 405]) {
      const lacking = {
        status,
        contentType: 'application/json',
        retryAfter: undefined,
        body: '{"detail":"Not Found"}',
      };
      const { message } = errorFromAnswer(server, path, lacking);
      expect(message).toContain(`Xinference has this path from ${version} on`);
    }
  });
});

describe('other answers', () => {
  test.each<[string, Partial<FailedAnswer>, FailureKind, boolean, RegExp]>([
    [
      'a gateway',
      { status: 502, contentType: 'text/html', body: '<html>Bad</html>' },
      'unavailable',
      true,
      /web page: Bad/,
    ],
    [
      'an overloaded server',
      { status: 503, contentType: 'text/plain', body: 'Service Unavailable' },
      'unavailable',
      true,
      /up, and try again/,
    ],
    ['a gateway that gave up', { status: 504 }, 'unavailable', true, /try again/],
    [
      'a router',
      { status: 504, body: '{"error":{"message":"backend_timeout","type":"t"}}' },
      'unavailable',
      true,
      /backend_timeout/,
    ],
    [
      'a crash of the engine',
      { status: 500, body: '{"detail":"CUDA out of memory"}' },
      'unavailable',
      false,
      /ran out of memory/,
    ],
    [
      'a masked error',
      { status: 500, body: `{"detail":"'async for' requires an object with __aiter__ method"}` },
      'unavailable',
      false,
      /log has it/,
    ],
    [
      'a failed validation',
      { status: 500, contentType: 'text/plain; charset=utf-8', body: 'Internal Server Error: x' },
      'bad-request',
      false,
      /refuses/,
    ],
    [
      'too long a context',
      { status: 400, body: `{"detail":"Request exceeds the model's configured context length."}` },
      'bad-request',
      false,
      /Shorten the conversation/,
    ],
    [
      'a misplaced system message',
      { status: 400, body: '{"detail":"A system message must be first"}' },
      'bad-request',
      false,
      /very beginning/,
    ],
    [
      'a page where the API should be',
      { status: 404, contentType: 'text/html', body: '<html>404</html>' },
      'not-found',
      false,
      /Check the server URL/,
    ],
    [
      'a blocked address',
      { status: 403, contentType: 'text/plain', body: 'Access denied for IP: 1.2.3.4\n' },
      'unauthorized',
      false,
      /let the Dify machine in/,
    ],
    [
      'too large a request',
      { status: 413, contentType: 'text/html', body: '<html>413</html>' },
      'bad-request',
      false,
      /limit of the proxy/,
    ],
    ['a redirect', { status: 307 }, 'bad-request', false, /redirects are not followed/],
    ['a status of its own', { status: 599 }, 'unavailable', false, /Check the server URL/],
    [
      'an empty detail',
      { status: 500, body: '{"detail":""}' },
      'unavailable',
      false,
      /\(HTTP 500\)\. The fault/,
    ],
  ])('%s', (_what, fields, kind, isRetryable, message) => {
    const error = failed(fields);
    expect(error).toMatchObject({ kind, isRetryable });
    expect(error.message).toMatch(message);
  });

  test('without a key, a 401 asks for one', () => {
    const answer = { status: 401, contentType: 'application/json', retryAfter: undefined, body: '{}' };
    const { message } = errorFromAnswer(serverAt('http://x'), '/v1/models', answer);
    expect(message).toMatch(/demands an API key.*Enter an API key/);
    expect(failed({ status: 401 }).message).toMatch(/refuses the API key.*mistyped, expired or disabled/);
  });

  test.each([429, 502, 503, 504])('a %i says how long the server wants to be left alone', status => {
    expect(failed({ status, retryAfter: '120' })).toMatchObject({ retryAfterMs: 120_000 });
    expect(failed({ status, retryAfter: '120' }).message).toContain('tried again in 120 s');
    expect(failed({ status }).message).not.toContain('tried again in');
  });

  test('a key that the server repeats is struck out', () => {
    const body = JSON.stringify({ detail: `no such key: ${key}, ${encodeURIComponent(key)}` });
    const { message, serverText } = failed({ status: 401, body });
    expect(serverText).toBe('no such key: ***, ***');
    expect(message).not.toContain(key);
  });

  test('of a long text 500 characters are shown', () => {
    const { message } = failed({ status: 400, body: JSON.stringify({ detail: 'y'.repeat(10_000) }) });
    expect(message.match(/y/g)?.length).toBeLessThanOrEqual(500);
    expect(message.match(/y/g)?.length).toBeGreaterThan(450);
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
