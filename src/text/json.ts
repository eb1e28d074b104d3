const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** A text no longer than this cannot be nested so deeply that anybody would notice. */
const HARMLESS_LENGTH = 4096;
/** The host's own parser takes 10,000 levels, Dify's some hundred. */
const DEEPEST = 2_000;

/** A JSON text is nested more deeply than anything that means something. */
export class TooDeepError extends SyntaxError {
  override readonly name = 'TooDeepError';
}

/**
 * `JSON.parse` for a text of somebody else's. Refuses bottomless nesting: it takes fifteen times as long to parse as
 * anything else of its length, and overflows the stack when it is written again.
 * @throws SyntaxError; TooDeepError
 */
export function parseJson(text: string): unknown {
  if (text.length > HARMLESS_LENGTH && isTooDeep(text)) {
    throw new TooDeepError(`nested more than ${DEEPEST} levels deep`);
  }
  return JSON.parse(text);
}

/** Linear in the text, and most of that are jumps over its strings. */
function isTooDeep(json: string): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(json, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        if (++depth > DEEPEST) return true;
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
    }
  }
  return false;
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
export function parsed(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** A JSON object of which nothing is known. */
export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
