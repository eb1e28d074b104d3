import { setImmediate as turn } from 'node:timers/promises';
import { InvokeBadRequestError } from '../../src/dify/index.ts';

/** Digits that are decoded in one go: about 6 ms of work, so that 200 million of them hold up no heartbeat. */
const SLICE_DIGITS = 4 * 1024 * 1024;

/**
 * Decodes hex digits into a buffer that has room for them, piece by piece, letting others work in between.
 * @param at where in `target` the first byte goes
 * @throws InvokeBadRequestError when they are no hex digits, or not two for each byte. The signal's reason.
 */
export async function decodeHex(
  digits: string,
  target: Buffer,
  at: number,
  signal: AbortSignal,
): Promise<void> {
  for (let from = 0; from < digits.length; from += SLICE_DIGITS) {
    const slice = digits.slice(from, from + SLICE_DIGITS);
    // Stops at the first pair that is none.
    const written = target.write(slice, at + from / 2, 'hex');
    if (written * 2 !== slice.length) throw brokenHex(digits, from + written * 2);
    await turn();
    signal.throwIfAborted();
  }
}

function brokenHex(digits: string, position: number): InvokeBadRequestError {
  const problem =
    position === digits.length - 1
      ? `it ends in the middle of a byte, after ${digits.length} hex digits`
      : `there are no two hex digits at position ${position} of ${digits.length}`;
  return new InvokeBadRequestError(`The audio file arrived damaged: ${problem}. Send it again.`);
}
