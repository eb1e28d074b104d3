import { forEachBlock } from '../response/body.ts';
import { ownTurn } from '../response/own-turn.ts';
import type { ResponseBody } from '../response/response-body.ts';

const LONGEST = 64 * 1024;
const LONGEST_MS = 5_000;
/** Keys are looked for in it, in all their spellings: some ms of work. */
const LONG = 4 * 1024;

/** The start of the body of an error: what came within 64 KiB and 5 s. Never throws: what came is better than nothing. */
export async function readErrorText(body: ResponseBody): Promise<string> {
  const blocks: Buffer[] = [];
  let length = 0;
  const timer = setTimeout(() => body.destroy(), LONGEST_MS);
  try {
    await forEachBlock(body, block => {
      blocks.push(block);
      length += block.length;
      if (length >= LONGEST) body.destroy();
    });
  } catch {
    // It broke off, and says what it had said until then.
  } finally {
    clearTimeout(timer);
  }
  if (length > LONG) await ownTurn();
  return Buffer.concat(blocks, Math.min(length, LONGEST)).toString('utf8');
}
