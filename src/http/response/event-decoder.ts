import { isObject, type JsonBounds, tryParseJson } from '../../text/json.ts';
import { type AnswerBounds, CHUNK } from './bounds.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { LONG } from './own-turn.ts';
import { RepeatedEvents, type Template } from './repeated-events.ts';

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const BLANK = 0x20;
const BOM = 0xfeff;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
/** What an event is called that tells of a failure, whatever its payload. */
const FAILURE = /error|fail|exception|abort|time_?out|cancel|reject|refus|overload|unavailable/i;
/** Lines of one event. Each that is joined takes more room than the shortest has bytes. */
const MOST_LINES = 10_000;
/** The payload that ends a stream of the OpenAI kind. */
export const DONE = '[DONE]';

/** The event is longer than any chunk of an answer can be. */
export class EventTooLongError extends Error {
  override readonly name = 'EventTooLongError';
}

/** Takes what the events of a stream carry, in order. */
export interface PayloadSink {
  /** The payload of one event. */
  payload(payload: string): void;
  /** Whoever wants the texts of repeated events alone, says here what such an event looks like. */
  readonly template?: Template | undefined;
  /** The texts of events that all were the template but for them, joined. */
  text?(text: string): void;
  /** How many payloads were part of the answer, where some may not be. */
  readonly parts?: number;
  /** What arrived together has been handed over. @returns a promise to await before the next, where more would be too much */
  flush(): Promise<void> | undefined;
}

/**
 * Cuts the bytes of a server-sent event stream into the payloads of its events. Takes any cut of the bytes, LF, CRLF and
 * CR, comments, and `data:` with or without a blank; empty payloads are left out. Whole lines alone are decoded, so a
 * character split over two pieces stays whole; the bytes of an unfinished line wait.
 *
 * What stands before a server often leaves the format. So a payload also comes of
 * - an event by a name that tells of a failure, and of a field `error`: then it is `{"error": …}`;
 * - each `data:` line, where the blank lines between events are lost: a line after a whole JSON object begins another event;
 * - each line that is a JSON object without a field, and, where nothing else has come but the end, all that came.
 */
export class EventDecoder {
  readonly #sink: PayloadSink;
  readonly #bounds: AnswerBounds;
  #count = 0;
  #template: Template | undefined;
  /** How events of the template stand in this stream, once one was seen. */
  #repeated: RepeatedEvents | undefined;
  readonly #waiting = new GrowingBuffer();
  /** Payload lines of the event that has not ended yet. */
  #data: string | undefined;
  /** How many they are. */
  #lines = 0;
  /** The name of the event that comes tells of a failure. */
  #isFailure = false;
  /** The same of the event whose data has begun. */
  #isFailureData = false;
  /** Events come without blank lines between them. */
  #isCompact = false;
  #hasPayload = false;
  /** Lines that belong to no event, while nothing else has come. */
  #strayLines: string[] = [];
  #strayLength = 0;
  #isDone = false;
  #isAtStart = true;
  /** The last line ended with CR: an LF that comes next belongs to it. */
  #afterCr = false;

  /** @param bounds of each payload */
  constructor(sink: PayloadSink, bounds = CHUNK) {
    this.#sink = sink;
    this.#bounds = bounds;
  }

  /** How many payloads have come; a run of repeated ones counts as one. */
  get count(): number {
    return this.#count;
  }

  /** Whether a long line has begun, which will be worked on when it ends. */
  get isInLongLine(): boolean {
    return this.#waiting.length > LONG;
  }

  /** Whether `[DONE]` has come. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * @param bytes not kept
   * @throws EventTooLongError; what the sink throws
   */
  push(bytes: Buffer): void {
    const end = endOfLines(bytes);
    let start = 0;
    if (end > 0 && this.#waiting.length > 0) {
      // Only the line that was cut is joined: a copy of the whole read costs as much as decoding it.
      start = bytes.indexOf(LF) + 1 || end;
      this.#readLines(this.#join(bytes.subarray(0, start)));
    }
    if (start < end) this.#readLines(bytes.toString('utf8', start, end));
    if (end < bytes.length) this.#wait(bytes.subarray(end));
  }

  /** The stream is over: an unfinished line or event counts. */
  end(): void {
    this.#readLines(`${this.#waiting.takeText()}\n\n`);
    if (!this.#hasPayload) this.#emitStray();
  }

  #wait(bytes: Buffer): void {
    if (this.#waiting.length + bytes.length > this.#bounds.bytes) throw new EventTooLongError();
    this.#waiting.push(bytes);
  }

  #join(bytes: Buffer): string {
    this.#waiting.push(bytes);
    return this.#waiting.takeText();
  }

