import { describe, expect, it } from 'vitest';
import { NumberLists } from '../../../../models/openai/embeddings/number-lists.ts';

/** The lists that are taken out of a JSON text as they stand, and what is left with `#0`, `#1` in their places. */
function take(...pieces: string[]): { lists: string[]; counts: number[]; rest: string } {
  const taken = new NumberLists();
  for (const piece of pieces) taken.push(Buffer.from(piece));
  const left = taken.end();
  const lists: string[] = [];
  const counts: number[] = [];
  // A name is a quoted UUID and a number.
  const rest = left.replace(/"[0-9a-f]{8}-[0-9a-f-]{27} (\d+)"/g, (name, at) => {
    const list = taken.listOf(JSON.parse(name));
    lists.push(Buffer.concat([...(list?.pieces ?? [])]).toString());
    counts.push(list?.count ?? -1);
    return `#${at}`;
  });
  return { lists, counts, rest };
}

describe('NumberLists', () => {
  it('takes a list of numbers out with the digits of the server', () => {
    const taken = take('{"data":[{"index":0,"embedding":[-0.03447725996375084,1e-05,0]}],"usage":{}}');
    expect(taken.lists).toEqual(['-0.03447725996375084,1e-05,0']);
    expect(taken.counts).toEqual([3]);
    expect(taken.rest).toBe('{"data":[{"index":0,"embedding":#0}],"usage":{}}');
  });

  it('takes lists with the blanks that Python prints', () => {
    const taken = take('[{"embedding": [0.5, -1]}, {"embedding" :\n[ 2 , 3 ]}]');
    expect(taken.lists).toEqual(['0.5, -1', ' 2 , 3 ']);
    expect(taken.rest).toBe('[{"embedding": #0}, {"embedding" :\n#1}]');
  });

  it('takes a list as it stands wherever the text is cut', () => {
    const json = '{"embedding": [-0.5,1e-05,2], "b":"\\"", "embedding":[3]}';
    const whole = take(json);
    expect(whole.lists).toEqual(['-0.5,1e-05,2', '3']);
    for (let first = 0; first < json.length; first++) {
      for (let second = first; second < json.length; second++) {
        expect(take(json.slice(0, first), json.slice(first, second), json.slice(second))).toEqual(whole);
      }
    }
    expect(take(...json)).toEqual(whole);
  });

  it.each([
    'null',
    'NaN',
    '-',
    '01',
    '1.',
    '.5',
    '+1',
    '1e',
    '1e+',
    '0x1',
    '1,,2',
    ',1',
    '1,',
    '1 2',
    '"1"',
    '[1]',
    '{}',
    'true',
    '1e400',
    '1e100',
    '1234567890123456789',
    '1\n',
    '',
  ])('leaves [%s] to the parser', numbers => {
    for (const list of [`[${numbers}]`, `[0.5,${numbers}]`, `[${numbers},0.5]`]) {
      const json = `{"embedding":${list},"embedding":[7]}`;
      const taken = take(json);
      expect(taken.lists).toEqual(['7']);
      expect(taken.rest).toBe(json.replace('[7]', '#0'));
    }
  });

  it('leaves what only looks like a list of numbers inside a text', () => {
    const json = JSON.stringify({ error: '"embedding":[1,2]', 'an "embedding': [1], embeddings: [2] });
    const taken = take(json);
    expect(JSON.parse(taken.rest.replace('#0', '[1]'))).toEqual(JSON.parse(json));
  });

  it.each([
    '',
    '{',
    '{"embedding"',
    '{"embedding":',
    '{"embedding":[',
    '{"embedding":[1',
    '{"embedding":[1,2,',
  ])('gives %j back as it is', json => {
    expect(take(json)).toEqual({ lists: [], counts: [], rest: json });
  });

  it('does not mistake a text of the server for the name of a list', () => {
    const taken = new NumberLists();
    taken.push(Buffer.from('{"embedding":[1]}'));
    taken.end();
    expect(taken.listOf('0')).toBeUndefined();
    expect(taken.listOf(0)).toBeUndefined();
  });

  it('says how much there is beside the numbers', () => {
    const numbers = Buffer.from(`{"embedding":[${'0.25,'.repeat(200_000)}`);
    const noise = Buffer.alloc(1024 * 1024, 'x');
    const taken = new NumberLists();
    taken.push(numbers);
    for (let mebibytes = 0; mebibytes < 15; mebibytes++) taken.push(noise);
    expect(taken.restLength).toBeGreaterThanOrEqual(15 * noise.length);
    expect(taken.restLength).toBeLessThan(15 * noise.length + 100);
  });
});
