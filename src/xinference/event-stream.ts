import { bodyError, type XinferenceAnswer } from './client.ts';
import { XinferenceError } from './errors.ts';

const LF = 0x0a;
const CR = 0x0d;
/** The longest event; what is longer is no chunk of an answer. */
const LONGEST_EVENT = 16 * 1024 * 1024;

/** The event is longer than any chunk of an answer can be. */
export class EventTooLongError extends Error {
  override readonly name = 'EventTooLongError';
}

/**
 * Cuts the bytes of a server-sent event stream into the payloads of its `data:` fields. Takes any cut of the bytes, LF,
 * CRLF and CR, comments, and `data:` with or without a blank. Whole lines alone are decoded, so a character split over two
 * pieces stays whole; the bytes of an unfinished line wait in a list and are joined once.
 */
export class EventDecoder {
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  /** Payload lines of the event that has not ended yet. */
  #data: string | undefined;
  /** The last line ended with CR: an LF that comes next belongs to it. */
  #afterCr = false;

  /** @returns the payloads that these bytes complete, in order @throws EventTooLongError */
  push(bytes: Buffer): string[] {
    const cut = lastLineEnd(bytes);
    if (cut < 0) {
      this.#wait(bytes);
      return [];
    }
    const whole = bytes.subarray(0, cut + 1);
    let text: string;
    if (this.#waiting.length === 0) text = whole.toString('utf8');
    else {
      text = Buffer.concat([...this.#waiting, whole]).toString('utf8');
      this.#waiting = [];
      this.#waitingBytes = 0;
    }
    if (cut + 1 < bytes.length) this.#wait(bytes.subarray(cut + 1));
    return this.#readLines(text);
  }

  /** The stream is over: an unfinished line or event counts. */
  end(): string[] {
    const events = this.#readLines(`${Buffer.concat(this.#waiting).toString('utf8')}\n\n`);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return events;
  }

  #wait(bytes: Buffer): void {
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes > LONGEST_EVENT) throw new EventTooLongError();
    this.#waiting.push(bytes);
  }

  #readLines(text: string): string[] {
    const events: string[] = [];
    let start = 0;
    if (this.#afterCr && text.charCodeAt(0) === LF) start = 1;
    this.#afterCr = text.charCodeAt(text.length - 1) === CR;
    // Servers use one kind of line end; CR alone is looked for only where it occurs as such.
    const loneCr = /\r(?!\n)/.test(text);
    while (start < text.length) {
      let end = text.indexOf('\n', start);
      let next = end + 1;
      if (end < 0) {
        end = text.length;
        next = end;
      }
      if (loneCr) {
        const cr = text.indexOf('\r', start);
        if (cr >= 0 && cr < end) {
          end = cr;
          next = text.charCodeAt(cr + 1) === LF ? cr + 2 : cr + 1;
        }
      } else if (end > start && text.charCodeAt(end - 1) === CR) end--;
      this.#readLine(text, start, end, events);
      start = next;
    }
    return events;
  }

  #readLine(text: string, start: number, end: number, events: string[]): void {
    if (start === end) {
      if (this.#data !== undefined) events.push(this.#data);
      this.#data = undefined;
    } else if (text.startsWith('data', start)) {
      let from = start + 4;
      if (from < end && text[from] !== ':') return; // a field whose name only begins so
      from = Math.min(from + 1, end);
      if (text[from] === ' ') from++;
      const payload = text.slice(from, Math.max(from, end));
      this.#data = this.#data === undefined ? payload : `${this.#data}\n${payload}`;
      if (this.#data.length > LONGEST_EVENT) throw new EventTooLongError();
    }
  }
}

/** The index of the last line end. A CR at the very end waits for the LF that may follow. */
function lastLineEnd(bytes: Buffer): number {
  const lf = bytes.lastIndexOf(LF);
  if (lf >= 0) return lf;
  const cr = bytes.lastIndexOf(CR);
  return cr;
}

/**
 * The payloads of an answer's events, as many at once as arrived at once. Leaving the loop early closes the
 * connection, so that the server can stop.
 * @throws XinferenceError when the answer breaks off, falls silent or has an event over 16 MiB; the signal's reason
 */
export async function* readEvents(
  answer: XinferenceAnswer,
  signal: AbortSignal,
): AsyncGenerator<string[], void> {
  const decoder = new EventDecoder();
  try {
    for await (const bytes of answer.body as AsyncIterable<Buffer>) {
      const events = decoder.push(bytes);
      if (events.length > 0) yield events;
    }
    const rest = decoder.end();
    if (rest.length > 0) yield rest;
  } catch (error) {
    if (error instanceof EventTooLongError) {
      throw new XinferenceError(
        'broken-answer',
        `${answer.server.url}${answer.path} sent an event of more than ${LONGEST_EVENT >> 20} MiB, which is no part of an answer. Check the server URL.`,
      );
    }
    throw bodyError(answer, error, signal);
  }
}