  /** @param text whole lines */
  #readLines(text: string): void {
    const { length } = text;
    let start = 0;
    if (this.#isAtStart && text.charCodeAt(0) === BOM) start = 1;
    if (this.#afterCr && text.charCodeAt(0) === LF) start = 1;
    this.#isAtStart = false;
    this.#afterCr = text.charCodeAt(length - 1) === CR;
    let data = this.#data;
    // Both ends are looked for ahead and kept, so that no kind of line end makes this quadratic.
    let lf = -1;
    let cr = -1;
    while (start < length) {
      if (data === undefined && !this.#isFailure) {
        start = this.#readRepeated(text, start);
        if (start >= length) break;
      }
      if (lf < start) lf = indexOrEnd(text, '\n', start);
      if (cr < start) cr = indexOrEnd(text, '\r', start);
      const end = cr < lf ? cr : lf;
      if (end === start) {
        if (data || this.#isFailure) this.#emit(data ?? '', this.#isFailure);
        data = undefined;
        this.#isFailure = false;
      } else if (text.charCodeAt(start) !== COLON) {
        const line = text.startsWith('data', start) ? payloadOf(text, start + 4, end) : undefined;
        if (line !== undefined && this.#template && !this.#repeated) {
          const place = { line: start, payload: end - line.length, end };
          this.#repeated = RepeatedEvents.like(this.#template, text, place);
        }
        if (line === undefined) data = this.#readOther(data, text.slice(start, end));
        else data = this.#addLine(data, line);
      }
      start = end + (cr + 1 === lf && cr === end ? 2 : 1);
    }
    this.#data = data;
  }

  /** @returns where what is no repeated event begins */
  #readRepeated(text: string, start: number): number {
    const { template } = this.#sink;
    if (template !== this.#template) {
      this.#template = template;
      this.#repeated = undefined;
    }
    if (this.#repeated === undefined) return start;
    const texts = this.#repeated.read(text, start);
    const { end } = this.#repeated;
    if (end > start) {
      this.#count++;
      this.#sink.text?.(texts);
    }
    return end;
  }

  #emit(payload: string, isFailure = false): void {
    if (payload === DONE && !this.#hasPayload) this.#emitStray();
    this.#hasPayload = true;
    this.#strayLines = [];
    this.#isDone ||= payload === DONE;
    this.#count++;
    this.#sink.payload(isFailure ? failure(payload, this.#bounds) : payload);
  }

  /** @param data lines of the event before this one @returns those of the event that goes on, with this one */
  #addLine(data: string | undefined, line: string): string | undefined {
    if (data !== undefined) {
      if (line !== DONE && !(this.#lines === 1 && this.#isWhole(data))) return this.#joinLines(data, line);
      this.#isCompact = true;
      this.#emit(data, this.#isFailureData);
    }
    if (line === DONE || (this.#isCompact && this.#isWhole(line))) {
      this.#emit(line, this.#isFailure);
      this.#isFailure = false;
      return undefined;
    }
    this.#lines = 1;
    this.#isFailureData = this.#isFailure;
    return line;
  }

  #joinLines(data: string, line: string): string {
    if (++this.#lines > MOST_LINES || data.length + line.length > this.#bounds.bytes)
      throw new EventTooLongError();
    return `${data}\n${line}`;
  }

  /** A line of another field, or of none. @returns the lines of the event that goes on */
  #readOther(data: string | undefined, line: string): string | undefined {
    const colon = line.indexOf(':');
    switch (line.slice(0, colon < 0 ? line.length : colon).toLowerCase()) {
      case 'event':
        this.#isFailure = FAILURE.test(line.slice(colon + 1));
        return data;
      case 'error':
        if (data && this.#isWhole(data)) this.#emit(data, this.#isFailureData);
        this.#emit(line.slice(colon + 1).trim(), true);
        return undefined;
      case 'id':
      case 'retry':
        return data;
      default:
        if (this.#isWhole(line)) this.#emit(line);
        else if (!this.#hasPayload) this.#keepStray(line);
        return data;
    }
  }

  /** Whether a line is a JSON object from its first character to its last. A long one is parsed once, where it is taken. */
  #isWhole(line: string): boolean {
    const text = line.trim();
    if (text.charCodeAt(0) !== OPEN_OBJECT) return false;
    if (text.length > LONG) return text.charCodeAt(text.length - 1) === CLOSE_OBJECT;
    return isObject(tryParseJson(text, this.#bounds));
  }

  /** Where nothing else came, it is all that the server said. */
  #emitStray(): void {
    if (this.#strayLines.length > 0) this.#emit(this.#strayLines.join('\n'));
  }

  #keepStray(line: string): void {
    this.#strayLength += line.length;
    if (this.#strayLength > this.#bounds.bytes) throw new EventTooLongError();
    this.#strayLines.push(line);
  }
}

/** The payload that tells of a failure as those of the OpenAI kind do. */
function failure(payload: string, bounds: JsonBounds): string {
  const told = tryParseJson(payload, bounds);
  if (isObject(told) && told['error']) return payload;
  return JSON.stringify({ error: told ?? payload });
}

/** Up to where the bytes are whole lines. A CR at the very end is one: the LF that may follow is skipped later. */
function endOfLines(bytes: Buffer): number {
  const afterLf = bytes.lastIndexOf(LF) + 1;
  return afterLf + bytes.subarray(afterLf).lastIndexOf(CR) + 1;
}

function indexOrEnd(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at < 0 ? text.length : at;
}

/** @param from after `data` @returns undefined for a field whose name only begins so */
function payloadOf(text: string, from: number, end: number): string | undefined {
  if (from === end) return '';
  if (text.charCodeAt(from) !== COLON) return undefined;
  return text.slice(text.charCodeAt(from + 1) === BLANK ? from + 2 : from + 1, end);
}
