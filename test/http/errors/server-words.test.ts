import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { plainJudge } from '../../../src/http/errors/judge.ts';
import { ServerWords, wordsOfBody, wordsOfFrame } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';
import { growthOver8 } from '../../growth.ts';

const json = 'application/json';
const gate = new Gate();
const said = (body: string, type: string, by = gate) => wordsOfBody(body, type, by, plainJudge).quote;

describe('wordsOfBody', () => {
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
    ['a message of a gateway', json, '{"code":500,"msg":"Internal Server Error"}', 'Internal Server Error'],
    ['a JSON text', json, '"nothing here"', 'nothing here'],
    ['JSON of another shape', json, '{"code":7}', '{"code":7}'],
    ['JSON that is none', json, '{"detail":', '{"detail":'],
    ['plain text', 'text/plain', 'Access denied for IP: 10.0.0.1\n', 'Access denied for IP: 10.0.0.1'],
    ['nothing', '', '', ''],
    ['lines and control characters', json, '{"detail":"a\\n  b\\u001b[31m\\tc"}', 'a b\\u001b[31m c'],
    [
      'a form check whose values are no texts (issue 16, 10)',
      json,
      '{"detail":[{"loc":["body",{"toString":1},0],"msg":{"toString":1}},{"toString":1},null]}',
      'body.{"toString":1}.0: {"toString":1}; {"toString":1}; null',
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
    expect(said(body, type)).toBe(text);
  });

  test('the key is struck out before a page is cut, so that no half of it is left', () => {
    const key = 'xf-0123456789abcdef';
    const body = `<html>${'x'.repeat(140)} ${key}</html>`;
    expect(said(body, 'text/html', new Gate([key]))).toBe(`a web page: ${'x'.repeat(140)} ***`);
  });

  test.each([
    ['scripts', '<script', 'text/html'],
    ['scripts that end', '<script></script', 'text/html'],
    ['tags', '<', 'text/html'],
    ['blanks', ' ', 'text/plain'],
    ['form checks', '{"loc":[', 'application/json'],
  ])('a body of %s takes eight times as long for eight times as much (issue 16, 4)', (_of, piece, type) => {
    const growth = growthOver8(4_000, size => () => said(piece.repeat(size / piece.length), type));
    expect(growth).toBeLessThan(20);
  });
});

test('wordsOfFrame takes a text, an object, and what is neither', () => {
  const words = (error: unknown) => wordsOfFrame(error, gate, plainJudge).quote;
  expect(words('429: Rate limit')).toBe('429: Rate limit');
  expect(words({ message: 'boom', code: 500 })).toBe('boom');
  expect(words({ code: 500 })).toBe('{"code":500}');
  expect(words({ message: { toString: 1 } })).toBe('{"message":{"toString":1}}');
  expect(words(7)).toBe('7');
  const depth = 100_000;
  const nested = JSON.parse(`${'{"message":'.repeat(depth)}1${'}'.repeat(depth)}`);
  expect(words(nested).length).toBeLessThanOrEqual(500);
});

describe('ServerWords', () => {
  test('make a sentence', () => {
    expect(new ServerWords('', gate).sentence).toBe('');
    expect(new ServerWords('boom', gate).sentence).toBe(' The server said: boom.');
    expect(new ServerWords('boom!', gate).sentence).toBe(' The server said: boom!');
  });

  test('are nowhere but behind the gate', () => {
    const words = new ServerWords('my key is xf-secret-1', new Gate(['xf-secret-1']));
    expect(words.whole).toBe('my key is ***');
    expect(inspect(words, { showHidden: true })).not.toContain('secret');
    expect(JSON.stringify(words)).not.toContain('secret');
  });
});
