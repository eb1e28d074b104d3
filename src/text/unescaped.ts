const NEWLINE = 0x0a;
const RETURN = 0x0d;
const BLANK = 0x20;
const AMPERSAND = 0x26;
const PERCENT = 0x25;
const BACKSLASH = 0x5c;

/** What stands behind a backslash for a character that is not printed. */
const CONTROLS: Readonly<Record<string, number>> = {
  n: NEWLINE,
  r: RETURN,
  t: BLANK,
  f: BLANK,
  b: BLANK,
};

const ENTITIES: Readonly<Record<string, number>> = {
  amp: AMPERSAND,
  lt: 0x3c,
  gt: 0x3e,
  quot: 0x22,
  apos: 0x27,
};

/** An entity has no more characters than this between `&` and `;`. */
const LONGEST_ENTITY = 8;

/**
 * A text without the escapes of JSON, of URLs and of pages, one layer of them after the other, and with letters in lower
 * case. It knows where in the text each of its bytes comes from.
 */
export class Unescaped {
  readonly #bytes: Uint8Array;
  readonly #from: Int32Array;
  #length: number;

  /** @param text in UTF-8 */
  constructor(text: Uint8Array) {
    this.#bytes = new Uint8Array(text).map(lowerCase); // no Buffer: its slices would share its memory
    this.#from = Int32Array.from({ length: text.length + 1 }, (_, index) => index);
    this.#length = text.length;
  }

  /** As it reads now; valid until the next layer is undone. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Where in the text the byte at `index` begins; for the length of {@link bytes}, where the text ends. */
  origin(index: number): number {
    return this.#from[index] ?? 0;
  }

  /**
   * Undoes one layer of escapes. Line breaks go with them: they fold long texts, such as base64.
   * @returns false when there was nothing to undo
   */
  undo(): boolean {
    const { bytes } = this;
    let to = 0;
    for (let at = 0; at < bytes.length; ) {
      const first = bytes[at] ?? 0;
      const origin = this.origin(at);
      if (first === NEWLINE || first === RETURN) {
        at++;
        continue;
      }
      const escaped = escapeAt(bytes, at, first);
      this.#bytes[to] = escaped === undefined ? first : lowerCase(escaped.byte);
      this.#from[to++] = origin;
      at += escaped?.length ?? 1;
    }
    this.#from[to] = this.origin(this.#length);
    const isChanged = to < this.#length;
    this.#length = to;
    return isChanged;
  }
}

/** What an escape means, and how many bytes it has. */
interface Escape {
  readonly byte: number;
  readonly length: number;
}

function escapeAt(bytes: Uint8Array, at: number, first: number): Escape | undefined {
  switch (first) {
    case BACKSLASH:
      return backslashAt(bytes, at);
    case PERCENT:
      return percentAt(bytes, at);
    case AMPERSAND:
      return entityAt(bytes, at);
    default:
      return undefined;
  }
}

/** As JSON, JavaScript and Python write them; before any other character a backslash means nothing. */
function backslashAt(bytes: Uint8Array, at: number): Escape | undefined {
  const next = bytes[at + 1];
  if (next === undefined) return undefined;
  const letter = String.fromCharCode(next);
  if (letter === 'u') return coded(hex(bytes, at + 2, 4), 6);
  if (letter === 'x') return coded(hex(bytes, at + 2, 2), 4);
  return { byte: CONTROLS[letter] ?? next, length: 2 };
}

function percentAt(bytes: Uint8Array, at: number): Escape | undefined {
  const byte = hex(bytes, at + 1, 2);
  return byte === undefined ? undefined : { byte, length: 3 };
}

function entityAt(bytes: Uint8Array, at: number): Escape | undefined {
  const end = bytes.subarray(at, at + LONGEST_ENTITY + 2).indexOf(0x3b);
  if (end < 0) return undefined;
  const name = String.fromCharCode(...bytes.subarray(at + 1, at + end));
  const [, x, digits = ''] = /^#(x?)([\da-f]+)$/.exec(name) ?? [];
  const code = x === undefined ? ENTITIES[name] : Number.parseInt(digits, x === 'x' ? 16 : 10);
  return coded(code, end + 1);
}

/** Secrets are ASCII: what stands for another character is left as it is. */
function coded(code: number | undefined, length: number): Escape | undefined {
  return code !== undefined && code < 0x80 ? { byte: code, length } : undefined;
}

function hex(bytes: Uint8Array, from: number, digits: number): number | undefined {
  const text = String.fromCharCode(...bytes.subarray(from, from + digits));
  return text.length === digits && /^[\da-f]+$/.test(text) ? Number.parseInt(text, 16) : undefined;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
