import { describe, expect, it } from 'vitest';
import { InvalidServerError } from '../../src/http/address.ts';
import { parseHeaders, secretsOf } from '../../src/http/headers.ts';

describe('issue 20, 5: headers of one’s own', () => {
  it.each<[string, object | undefined]>([
    ['', undefined],
    ['  \n ', undefined],
    ['{"X-Tenant": "a", "cookie": " s=1 "}', { 'x-tenant': 'a', cookie: 's=1' }],
    ['X-Tenant: a\r\n\nX-Time:  12:30 \n', { 'x-tenant': 'a', 'x-time': '12:30' }],
    ['Authorization: Basic dXNlcjpwYXNz', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['{}', {}],
  ])('%j is %j', (typed, headers) => {
    expect(parseHeaders(typed, false)).toEqual(headers);
  });

  it.each<[string, RegExp]>([
    ['{"a": 1}', /value of the header a must be a text/],
    ['{"a"', /not valid JSON/],
    ['no colon', /Line 1 of the headers/],
    ['a: b\n: c', /Line 2 of the headers/],
    ['na me: x', /name of a header/],
    ['{"é": "x"}', /name of a header/],
    ['{"a": "b\\u0000c"}', /control or non-ASCII/],
    ['{"a": "b\\nc"}', /control or non-ASCII/],
    ['a: ключ', /control or non-ASCII/],
    ['a: 1\nA: 2', /header a is there twice/],
    ...'Host Content-Length Connection Transfer-Encoding Content-Type Upgrade Expect TE Keep-Alive'
      .split(' ')
      .map(name => [`${name}: x`, /made by the plugin itself/] as [string, RegExp]),
  ])('%j is refused', (typed, message) => {
    expect(() => parseHeaders(typed, false)).toThrow(InvalidServerError);
    expect(() => parseHeaders(typed, false)).toThrow(message);
  });

  it('authorization is taken only without an API key', () => {
    expect(() => parseHeaders('Authorization: Bearer x', true)).toThrow(/API key: leave one of the two out/);
  });

  it('no message shows a value', () => {
    for (const typed of ['hunter2', 'a: hunter2é', '{"a": ["hunter2"]}', '{"a": hunter2}']) {
      try {
        parseHeaders(typed, false);
      } catch (error) {
        expect(String(error)).not.toContain('hunter2');
      }
    }
  });

  it('values of eight and more characters are secrets', () => {
    expect(secretsOf({ a: '1234567', b: '12345678' })).toEqual(['12345678']);
    expect(secretsOf(undefined)).toEqual([]);
  });
});
