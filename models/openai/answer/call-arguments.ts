import { isObject, tryParseJson } from '../../../src/text/json.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The arguments of a tool call, gathered in the pieces that came. All work on them together is linear. */
export class CallArguments {
  readonly #pieces: string[] = [];
  /** Pieces that `#values` has seen: most calls are never looked at before their end. */
  #scanned = 0;
  readonly #values = new ValueScanner();
  /** They could have been whole, and were no object: more of them mends nothing. */
  #isSpoiled = false;

  push(piece: string): void {
    if (piece !== '') this.#pieces.push(piece);
  }

  /** Whether none have come, blanks aside. */
  get isEmpty(): boolean {
    return this.#pieces.every(piece => piece.trim() === '');
  }

  /** Whether what has come is a whole JSON object, also one that was sent twice or encoded twice. */
  get isWhole(): boolean {
    this.#scan();
    if (this.#isSpoiled || this.#values.isOpen || this.#values.count === 0) return false;
    this.#isSpoiled = objectIn(this.#text) === undefined;
    return !this.#isSpoiled;
  }

  /** Whether they end in the middle of a JSON value. */
  get isCut(): boolean {
    this.#scan();
    return this.#values.isOpen;
  }

  /** The JSON text of the object; as they came where they are none, and an empty object where none came, or null. */
  finish(): string {
    const text = this.#text;
    return /^\s*(?:null\s*)?$/.test(text) ? '{}' : (objectIn(text) ?? text);
  }

  get #text(): string {
    return this.#pieces.join('');
  }

  #scan(): void {
    for (; this.#scanned < this.#pieces.length; this.#scanned++) {
      this.#values.push(this.#pieces[this.#scanned] ?? '');
    }
  }
}

/** Finds where JSON values end in a text that comes in pieces, by its quotes and brackets alone. */
class ValueScanner {
  /** Objects, lists and strings that are complete, on the outermost level. */
  count = 0;
  #depth = 0;
  #inString = false;
  #isEscaped = false;

  /** Whether a value has begun and not ended. */
  get isOpen(): boolean {
    return this.#depth > 0 || this.#inString;
  }

  /** @param onEnd called after each value, with the place behind it */
  push(text: string, onEnd?: (end: number) => void): void {
    for (let at = 0; at < text.length; at++) {
      if (this.#ends(text.charCodeAt(at))) {
        this.count++;
        onEnd?.(at + 1);
      }
    }
  }

  #ends(code: number): boolean {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (code === BACKSLASH) this.#isEscaped = true;
      else if (code === QUOTE) {
        this.#inString = false;
        return this.#depth === 0;
      }
      return false;
    }
    switch (code) {
      case QUOTE:
        this.#inString = true;
        return false;
      case 0x7b: // {
      case 0x5b: // [
        this.#depth++;
        return false;
      case 0x7d: // }
      case 0x5d: // ]
        if (this.#depth > 0) this.#depth--;
        return this.#depth === 0;
      default:
        return false;
    }
  }
}

/** A text that was encoded once more than it should be is decoded again, at most so often. */
const MOST_ENCODINGS = 3;

/** The JSON text of the one object that a text is about: as it stands, as a JSON string, or several times over. */
function objectIn(text: string): string | undefined {
  const whole = decoded(text);
  if (whole !== undefined) return whole;
  const objects = valuesOf(text).map(decoded);
  // Some servers begin every call with empty arguments.
  const [first, ...rest] = objects.length > 1 && objects[0]?.trim() === '{}' ? objects.slice(1) : objects;
  if (first === undefined) return undefined;
  const meaning = JSON.stringify(tryParseJson(first));
  return rest.every(other => other !== undefined && JSON.stringify(tryParseJson(other)) === meaning)
    ? first
    : undefined;
}

/** A JSON text of an object, out of the strings that it was put into; undefined for anything else. */
function decoded(text: string | undefined): string | undefined {
  let inner = text ?? '';
  for (let encodings = 0; encodings <= MOST_ENCODINGS; encodings++) {
    const value = tryParseJson(inner);
    if (isObject(value)) return inner;
    if (typeof value !== 'string') return undefined;
    inner = value;
  }
  return undefined;
}

/** The JSON values that stand one after another in a text; none where anything stands between them. */
function valuesOf(text: string): string[] {
  const ends: number[] = [];
  const scanner = new ValueScanner();
  scanner.push(text, end => ends.push(end));
  const values = ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end));
  return scanner.isOpen || text.slice(ends.at(-1) ?? 0).trim() !== '' ? [] : values;
}
