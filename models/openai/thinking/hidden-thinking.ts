import type { AnswerText } from '../answer/answer-text.ts';
import { CLOSE, OPEN, overlap } from './think-tags.ts';

/** Models that have gone wrong write blank lines without an end. */
const MOST_BLANKS = 10_000;

/** An answer without what was thought, whether it comes apart or in inline blocks, and without the blank lines around it. */
export class HiddenThinking implements AnswerText {
  /** The end of the content so far, while it may be the beginning of a tag. */
  #held = '';
  #inInline = false;
  #hasHidden = false;
  #hasSpoken = false;
  /** White space before the first word. */
  #blanks = '';

  reasoning(piece: string): string {
    if (piece === '') return '';
    this.#hasHidden = true;
    this.#inInline = false; // a stray tag in the content before was this reasoning's own
    return '';
  }

  content(piece: string): string {
    let text = this.#held + piece;
    let out = '';
    for (;;) {
      const tag = this.#inInline ? CLOSE : OPEN;
      const at = text.indexOf(tag);
      const end = at < 0 ? text.length - overlap(text, tag) : at;
      if (!this.#inInline) out += this.#said(text.slice(0, end));
      if (at < 0) {
        this.#held = text.slice(end);
        return out;
      }
      text = text.slice(at + tag.length);
      this.#inInline = !this.#inInline;
      this.#hasHidden = true;
    }
  }

  close(): string {
    return '';
  }

  end(): string {
    const held = this.#inInline ? '' : this.#held;
    return this.#hasHidden || this.#hasSpoken ? held : this.#blanks + held;
  }

  #said(text: string): string {
    if (this.#hasSpoken) return text;
    const start = text.trimStart();
    if (start === '') {
      if (this.#blanks.length < MOST_BLANKS) this.#blanks += text;
      return '';
    }
    this.#hasSpoken = true;
    return this.#hasHidden ? start : this.#blanks + text;
  }
}
