import { type AnswerText, LONGEST_MISPLACED } from './answer-text.ts';
import { HiddenThinking } from './hidden-thinking.ts';
import { InlineBlocks } from './inline-blocks.ts';
import { KeptText } from './kept-text.ts';
import { MarkFolder, withOpening } from './mark-folder.ts';
import type { Mark } from './marks.ts';
import { CLOSE, OPEN, ThinkTagStripper, withoutTags } from './think-tags.ts';

/** @param hide whether everything thought is left out */
export function answerText(hide: boolean): AnswerText {
  return hide ? new HiddenThinking() : new ShownThinking();
}

/** Models that have gone wrong write blank lines without an end: that many are held back, not more. */
const MOST_HELD = 10_000;

/**
 * The text as Dify knows it: `<think>\n` + reasoning + `\n</think>` + answer, one block per round, none when it is empty.
 * Inline blocks of the server pass unchanged, except one that is empty from the start, and one that is never closed: that is
 * closed at the end. Where there is nothing but reasoning, it is said once more as the answer.
 */
class ShownThinking implements AnswerText {
  /**
   * `undecided`: what comes may be an inline block; `thinking`: our block is open; `inline`: the answer began with a block of
   * the server's; `answering`: in an answer without one.
   */
  #state: 'undecided' | 'thinking' | 'inline' | 'answering' = 'undecided';
  #inline = new InlineBlocks();
  /** Whether the inline text so far ends with a line break. */
  #endsLine = false;
  /** Until something else has come. */
  #reasoning: KeptText | undefined = new KeptText(LONGEST_MISPLACED);
  readonly #tags = new ThinkTagStripper();
  /** White space at the end of the reasoning so far. Some servers count the blank lines after the block to it. */
  #blanks = '';
  /** Content kept back while it may be the beginning of an empty block. */
  #held = '';

  reasoning(piece: string): string {
    if (piece === '') return '';
    this.#reasoning?.push(piece);
    if (this.#state === 'thinking') return this.#think(this.#tags.push(piece));
    const closed = this.#closeInline();
    this.#inline = new InlineBlocks();
    this.#state = 'undecided';
    return closed + this.#think(this.#tags.push(piece));
  }

  content(piece: string): string {
    // The hot path: in the answer, nothing kept back.
    if (this.#state === 'answering' || piece === '') return piece;
    if (this.#state === 'inline') {
      this.#readInline(piece);
      return piece;
    }
    return this.close() + this.#say(piece);
  }

  close(): string {
    const rest = this.#think(this.#tags.end());
    if (this.#state !== 'thinking') return rest;
    this.#state = 'undecided';
    const blanks = this.#blanks.startsWith('\n') ? this.#blanks.slice(1) : this.#blanks;
    this.#blanks = '';
    return `${rest}\n${CLOSE}${blanks}`;
  }

  end(isAnswer: boolean): string {
    const out = this.close() + this.#takeHeld() + this.#closeInline();
    return isAnswer && this.#reasoning ? out + withoutTags(this.#reasoning.take()).trimStart() : out;
  }

  #readInline(text: string): void {
    this.#inline.push(text);
    this.#endsLine = text.endsWith('\n');
  }

  /** @returns the closing tag that an inline block lacks */
  #closeInline(): string {
    const isOpen = this.#state === 'inline' && this.#inline.inside === 'block';
    return !isOpen ? '' : this.#endsLine ? CLOSE : `\n${CLOSE}`;
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
    const end = text.trimEnd().length;
    if (this.#blanks === '' && end === text.length) return text;
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
    const text = this.#held + piece;
    this.#held = '';
    switch (text.length > MOST_HELD ? 'answer' : startOf(text)) {
      case 'undecided':
        this.#held = text;
        return '';
      case 'empty block': {
        const rest = text.slice(text.indexOf(CLOSE) + CLOSE.length).trimStart();
        if (rest === '') {
          this.#held = OPEN + CLOSE; // blank lines may follow
          return '';
        }
        this.#reasoning = undefined;
        this.#state = 'answering';
        return rest;
      }
      case 'answer':
        this.#reasoning = undefined;
        this.#state = text.trimStart().startsWith(OPEN) ? 'inline' : 'answering';
        if (this.#state === 'inline') this.#readInline(text);
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
 * The same for an answer that came whole: reasoning alone goes without a block where it is the answer.
 * @param answer.mendOpening the model may think, so a closing mark alone lost its opening
 * @param answer.isAnswer as for {@link AnswerText.end}
 * @param answer.marks between which the model thinks
 */
export function wholeAnswerText(answer: {
  reasoning: string;
  content: string;
  hide: boolean;
  mendOpening: boolean;
  isAnswer: boolean;
  marks?: readonly Mark[];
}): string {
  const { reasoning, isAnswer } = answer;
  const isApart = reasoning.trim() !== '';
  const said = isApart ? withoutLoneOpening(answer.content) : answer.content;
  if (isAnswer && isApart && said.trim() === '') return withoutTags(reasoning).trimStart();
  const text = answerText(answer.hide);
  const marks = new MarkFolder(answer.marks);
  const folded = marks.push(said) + marks.pass();
  const content = answer.mendOpening ? withOpening(folded) : folded;
  return text.reasoning(reasoning) + text.content(content) + text.end(isAnswer);
}

/** Servers put an opening tag before an answer that has none, also where its thoughts came apart (1.17.1, llama.cpp). */
function withoutLoneOpening(content: string): string {
  const start = content.trimStart();
  return start.startsWith(OPEN) && !start.includes(CLOSE) ? start.slice(OPEN.length).trimStart() : content;
}
