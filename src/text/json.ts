const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A text no longer than this can hold nothing of which anybody would notice the parse. */
const HARMLESS_LENGTH = 4096;
/** The host's own parser takes 10,000 levels, Dify's some hundred. */
const DEEPEST = 2_000;

/**
 * What a JSON text may hold at most. What it costs to parse and to keep is what is made of it, not its length: 4 MiB of text
 * take 6 ms, 4 MiB of `{},{},…` half a second.
 */
export interface JsonBounds {
  /** Objects and lists. */
  readonly containers: number;
  /** Strings, names of fields included. */
  readonly strings: number;
  /** Commas, which is nearly one for each value. */
  readonly values: number;
}

const BOUNDLESS: JsonBounds = {
  containers: Number.POSITIVE_INFINITY,
  strings: Number.POSITIVE_INFINITY,
  values: Number.POSITIVE_INFINITY,
};

/** A JSON text holds more than it may. The message goes on from a name of the text. */
export class TooMuchJsonError extends SyntaxError {
  override readonly name: string = 'TooMuchJsonError';
}

/** It is nested more deeply than anything that means something. */
export class TooDeepError extends TooMuchJsonError {
  override readonly name = 'TooDeepError';
}

/**
 * `JSON.parse` for a text of somebody else's. Refuses bottomless nesting: it takes fifteen times as long to parse as
 * anything else of its length, and overflows the stack when it is written again.
 * @param bounds of a text that a server wrote; texts up to 4 kB are not counted
 * @throws SyntaxError; TooMuchJsonError; TooDeepError
 */
export function parseJson(text: string, bounds: JsonBounds = BOUNDLESS): unknown {
  if (text.length > HARMLESS_LENGTH) checkBounds(text, bounds);
  return JSON.parse(text);
}

/** Linear in the text, and most of that are jumps over its strings. */
function checkBounds(json: string, bounds: JsonBounds): void {
  let depth = 0;
  let containers = 0;
  let strings = 0;
  let values = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        if (++strings > bounds.strings) throw tooMany(bounds.strings, 'strings');
        at = endOfString(json, at);
        break;
      case COMMA:
        if (++values > bounds.values) throw tooMany(bounds.values, 'values');
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++containers > bounds.containers) throw tooMany(bounds.containers, 'lists and objects');
        if (++depth > DEEPEST) throw new TooDeepError(`is nested more than ${DEEPEST} levels deep`);
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
    }
  }
}

function tooMany(most: number, what: string): TooMuchJsonError {
  // By hand: `toLocaleString` takes 30 ms when it is called first.
  const number = `${Math.floor(most / 1000)},${String(most % 1000).padStart(3, '0')}`;
  return new TooMuchJsonError(`has more than ${number} ${what} in it`);
}

/** @param quote where the string begins @returns where it ends, which is the text's end for one that does not */
function endOfString(json: string, quote: number): number {
  for (let at = json.indexOf('"', quote + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return json.length;
}

/** As {@link parseJson}; undefined when the text is no JSON. */
export function tryParseJson(text: string, bounds?: JsonBounds): unknown {
  try {
    return parseJson(text, bounds);
  } catch {
    return undefined;
  }
}

/** A JSON object of which nothing is known. */
export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
