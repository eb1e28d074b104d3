import { startOf } from '../../text/redact.ts';
import type { ResponseBody } from '../response/response-body.ts';

const LONGEST = 64 * 1024;
const LONGEST_MS = 5_000;

/**
 * The start of the body of an error: what came within 64 KiB and 5 s, without the half of a key where it is cut. Never
 * throws: what came is better than nothing.
 */
export async function readErrorText(body: ResponseBody, secret: string | undefined): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  let isWhole = false;
  const timer = setTimeout(() => body.destroy(), LONGEST_MS);
  try {
    for await (const piece of body) {
      pieces.push(piece);
      length += piece.length;
      if (length >= LONGEST) break;
    }
    isWhole = length < LONGEST;
  } catch {
    // It broke off, and says what it had said until then.
  } finally {
    clearTimeout(timer);
  }
  const text = Buffer.concat(pieces, Math.min(length, LONGEST)).toString('utf8');
  return isWhole ? text : startOf(text, text.length - 1, secret);
}
