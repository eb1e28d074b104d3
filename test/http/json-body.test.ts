import { describe, expect, test } from 'vitest';
import { jsonBody } from '../../src/http/json-body.ts';

const MILLION = 1024 * 1024;

describe('jsonBody', () => {
  test('is what JSON.stringify makes of a short value', async () => {
    const value = { text: 'é"', list: [1, null, { a: undefined }], none: undefined };
    expect(await jsonBody(value)).toBe(JSON.stringify(value));
  });

  test.each([
    ['of ASCII', 'abc"\\\n'.repeat(MILLION / 2)],
    ['of characters of two units, cut in their middle', `x${'😀'.repeat(2 * MILLION)}`],
    ['of just over a slice', 'y'.repeat(MILLION + 1)],
  ])('means the same as that for a long text %s', async (_what, long) => {
    const value = { first: 'short', list: [long, { text: long }, 7], 'a"key': long };
    const body = await jsonBody(value);
    expect(body).toBeInstanceOf(Buffer);
    expect(JSON.parse(body.toString('utf8'))).toEqual(value);
  });

  test('makes half a character, short or long, one that can be encoded', async () => {
    const half = '\ud800';
    const body = await jsonBody({ short: `a${half}`, long: half.repeat(2 * MILLION) });
    expect(JSON.parse(body.toString('utf8'))).toEqual({
      short: 'a\ufffd',
      long: '\ufffd'.repeat(2 * MILLION),
    });
  });

  test('makes half a character in a name one that can be encoded', async () => {
    const body = await jsonBody({ tools: [{ properties: { 'a\ud800': { type: 'string' } } }] });
    expect(body).toBe('{"tools":[{"properties":{"a\ufffd":{"type":"string"}}}]}');
  });

  test('lets others have their turn meanwhile', async () => {
    let turns = 0;
    let done = false;
    const count = () => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await jsonBody({ text: 'x'.repeat(20 * MILLION) });
    done = true;
    expect(turns).toBeGreaterThan(15);
  });
});
