import type { NumberText } from '../../../src/dify/index.ts';
import { GrowingBuffer } from '../../../src/http/response/growing-buffer.ts';
import { nodeCrypto } from '../../../src/text/node-crypto.ts';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const COLON = 0x3a;
const SPACE = 0x20;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const LOWER_E = 0x65;
const UPPER_E = 0x45;

const KEY = Buffer.from('"embedding"');

/** Digits before the point, and digits of the exponent, up to which a number is finite beyond doubt. */
const MOST_WHOLE_DIGITS = 18;
const MOST_EXPONENT_DIGITS = 2;

/** A list whose end has not come yet. */
interface OpenList {
  readonly pieces: Buffer[];
  count: number;
}

/**
 * Takes the number lists under the key `embedding` out of a JSON text while it arrives, and keeps their bytes: they go on
 * to the host as they are. Parsing a row of 1,024 numbers into doubles and printing them again costs five times as much as
 * looking at each byte once, and the digits come out as the server wrote them.
 *
 * What is left of the text, with a string that names the list in place of each, is for `JSON.parse`, so everything but the
 * lists is judged by a real parser: blanks, escapes, the order of keys, doubled keys. That is safe:
 * - The string begins with a quote. Had a list stood inside some string of the text, this quote would end that string, and a
 *   letter or digit would follow it: no JSON. So where the rest is valid, each name stands where a value may stand, and the
 *   whole text is the same value with the lists in place of their names.
 * - A list is taken only if each byte of it obeys the JSON grammar of numbers and no number can overflow a double. Any other
 *   (`null` or `NaN` in it, line breaks, three-digit exponents, an empty one) stays in the rest, where it parses to an array
 *   or fails like any other text.
 *
 * The text is looked at in blocks that end with a comma. Neither a number nor a key with its colon and bracket contains
 * one, so nothing that matters is cut by a block's end, and each loop over digits ends at the comma at the latest.
 */
export class NumberLists {
  readonly #rest = new GrowingBuffer();
  readonly #lists: NumberText[] = [];
  /** No text of a server can hold this: it is drawn anew for each. */
  readonly #mark = `${nodeCrypto().randomUUID()} `;
  /** What has come since the last comma. */
  #unfinished: Buffer[] = [];
  #unfinishedLength = 0;
  /** The list that the last block ended in. */
  #open: OpenList | undefined;

  /** Takes the next bytes of the text, cut anywhere; they must not change afterwards. */
  push(bytes: Buffer): void {
    const last = bytes.lastIndexOf(COMMA);
    if (last < 0) {
      this.#unfinished.push(bytes);
      this.#unfinishedLength += bytes.length;
      return;
    }
    let start = 0;
    if (this.#unfinishedLength > 0) {
      start = bytes.indexOf(COMMA) + 1;
      this.#scan(Buffer.concat([...this.#unfinished, bytes.subarray(0, start)]));
    }
    this.#scan(bytes.subarray(start, last + 1));
    this.#unfinished = [bytes.subarray(last + 1)];
    this.#unfinishedLength = bytes.length - last - 1;
  }

  /** Bytes of the text so far that are not in a number list. */
  get restLength(): number {
    return this.#rest.length + this.#unfinishedLength;
  }

  /** Lists so far. */
  get count(): number {
    return this.#lists.length;
  }

  /** The text is over. @returns what is left of it, for `JSON.parse` */
  end(): string {
    this.#scan(Buffer.concat([...this.#unfinished, Buffer.from(',')]));
    if (this.#open !== undefined) this.#giveUpList(this.#open);
    // The comma that was put behind the text is its last byte: a list is never closed by it.
    return this.#rest.takeText().slice(0, -1);
  }

  /** The list that a value of the parsed rest stands for; undefined when the value is a value. */
  listOf(value: unknown): NumberText | undefined {
    return typeof value === 'string' && value.startsWith(this.#mark)
      ? this.#lists[Number(value.slice(this.#mark.length))]
      : undefined;
  }

  #scan(block: Buffer): void {
    let at = 0;
    while (at < block.length)
      at = this.#open ? this.#scanList(block, at, this.#open) : this.#findList(block, at);
  }

  /** Keeps what comes before the next list. @returns where the list's numbers begin, or the block's end */
  #findList(block: Buffer, from: number): number {
    for (let key = block.indexOf(KEY, from); key >= 0; key = block.indexOf(KEY, key + KEY.length)) {
      const open = openingBracket(block, key + KEY.length);
      if (open === undefined) continue;
      this.#keep(block, from, open);
      this.#open = { pieces: [], count: 0 };
      return open + 1;
    }
    return this.#keep(block, from, block.length);
  }

