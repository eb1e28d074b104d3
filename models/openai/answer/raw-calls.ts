import { literal, overlap } from '../thinking/think-tags.ts';

/** Between which marks models write a call, by the families that do; one without a closing mark goes on to the end. */
const MARKS: readonly (readonly [open: string, close?: string])[] = [
  ['<tool_call>', '</tool_call>'], // Qwen, Hermes, GLM
  ['<tool_calls>', '</tool_calls>'],
  ['<function_call>', '</function_call>'],
  ['<function_calls>', '</function_calls>'],
  ['<function=', '</function>'], // Llama, Qwen coders
  ['<minimax:tool_call>', '</minimax:tool_call>'],
  ['<seed:tool_call>', '</seed:tool_call>'],
  ['<longcat_tool_call>', '</longcat_tool_call>'],
  ['<TOOLCALL>', '</TOOLCALL>'], // Nemotron
  ['<|tool_call>', '<tool_call|>'], // Gemma
  ['<|tool_call|>'], // Granite, Phi
  ['<|tool_calls_section_begin|>', '<|tool_calls_section_end|>'], // Kimi
  ['<｜tool▁calls▁begin｜>', '<｜tool▁calls▁end｜>'], // DeepSeek
  ['<｜DSML｜function_calls>', '</｜DSML｜function_calls>'], // DeepSeek from 3.2 on
  ['<|START_ACTION|>', '<|END_ACTION|>'], // Command
  ['<|action_start|>', '<|action_end|>'], // InternLM
  ['<|python_tag|>'], // Llama
  ['[TOOL_CALLS]'], // Mistral
  ['<|channel|>commentary to=', '<|call|>'], // gpt-oss
];
const OPEN = new RegExp(MARKS.map(([open]) => literal(open)).join('|'));
const CLOSES = MARKS.flatMap(([, close = []]) => close);
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
  /** A call has begun, and no text has come since. */
  #isAfterCall = false;

  /** @returns the text that can go out now */
  push(text: string): string {
    if (this.#held !== undefined) return this.#hold(text);
    return this.#isAfterCall ? this.#pushAfterCall(text) : this.#push(text);
  }

  /** A closing mark whose opening one the server took is no text. */
  #pushAfterCall(text: string): string {
    let out = '';
    let rest = this.#kept + text;
    this.#kept = '';
    for (;;) {
      const start = rest.trimStart();
      out += rest.slice(0, rest.length - start.length);
      const close = CLOSES.find(mark => start.startsWith(mark));
      if (close === undefined) {
        rest = start;
        break;
      }
      rest = start.slice(close.length);
    }
    if (CLOSES.some(mark => mark.startsWith(rest))) {
      this.#kept = rest;
      return out;
    }
    this.#isAfterCall = false;
    return out + this.#push(rest);
  }

  #push(text: string): string {
    if (this.#kept === '' && !/[<[]/.test(text)) return text;
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
    this.#isAfterCall = true;
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
    const kept = this.pass();
    if (names.length === 0) return held + kept;
    return withoutCalls(held, names, heldAtCall) + (OPEN.test(kept) ? '' : kept);
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
    const [, close] = MARKS.find(([open]) => open === mark[0]) ?? [];
    const closed = close === undefined ? -1 : text.indexOf(close, start);
    const isLeak = closed < 0 && openedBefore !== undefined && openedBefore > start;
    const end = closed >= 0 ? closed + (close ?? '').length : isLeak ? openedBefore : text.length;
    const isCalled = isLeak || names.some(name => text.slice(start, end).includes(name));
    out += text.slice(from, isCalled ? start : end);
    from = end;
    if (isCalled) while (/\s/.test(text.charAt(from))) from++;
  }
}
