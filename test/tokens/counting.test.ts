import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { countTexts } from '../../src/tokens/counting.ts';
import { features } from './features.ts';

const SLICE = 256 * 1024;
const sentence = 'Zwölf 3.14 👍🏽 — 你好，世界。\n';
const long = sentence.repeat(Math.ceil((4 * SLICE) / sentence.length));

/** Turns of the event loop until a promise is settled. */
async function turnsUntil(work: unknown): Promise<number> {
  let done = false;
  const settled = Promise.resolve(work).finally(() => {
    done = true;
  });
  let turns = 0;
  for (; !done; turns++) await setImmediate();
  await settled;
  return turns;
}

test('a short prompt is counted at once', () => {
  expect(countTexts(['Hello, world!', '', sentence])).toEqual(['Hello, world!', '', sentence].map(features));
  expect(countTexts([])).toEqual([]);
});

test('long texts are counted to the same sums as in one go', async () => {
  const texts = ['short', long, '', `${long}x`, 'a'.repeat(SLICE), 'last'];
  const counted = countTexts(texts);
  expect(counted).toBeInstanceOf(Promise);
  expect(await counted).toEqual(texts.map(features));
});

test('the event loop runs between the slices of a long text', async () => {
  expect(await turnsUntil(countTexts([long]))).toBeGreaterThanOrEqual(4);
});

test('a million empty texts are sliced too', async () => {
  const counted = countTexts(new Array<string>(1_000_000).fill(''));
  expect(counted).toBeInstanceOf(Promise);
  expect(await counted).toHaveLength(1_000_000);
});

test('counts at the same time share the event loop, a slice a turn', async () => {
  const counts = [long, long, long, long, long].map(text => countTexts([text]));
  expect(await turnsUntil(Promise.all(counts))).toBeGreaterThanOrEqual(5 * 4);
});

test('an aborted signal ends a count with its reason', async () => {
  const stop = new AbortController();
  const counted = countTexts([long], stop.signal);
  const later = countTexts([long]);
  stop.abort(new Error('session cancelled'));
  await expect(counted).rejects.toThrow('session cancelled');
  expect(await later).toEqual([features(long)]);
});

test('nothing is counted for a signal that is aborted already', () => {
  expect(() => countTexts(['Hello'], AbortSignal.abort(new Error('gone')))).toThrow('gone');
});
