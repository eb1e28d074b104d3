import { expect, it } from 'vitest';
import { BackOff } from '../../../../src/dify/transport/remote/back-off.ts';

/** The waits when chance falls on the same share of its range each time. */
function waits(share: number): number[] {
  const backOff = new BackOff({ random: () => share });
  return [1, 2, 3, 4, 5, 6].map(() => backOff.next());
}

it('is between 1 s and 30 s, and grows', () => {
  expect(waits(0)).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
  expect(waits(0.5)).toEqual([2000, 3500, 5750, 9125, 14187.5, 15500]);
  expect(waits(1)).toEqual([3000, 9000, 27_000, 30_000, 30_000, 30_000]);
});

it('begins anew when it is reset', () => {
  const backOff = new BackOff({ random: () => 1 });
  const first = backOff.next();
  backOff.next();
  backOff.reset();
  expect(backOff.next()).toBe(first);
});
