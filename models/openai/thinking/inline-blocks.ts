import { CLOSE, FENCE, OPEN, overlap, QUOTES } from './think-tags.ts';

/** No more of a line is looked at for a fence. */
const FENCE_LENGTH = 6;
/** Behind an opening tag, and before a closing one, where a sentence speaks of them. */
const BLANK = /^[^\S\n]$/;
const BLANK_OR_POINT = /^(?:[^\S\n]|[.,:;])$/;

/**
 * A part of a text: outside of its blocks, inside of one, or the end of one, whose text is the closing tag; `spoken` is such an
 * end where it turns out that a sentence spoke of both tags.
 */
export interface Part {
  readonly kind: 'said' | 'thought' | 'closed' | 'spoken';
  readonly text: string;
}

/**
 * Finds the `<think>` blocks of a text that comes in pieces. A tag at the start of a line, or after a block, opens one; one in
 * the middle of a line perhaps, if it is closed; one in quotes or in a block of code is text.
 */
export class InlineBlocks {
  #inside: 'block' | 'perhaps' | undefined;
  /** The end of the text so far, while it may be the beginning of a tag. */
  #held = '';
  #last = '';
  #isLineStart = true;
  /** The beginning of the line that is said, and whether the lines before it have left a block of code open. */
  #line = '';
  #isFenced = false;
  /** What follows the last opening tag. */
  #first = '';

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
        parts.push({ kind: this.#isSpokenOf ? 'spoken' : 'closed', text: CLOSE });
        this.leave();
      } else if (QUOTES.test(this.#last) || this.#isFenced || FENCE.test(this.#line)) this.#part(OPEN, parts);
      else {
        this.#inside = this.#isLineStart ? 'block' : 'perhaps';
        this.#first = '';
      }
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
    this.#line = '';
  }

  /** Of a block in the middle of a line, when it is closed. */
  get #isSpokenOf(): boolean {
    return this.#inside === 'perhaps' && BLANK_OR_POINT.test(this.#first) && BLANK.test(this.#last);
  }

  #part(text: string, parts: Part[]): void {
    if (text === '') return;
    parts.push({ kind: this.#inside ? 'thought' : 'said', text });
    if (this.#inside) this.#first ||= text.charAt(0);
    else this.#watchFences(text);
    const line = text.slice(text.lastIndexOf('\n') + 1);
    this.#isLineStart = (this.#isLineStart || line.length < text.length) && line.trim() === '';
    this.#last = text.slice(-1);
  }

  #watchFences(text: string): void {
    for (let from = 0; ; ) {
      const end = text.indexOf('\n', from);
      this.#line += text.slice(from, end < 0 ? undefined : end).slice(0, FENCE_LENGTH - this.#line.length);
      if (end < 0) return;
      if (FENCE.test(this.#line)) this.#isFenced = !this.#isFenced;
      this.#line = '';
      from = end + 1;
    }
  }
}
