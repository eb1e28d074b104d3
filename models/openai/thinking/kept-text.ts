/** Pieces that are put together at a time: each string has a cost of its own, and may hold the whole read it was cut from. */
const AT_ONCE = 1_024;

/** A text that is gathered in pieces, to be asked for once. Past a length it is given up. */
export class KeptText {
  readonly #longest: number;
  #blocks: string[] = [];
  #pieces: string[] = [];
  #length = 0;

  /** @param longest in UTF-16 code units */
  constructor(longest: number) {
    this.#longest = longest;
  }

  push(piece: string): void {
    this.#length += piece.length;
    if (this.#length > this.#longest) {
      this.#blocks = [];
      this.#pieces = [];
    } else if (this.#pieces.push(piece) === AT_ONCE) {
      this.#blocks.push(this.#pieces.join(''));
      this.#pieces = [];
    }
  }

  /** @returns the text, which is kept no longer; empty when it had become too long */
  take(): string {
    const text = this.#blocks.join('') + this.#pieces.join('');
    this.#blocks = [];
    this.#pieces = [];
    return text;
  }
}
