import { CLOSE, OPEN, overlap } from './think-tags.ts';

/** What stands before a tag that is spoken of. */
const QUOTES = /^[`"'“‘「『(]$/;

/** A part of a text: outside of its blocks, inside of one, or the end of one, whose text is the closing tag. */
export interface Part {
  readonly kind: 'said' | 'thought' | 'closed';
  readonly text: string;
}

/**
 * Finds the `<think>` blocks of a text that comes in pieces. A tag at the start of a line, or after a block, opens one; one in
 * the middle of a line perhaps, if it is closed; one in quotes is text.
 */
export class InlineBlocks {
  #inside: 'block' | 'perhaps' | undefined;
  /** The end of the text so far, while it may be the beginning of a tag. */
  #held = '';
  #last = '';
  #isLineStart = true;

  get inside(): 'block' | 'perhaps' | undefined {
    return this.#inside;
  }

  /** @returns the parts that are known now; opening tags are in none */
  push(piece: string): Part[] {
    const parts: Part[] = [];
    let text = this.#held + piece;
    for (;;) {
      const tag = this.#inside ? CLOSE : OPEN;
      const at = text.indexOf(tag);
      const end = at < 0 ? text.length - overlap(text, tag) : at;
      this.#part(text.slice(0, end), parts);
      this.#held = text.slice(end);
      if (at < 0) return parts;
      text = this.#held.slice(tag.length);
      if (this.#inside) {
        parts.push({ kind: 'closed', text: CLOSE });
        this.leave();
      } else if (QUOTES.test(this.#last)) this.#part(OPEN, parts);
      else this.#inside = this.#isLineStart ? 'block' : 'perhaps';
    }
  }

  /** The text is over, or something else follows. @returns the beginning of a tag, which is none then */
  take(): string {
    const held = this.#held;
    this.#held = '';
    return held;
  }

  /** What comes is outside. */
  leave(): void {
    this.#inside = undefined;
    this.#isLineStart = true;
    this.#last = '';
  }

  #part(text: string, parts: Part[]): void {
    if (text === '') return;
    parts.push({ kind: this.#inside ? 'thought' : 'said', text });
    const line = text.slice(text.lastIndexOf('\n') + 1);
    this.#isLineStart = (this.#isLineStart || line.length < text.length) && line.trim() === '';
    this.#last = text.slice(-1);
  }
}
