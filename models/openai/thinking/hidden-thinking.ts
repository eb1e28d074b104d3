import { type AnswerText, LONGEST_MISPLACED } from './answer-text.ts';
import { InlineBlocks } from './inline-blocks.ts';
import { KeptText } from './kept-text.ts';
import { CLOSE, OPEN, withoutTags } from './think-tags.ts';

/** Models that have gone wrong write blank lines without an end. */
const MOST_BLANKS = 10_000;

/**
 * An answer without what was thought, whether it comes apart or in inline blocks, and without the blank lines around it.
 * Where there is nothing but thoughts that have no end, they are the answer.
 */
export class HiddenThinking implements AnswerText {
  readonly #inline = new InlineBlocks();
  /** What stands in the open block. */
  #block = new KeptText(LONGEST_MISPLACED);
  readonly #reasoning = new KeptText(LONGEST_MISPLACED);
  #hasHidden = false;
  #hasSpoken = false;
  /** White space before the first word. */
  #blanks = '';

  reasoning(piece: string): string {
    if (piece === '') return '';
    this.#hasHidden = true;
    this.#inline.leave(); // a stray tag in the content before was this reasoning's own
    if (!this.#hasSpoken) this.#reasoning.push(piece);
    return '';
  }

  content(piece: string): string {
    let out = '';
    for (const { kind, text } of this.#inline.push(piece)) {
      if (kind === 'said') out += this.#said(text);
      else if (kind === 'thought') this.#block.push(text);
      else {
        if (kind === 'spoken') out += this.#said(OPEN + this.#block.take() + CLOSE);
        else this.#hasHidden = true;
        this.#block = new KeptText(LONGEST_MISPLACED);
      }
    }
    return out;
  }

  close(): string {
    return '';
  }

  end(isAnswer: boolean): string {
    const { inside } = this.#inline;
    const held = this.#inline.take();
    if (inside === 'perhaps') return isAnswer ? OPEN + this.#block.take() + held : '';
    if (isAnswer && !this.#hasSpoken && (inside || held === '')) {
      const thoughts = withoutTags(this.#reasoning.take()) || (inside ? this.#block.take() + held : '');
      if (thoughts.trim() !== '') return thoughts.trimStart();
    }
    if (inside) return '';
    return this.#hasSpoken || this.#hasHidden ? held : this.#blanks + held;
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