  /** Takes the numbers of a list. @returns where the list, or the block, ends */
  #scanList(block: Buffer, from: number, list: OpenList): number {
    const to = endOfNumbers(block, from, list);
    const isClosed = block[to - 1] === CLOSE;
    if (!isClosed && to < block.length) {
      this.#giveUpList(list);
      return this.#keep(block, from, to);
    }
    list.pieces.push(block.subarray(from, isClosed ? to - 1 : to));
    if (isClosed) this.#closeList(list);
    return to;
  }

  #closeList(list: NumberText): void {
    const name = Buffer.from(JSON.stringify(`${this.#mark}${this.#lists.length}`));
    this.#keep(name, 0, name.length);
    this.#lists.push(list);
    this.#open = undefined;
  }

  /** Puts back what was taken of a list that turned out to be something else. */
  #giveUpList(list: NumberText): void {
    for (const piece of [Buffer.from('['), ...list.pieces]) this.#keep(piece, 0, piece.length);
    this.#open = undefined;
  }

  #keep(block: Buffer, from: number, to: number): number {
    this.#rest.push(block.subarray(from, to));
    return to;
  }
}

/** Where the `[` stands that follows a key, if one does. */
function openingBracket(block: Buffer, afterKey: number): number | undefined {
  const colon = skipBlanks(block, afterKey);
  if (block[colon] !== COLON) return undefined;
  const open = skipBlanks(block, colon + 1);
  return block[open] === OPEN ? open : undefined;
}

function skipBlanks(block: Buffer, from: number): number {
  let at = from;
  while (block[at] === SPACE || block[at] === 0x0a || block[at] === 0x0d || block[at] === 0x09) at++;
  return at;
}

/**
 * Counts the numbers from `from` on, each with the comma or bracket that ends it.
 *
 * This is what a row costs, and V8 has optimised it only after some megabytes: a call for each digit would cost most of
 * that time. `^ ZERO` makes digits 0 to 9, and any other byte more.
 * @returns the place behind the list's bracket, the block's end, or where something else than a finite number begins
 */
function endOfNumbers(block: Buffer, from: number, list: OpenList): number {
  let count = 0;
  let next = from;
  for (let at = from; at < block.length; ) {
    let byte = block[at] ?? 0;
    while (byte === SPACE) byte = block[++at] ?? 0;
    if (byte === MINUS) byte = block[++at] ?? 0;
    if (byte === ZERO) byte = block[++at] ?? 0;
    else {
      const start = at;
      while ((byte ^ ZERO) < 10) byte = block[++at] ?? 0;
      if (at === start || at - start > MOST_WHOLE_DIGITS) break;
    }
    if (byte === DOT) {
      const start = ++at;
      while (((block[at] ?? 0) ^ ZERO) < 10) at++;
      if (at === start) break;
      byte = block[at] ?? 0;
    }
    if (byte === LOWER_E || byte === UPPER_E) {
      byte = block[++at] ?? 0;
      if (byte === PLUS || byte === MINUS) byte = block[++at] ?? 0;
      const start = at;
      while ((byte ^ ZERO) < 10) byte = block[++at] ?? 0;
      if (at === start || at - start > MOST_EXPONENT_DIGITS) break;
    }
    while (byte === SPACE) byte = block[++at] ?? 0;
    if (byte !== COMMA && byte !== CLOSE) break;
    count++;
    next = ++at;
    if (byte === CLOSE) break;
  }
  list.count += count;
  return next;
}
