import { overlap } from '../thinking/think-tags.ts';

/** Between which marks models write a call, by the families that do. */
const MARKS: readonly (readonly [open: string, close: string])[] = [
  ['<tool_call>', '</tool_call>'], // Qwen, Hermes, GLM
  ['<tool_calls>', '</tool_calls>'],
  ['<function_call>', '</function_call>'],
  ['<function=', '</function>'], // Llama, Qwen coders
  ['<minimax:tool_call>', '</minimax:tool_call>'],
  ['<|tool_call>', '<tool_call|>'], // Gemma
  ['<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'], // Kimi
  ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'], // DeepSeek
];
const OPEN = new RegExp(MARKS.map(([open]) => open.replaceAll('|', '\\|')).join('|'));
/** What follows a mark that opens a call, and not one that is spoken of. Blanks before a bracket come over several pieces. */
const CALL = /^(?:[\w:.-]|\s*[<[{])/;
/** More than this is no call any more. */
const LONGEST_HELD = 256 * 1024;

/**
 * Keeps calls out of the text that the server also gives as calls: their text stands beside them, or its first characters
 * have leaked (`<too`, `l_call`) before the server knew. What may be such a text waits for the end of the answer, when it
 * is known which calls there are; all other text passes.
 */
export class RawCallFilter {
  /** The beginning of a mark, or a mark of which nothing tells yet whether it opens a call. */
  #kept = '';
  /** From the first mark on, in pieces; undefined while there was none. */
  #held: string[] | undefined;
  #heldLength = 0;
  /** How much was held when a call began. */
  #heldAtCall: number | undefined;

  /** @returns the text that can go out now */
  push(text: string): string {
    if (this.#held !== undefined) return this.#hold(text);
    if (this.#kept === '' && !text.includes('<')) return text;
    let out = '';
    let rest = this.#kept + text;
    this.#kept = '';
    for (;;) {
      const mark = OPEN.exec(rest);
      const end = mark === null ? rest.length - longestOverlap(rest) : mark.index;
      out += rest.slice(0, end);
      rest = rest.slice(end);
      const [opened = ''] = mark ?? [];
      const inside = rest.slice(opened.length);
      if (opened === '' || inside.trim() === '') {
        this.#kept = rest;
        return out;
      }
      if (CALL.test(inside)) {
        this.#held = [];
        return out + this.#hold(rest);
      }
      out += opened;
      rest = inside;
    }
  }

  /** A call has begun: what was kept was its mark. */
  callBegan(): void {
    this.#kept = '';
    this.#heldAtCall ??= this.#held && this.#heldLength;
  }

  /** Something else than text follows. @returns the beginning of a mark, which is none then */
  pass(): string {
    const kept = this.#kept;
    this.#kept = '';
    return kept;
  }

  /**
   * The answer is over.
   * @param names of the functions that are called
   * @returns what was held back, without the texts of these calls
   */
  end(names: readonly string[]): string {
    const held = this.#held?.join('') ?? '';
    const heldAtCall = this.#heldAtCall;
    this.#held = undefined;
    this.#heldLength = 0;
    this.#heldAtCall = undefined;
    return (names.length === 0 ? held : withoutCalls(held, names, heldAtCall)) + this.pass();
  }

  #hold(text: string): string {
    this.#held?.push(text);
    this.#heldLength += text.length;
    return this.#heldLength > LONGEST_HELD ? this.end([]) : '';
  }
}

function longestOverlap(text: string): number {
  return Math.max(...MARKS.map(([open]) => overlap(text, open)));
}

/** @param openedBefore a call that began here is that of a mark before it that is never closed */
function withoutCalls(text: string, names: readonly string[], openedBefore: number | undefined): string {
  let out = '';
  let from = 0;
  for (;;) {
    const mark = OPEN.exec(text.slice(from));
    if (mark === null) return out + text.slice(from);
    const start = from + mark.index;
    const [, close = ''] = MARKS.find(([open]) => open === mark[0]) ?? [];
    const closed = text.indexOf(close, start);
    const isLeak = closed < 0 && openedBefore !== undefined && openedBefore > start;
    const end = closed >= 0 ? closed + close.length : isLeak ? openedBefore : text.length;
    const isCalled = isLeak || names.some(name => text.slice(start, end).includes(name));
    out += text.slice(from, isCalled ? start : end);
    from = end;
    if (isCalled) while (/\s/.test(text.charAt(from))) from++;
  }
}
