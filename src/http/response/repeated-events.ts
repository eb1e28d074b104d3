/*
 * Nearly all events of an answer are the last one with another text in it:
 *
 *     data: {"id": "chat1", …, "choices": [{"index": 0, "delta": {"content": " a"}, …}], "usage": null}
 *     data: {"id": "chat1", …, "choices": [{"index": 0, "delta": {"content": " few"}, …}], "usage": null}
 *
 * Who reads the payloads knows what stands before and after the text of the last one. With that, and with the line ends as
 * the server writes them, a run of such events is read in one loop: compare what stands before, look for the end of the text,
 * compare what stands after. The texts of a run are handed over as one, so what a chunk costs behind this loop is paid once a
 * run. What differs anywhere else ends the run, and is read in the ordinary way.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BLANK = 0x20;

/** What the payloads of events look like of which only the inside of one JSON string differs. */
export interface Template {
  /** Up to the text, its opening quote included. */
  readonly before: string;
  /** From its closing quote on. */
  readonly after: string;
}

/** The events of a template as they stand in a stream: with the name of the field and the line ends. */
export class RepeatedEvents {
  readonly #head: string;
  readonly #tail: string;
  /** Where the last run ended. */
  end = 0;

  private constructor(head: string, tail: string) {
    this.#head = head;
    this.#tail = tail;
  }

  /**
   * How events of a template stand in a stream, as one of them shows.
   * @param line where the line of its payload begins; `payload` where the payload does, and `end` where it ends
   * @returns undefined where the event is of another kind, or not whole
   */
  static like(
    { before, after }: Template,
    stream: string,
    { line, payload, end }: { line: number; payload: number; end: number },
  ): RepeatedEvents | undefined {
    if (!stream.startsWith(before, payload) || !stream.startsWith(after, end - after.length))
      return undefined;
    const lineEnd = stream.startsWith('\r\n', end) ? '\r\n' : '\n';
    if (!stream.startsWith(lineEnd + lineEnd, end)) return undefined;
    return new RepeatedEvents(stream.slice(line, payload) + before, after + lineEnd + lineEnd);
  }

  /**
   * Reads the run of such events that begins at a place of a stream; `end` is where it is over.
   * @returns the texts of all of them, joined; empty when there is none
   */
  read(stream: string, start: number): string {
    const head = this.#head;
    const tail = this.#tail;
    let texts = '';
    let at = start;
    // A slice is no copy, and its comparison is one of memory: both are faster than `startsWith`.
    while (stream.slice(at, at + head.length) === head) {
      const from = at + head.length;
      const to = endOfText(stream, from);
      if (to < 0 || stream.slice(to, to + tail.length) !== tail) break;
      const text = textOf(stream.slice(from, to));
      if (text === undefined) break;
      texts += text;
      at = to + tail.length;
    }
    this.end = at;
    return texts;
  }
}

/** @returns where the quote is that ends a JSON string; -1 when it has no end here, or what no JSON string can have */
function endOfText(stream: string, from: number): number {
  for (let at = from; at < stream.length; at++) {
    const code = stream.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
    else if (code < BLANK) return -1;
  }
  return -1;
}

/** The text of the inside of a JSON string; undefined when it has an escape that is none. */
function textOf(inside: string): string | undefined {
  if (!inside.includes('\\')) return inside;
  try {
    return JSON.parse(`"${inside}"`) as string;
  } catch {
    return undefined;
  }
}
