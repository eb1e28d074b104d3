import { describe, expect, test } from 'vitest';
import { errorFrameText, quoted, serverSaid, serverTextOf } from '../../../src/http/errors/server-text.ts';
import { Gate } from '../../../src/text/gate.ts';

const json = 'application/json';

describe('serverTextOf', () => {
  test.each([
    ['a detail', json, '{"detail":"Rate limit reached"}', 'Rate limit reached'],
    ['an empty detail', json, '{"detail":""}', ''],
    [
      'a form check',
      json,
      '{"detail":[{"type":"missing","loc":["body","file"],"msg":"Field required","input":null},{"msg":"no"}]}',
      'body.file: Field required; request: no',
    ],
    ['an error text', json, '{"error":"boom"}', 'boom'],
    ['an error of a router', json, '{"error":{"message":"backend_timeout","type":"x"}}', 'backend_timeout'],
    ['an error without a message', json, '{"error":{"type":"router_disabled"}}', 'router_disabled'],
    ['a message', json, '{"message":"no Route matched"}', 'no Route matched'],
    ['a JSON text', json, '"nothing here"', 'nothing here'],
    ['JSON of another shape', json, '{"code":7}', '{"code":7}'],
    ['JSON that is none', json, '{"detail":', '{"detail":'],
    ['plain text', 'text/plain', 'Access denied for IP: 10.0.0.1\n', 'Access denied for IP: 10.0.0.1'],
    ['nothing', '', '', ''],
    [
      'an actor address at the start',
      json,
      '{"detail":"[address=127.0.0.1:45193, pid=3663] CUDA out of memory."}',
      'CUDA out of memory.',
    ],
    [
      'an actor address in the middle',
      json,
      '{"detail":"later: [address=[::1]:21657, pid=-1] Model m is launching"}',
      'later: Model m is launching',
    ],
    ['lines and control characters', json, '{"detail":"a\\n  b\\u001b[31m\\tc"}', 'a b\\u001b[31m c'],
    [
      'a form check whose values are no texts (issue 16, 10)',
      json,
      '{"detail":[{"loc":["body",{"toString":1},0],"msg":{"toString":1}},{"toString":1},null]}',
      'body.{"toString":1}.0: {"toString":1}; request: undefined; null',
    ],
    ['other scripts', json, '{"detail":"模型 \\ud83d\\ude00"}', '模型 😀'],
    [
      'a page',
      'text/html; charset=utf-8',
      '<html><head><title>502 Bad Gateway</title><style>b{}</style></head><body><h1>nginx</h1></body></html>',
      'a web page: 502 Bad Gateway nginx',
    ],
    ['a page that says it is text', 'text/plain', ' <!DOCTYPE html><p>Sign in', 'a web page: Sign in'],
    ['a page that is cut in a script', 'text/html', '<title>A</title><script>var a = 1', 'a web page: A'],
    ['a page that is cut in a tag', 'text/html', '<title>A</title><a href="', 'a web page: A'],
  ])('%s', (_shape, type, body, text) => {
    expect(quoted(new Gate(), serverTextOf(body, type))).toBe(text);
  });

  test('the key is struck out before a page is cut, so that no half of it is left', () => {
    const key = 'xf-0123456789abcdef';
    const body = `<html>${'x'.repeat(140)} ${key}</html>`;
    expect(quoted(new Gate([key]), serverTextOf(body, 'text/html'))).toBe(
      `a web page: ${'x'.repeat(140)} ***`,
    );
  });

  test.each([
    ['scripts', '<script'],
    ['tags', '<'],
  ])('a hostile body of %s does not hold the process up', (_of, piece) => {
    serverTextOf(piece.repeat(Math.floor(2 ** 20 / piece.length)), 'text/html');
  });
});

test('errorFrameText takes a text and an object', () => {
  expect(errorFrameText('429: [address=1.2.3.4:5, pid=6] Rate limit')).toBe('429: Rate limit');
  expect(errorFrameText({ message: 'boom', code: 500 })).toBe('boom');
  expect(errorFrameText(7)).toBe('');
  const depth = 100_000;
  const nested = JSON.parse(`${'{"message":'.repeat(depth)}1${'}'.repeat(depth)}`);
  expect(errorFrameText(nested)).toBe('');
});

test('serverSaid makes a sentence of it', () => {
  expect(serverSaid('')).toBe('');
  expect(serverSaid('boom')).toBe(' The server said: boom.');
  expect(serverSaid('boom!')).toBe(' The server said: boom!');
});
