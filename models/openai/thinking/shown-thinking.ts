import type { AnswerText } from '../answer/answer-text.ts';
import { HiddenThinking } from './hidden-thinking.ts';
import { CLOSE, OPEN, ThinkTagStripper } from './think-tags.ts';

/** @param hide whether everything thought is left out */
export function answerText(hide: boolean): AnswerText {
  return hide ? new HiddenThinking() : new ShownThinking();
}

/** Models that have gone wrong write blank lines without an end: that many are held back, not more. */
const MOST_HELD = 10_000;

/**
 * The text as Dify knows it: `<think>\n` + reasoning + `\n</think>` + answer, one block per round, none when it is empty.
 * Inline blocks of the server pass unchanged, except one that is empty from the start.
 */
class ShownThinking implements AnswerText {
  /** `undecided`: what comes may be an inline block; `thinking`: our block is open; `answering`: in the answer. */
  #state: 'undecided' | 'thinking' | 'answering' = 'undecided';
  readonly #tags = new ThinkTagStripper();
  /** White space at the end of the reasoning so far. Some servers count the blank lines after the block to it. */
  #blanks = '';
  /** Content kept back while it may be the beginning of an empty block. */
  #held = '';

  reasoning(piece: string): string {
    if (piece === '') return '';
    if (this.#state === 'answering') this.#state = 'undecided';
    return this.#think(this.#tags.push(piece));
  }

  content(piece: string): string {
    // The hot path: in the answer, nothing kept back.
    if (this.#state === 'answering' || piece === '') return piece;
    return this.close() + this.#say(piece);
  }

  close(): string {
    const rest = this.#think(this.#tags.end());
    if (this.#state !== 'thinking') return rest;
    this.#state = 'answering';
    const blanks = this.#blanks.startsWith('\n') ? this.#blanks.slice(1) : this.#blanks;
    this.#blanks = '';
    return `${rest}\n${CLOSE}${blanks}`;
  }

  end(): string {
    return this.close() + this.#takeHeld();
  }

  /** Reasoning without tags, in our block; opens it when there is something to say. */
  #think(text: string): string {
    if (text === '') return '';
    if (this.#state === 'thinking') return this.#keepingBlanks(text);
    const start = text.trimStart();
    if (start === '') return '';
    this.#state = 'thinking';
    return `${this.#takeHeld()}${OPEN}\n${this.#keepingBlanks(start)}`;
  }

  #keepingBlanks(text: string): string {
    if (this.#blanks === '' && text.charCodeAt(text.length - 1) > 0x20) return text;
    const end = text.trimEnd().length;
    if (end === 0 && this.#blanks.length < MOST_HELD) {
      this.#blanks += text;
      return '';
    }
    const out = this.#blanks + text.slice(0, end);
    this.#blanks = text.slice(end);
    return out;
  }

  /** Until something else than an empty inline block has come, content is kept back. */
  #say(piece: string): string {
    if (this.#state === 'answering') return piece;
    const text = this.#held + piece;
    this.#held = '';
    switch (text.length > MOST_HELD ? 'answer' : startOf(text)) {
      case 'undecided':
        this.#held = text;
        return '';
      case 'empty block': {
        const rest = text.slice(text.indexOf(CLOSE) + CLOSE.length).trimStart();
        if (rest === '')
          this.#held = OPEN + CLOSE; // blank lines may follow
        else this.#state = 'answering';
        return rest;
      }
      case 'answer':
        this.#state = 'answering';
        return text;
    }
  }

  /** What was kept back; nothing when it is a block that never held a word, or its opening tag alone. */
  #takeHeld(): string {
    const held = this.#held;
    this.#held = '';
    return held.trimStart().startsWith(OPEN) ? '' : held;
  }
}

/** What a text begins with that is not complete yet. */
function startOf(text: string): 'undecided' | 'empty block' | 'answer' {
  const start = text.trimStart();
  if (start.length < OPEN.length) return OPEN.startsWith(start) ? 'undecided' : 'answer';
  if (!start.startsWith(OPEN)) return 'answer';
  const inside = start.slice(OPEN.length).trimStart();
  if (inside.startsWith(CLOSE)) return 'empty block';
  return CLOSE.startsWith(inside) ? 'undecided' : 'answer';
}

/**
 * The same for an answer that came whole.
 * @param answer.mendOpening the model may think, so a closing tag alone lost its opening
 */
export function wholeAnswerText(answer: {
  reasoning: string;
  content: string;
  hide: boolean;
  mendOpening: boolean;
}): string {
  const text = answerText(answer.hide);
  let { content } = answer;
  const close = content.indexOf(CLOSE);
  if (answer.mendOpening && close >= 0 && !content.slice(0, close).includes(OPEN)) {
    content = `${OPEN}\n${content.trimStart()}`;
  }
  return text.reasoning(answer.reasoning) + text.content(content) + text.end();
}
