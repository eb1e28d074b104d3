import { setImmediate } from 'node:timers/promises';
import { FeatureCounter, type TextFeatures } from './features.ts';

/** Code units counted without a break: about a millisecond of work, ten before the loop is compiled. */
const SLICE = 256 * 1024;

/** What a piece of text costs beside its code units, in code units, so that a million empty texts are sliced too. */
const PIECE_COST = 64;

/**
 * Counts each text for itself. Up to 256 Ki code units the answer is there at once, without a promise; beyond that
 * the rest is counted in slices between which the event loop runs.
 *
 * @param signal ends the counting early with its reason, at the start or after a slice.
 */
export function countTexts(
  texts: readonly string[],
  signal?: AbortSignal,
): TextFeatures[] | Promise<TextFeatures[]> {
  signal?.throwIfAborted();
  const counted: TextFeatures[] = [];
  const slices = countInSlices(texts, counted);
  return slices.next().done ? counted : countRest(slices, counted, signal);
}

async function countRest(
  slices: Iterator<undefined, undefined>,
  counted: TextFeatures[],
  signal: AbortSignal | undefined,
): Promise<TextFeatures[]> {
  do {
    await ownTurn();
    signal?.throwIfAborted();
  } while (!slices.next().done);
  return counted;
}

/** Yields between slices. */
function* countInSlices(texts: readonly string[], counted: TextFeatures[]): Generator<undefined, undefined> {
  let left = SLICE;
  for (const text of texts) {
    const counter = new FeatureCounter();
    let from = 0;
    do {
      if (left <= 0) {
        yield;
        left = SLICE;
      }
      const to = Math.min(text.length, from + left);
      counter.add(text, from, to);
      left -= to - from + PIECE_COST;
      from = to;
    } while (from < text.length);
    counted.push(counter.features());
  }
}

let lastTurn = Promise.resolve();

/**
 * Waits for a turn of the event loop that no other count works in. With a plain `setImmediate` each, a hundred
 * counts under way would do a hundred slices in every turn and hold up sockets and timers all that time.
 */
function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}
