/** A part of a needle's start that is no shorter than this is found too: whoever wrote the text may have cut it. */
const SHORTEST_START = 12;
/** At the end of what somebody else wrote, where it is most likely to have been cut. */
const SHORTEST_LAST_START = 4;

const ROOT = 0;

/** What is looked for. */
export interface Needle {
  readonly bytes: Uint8Array;
  /** It counts in words of others only, whole, and where no letter and no digit stands beside it. */
  readonly isWord: boolean;
}

/**
 * Finds many byte strings in one pass over a text, however they overlap: the automaton of Aho and Corasick. The work for
 * a byte does not depend on what the text and the needles are made of.
 */
export class Needles {
  // A node is the start of a needle. Its children are a list: its first child, and that one's siblings.
  readonly #byte: Uint8Array;
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;
  readonly #length: Int32Array;
  /** The node of its longest proper end that is the start of a needle too. */
  readonly #fallback: Int32Array;
  /** The first on the way of its fallbacks, itself included, that is a whole needle; the root where there is none. */
  readonly #whole: Int32Array;
  /** Whether the node is a whole needle that counts anywhere. */
  readonly #isFree: Uint8Array;
  /** Whether the node is the start of such a needle. */
  readonly #startsFree: Uint8Array;
  /** The children of the root by their byte: most bytes of a text are looked up there. */
  readonly #first = new Int32Array(256);
  #size = 1;

  constructor(needles: readonly Needle[]) {
    const most = needles.reduce((sum, { bytes }) => sum + bytes.length, 1);
    this.#byte = new Uint8Array(most);
    this.#child = new Int32Array(most);
    this.#sibling = new Int32Array(most);
    this.#length = new Int32Array(most);
    this.#fallback = new Int32Array(most);
    this.#whole = new Int32Array(most);
    this.#isFree = new Uint8Array(most);
    this.#startsFree = new Uint8Array(most);
    for (const needle of needles) this.#add(needle);
    this.#link();
  }

  /**
   * Reports where needles, and parts of their starts, begin and end in a text. What is reported may overlap.
   * @param isOfOthers whether all of the text was written by somebody else
   */
  search(text: Uint8Array, isOfOthers: boolean, report: (from: number, to: number) => void): void {
    let node = ROOT;
    const reportStart = (shortest: number, to: number) => {
      const length = at(this.#length, node);
      if (length >= shortest && at(this.#startsFree, node) === 1) report(to - length, to);
    };
    for (let index = 0; index < text.length; index++) {
      const byte = at(text, index);
      let next = this.#next(node, byte);
      while (next === ROOT && node !== ROOT) {
        reportStart(SHORTEST_START, index);
        node = at(this.#fallback, node);
        next = this.#next(node, byte);
      }
      node = next;
      let whole = at(this.#whole, node);
      while (whole !== ROOT && !this.#counts(whole, text, index + 1, isOfOthers)) {
        whole = at(this.#whole, at(this.#fallback, whole));
      }
      if (whole !== ROOT) report(index + 1 - at(this.#length, whole), index + 1);
    }
    for (; node !== ROOT; node = at(this.#fallback, node)) {
      reportStart(isOfOthers ? SHORTEST_LAST_START : SHORTEST_START, text.length);
    }
  }

  #counts(whole: number, text: Uint8Array, to: number, isOfOthers: boolean): boolean {
    if (at(this.#isFree, whole) === 1) return true;
    return isOfOthers && !isAlphanumeric(text[to - at(this.#length, whole) - 1]) && !isAlphanumeric(text[to]);
  }

  /** The child of a node for a byte; the root where it has none. */
  #next(node: number, byte: number): number {
    if (node === ROOT) return at(this.#first, byte);
    let child = at(this.#child, node);
    while (child !== ROOT && at(this.#byte, child) !== byte) child = at(this.#sibling, child);
    return child;
  }

  #add({ bytes, isWord }: Needle): void {
    let node = ROOT;
    for (const byte of bytes) {
      node = this.#next(node, byte) || this.#grow(node, byte);
      if (!isWord) this.#startsFree[node] = 1;
    }
    this.#whole[node] = node;
    if (!isWord) this.#isFree[node] = 1;
  }

  #grow(parent: number, byte: number): number {
    const node = this.#size++;
    this.#byte[node] = byte;
    this.#length[node] = at(this.#length, parent) + 1;
    if (parent === ROOT) this.#first[byte] = node;
    this.#sibling[node] = at(this.#child, parent);
    this.#child[parent] = node;
    return node;
  }

  /** Finds the fallbacks, those of shorter nodes first. */
  #link(): void {
    const queue = [ROOT];
    for (const node of queue) {
      for (let child = at(this.#child, node); child !== ROOT; child = at(this.#sibling, child)) {
        queue.push(child);
        if (node === ROOT) continue;
        let fallback = at(this.#fallback, node);
        const byte = at(this.#byte, child);
        while (fallback !== ROOT && this.#next(fallback, byte) === ROOT)
          fallback = at(this.#fallback, fallback);
        fallback = this.#next(fallback, byte);
        this.#fallback[child] = fallback;
        if (at(this.#whole, child) === ROOT) this.#whole[child] = at(this.#whole, fallback);
      }
    }
  }
}

function at(numbers: Int32Array | Uint8Array, index: number): number {
  return numbers[index] ?? 0;
}

/** @param byte in lower case */
function isAlphanumeric(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a));
}
