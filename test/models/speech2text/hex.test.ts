import { expect, it } from 'vitest';
import { decodeHex } from '../../../models/speech2text/hex.ts';

const never = new AbortController().signal;

/** A buffer with two bytes of something else on each side of the place for `digits`. */
async function decode(digits: string): Promise<Buffer> {
  const target = Buffer.alloc(4 + Math.ceil(digits.length / 2), 0xee);
  await decodeHex(digits, target, 2, never);
  return target;
}

it('puts the bytes where they belong, in either case', async () => {
  expect((await decode('00ffA5a5')).toString('hex')).toBe('eeee00ffa5a5eeee');
});

it('puts slices together: more digits than one slice has', async () => {
  const bytes = Buffer.from(Array.from({ length: 3 * 1024 * 1024 }, (_none, at) => (at * 31) & 255));
  expect((await decode(bytes.toString('hex'))).subarray(2, -2).equals(bytes)).toBe(true);
});

it('lets others work between the slices', async () => {
  let turns = 0;
  const ticking = setInterval(() => turns++, 0);
  await decode('00'.repeat(16 * 1024 * 1024));
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(0);
});

it.each([
  ['00f', /ends in the middle of a byte, after 3 hex digits/],
  ['0', /ends in the middle of a byte, after 1 hex digits/],
  ['00ffxx00', /no two hex digits at position 4 of 8/],
  ['00ff0x00', /no two hex digits at position 4 of 8/],
  [`${'00'.repeat(2_200_000)}zz00`, /no two hex digits at position 4400000 of 4400004/],
  ['RIFF', /no two hex digits at position 0 of 4/],
  ['00é0', /no two hex digits at position 2 of 4/],
])('refuses what is no hex (%#)', async (digits, problem) => {
  await expect(decode(digits)).rejects.toMatchObject({
    errorType: 'InvokeBadRequestError',
    message: expect.stringMatching(problem),
  });
});

it('stops when the request is cancelled', async () => {
  const gone = new AbortController();
  const decoding = decodeHex('00'.repeat(8 * 1024 * 1024), Buffer.alloc(8 * 1024 * 1024), 0, gone.signal);
  gone.abort(new Error('gone'));
  await expect(decoding).rejects.toThrow('gone');
});
