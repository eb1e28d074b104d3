import { CHANNEL_MARKS, MARKS, type Mark } from './marks.ts';
import { CLOSE, FENCE, literal, OPEN, overlap, QUOTES, ThinkTagStripper } from './think-tags.ts';

const LONGEST_MARK = 40;
/** A longer head of a channel is none. */
const LONGEST_HEAD = 200;
const HEAD =
  /^(?:<\|start\|>\s*(?:[^\s<]+(?:\s+to=[^\s<]+)?\s*)?)?(?:<\|channel\|>\s*(?:analysis|commentary|final)(?:\s+to=[^\s<]+)?\s*)?(?:<\|constrain\|>\s*\w+\s*)?$/i;
const FINAL = /<\|channel\|>\s*final|^(?!.*<\|channel\|>)/is;
/** Where blocks of code begin and end. */
const FENCES = new RegExp(FENCE, 'gm');
const CHANNEL_MARK = new RegExp(CHANNEL_MARKS.map(literal).join('|'), 'i');

/** What ends a thought, by the mark that opened it. */
const ENDS = new Map(
  MARKS.map(mark => {
    const ends = [mark.close, ...(mark.again ?? [])];
    const pattern = new RegExp(ends.map(literal).join('|'), mark.followedBy ? '' : 'i');
    return [mark, { pattern, ends: ends.map(end => end.toLowerCase()) }];
  }),
);

/**
 * Folds thoughts in other marks into `<think>\n…\n</think>`, as the text comes in pieces. Marks count at the start of the
 * answer and right after a thought, so that text which speaks of them stays. What may be the beginning of a mark waits for
 * what follows, nothing else does. Linear in the text.
 */
export class MarkFolder {
  /** `start`: a mark may come; `thought`: after one; `head`, `channel`: of gpt-oss; `answer`: none can come any more. */
  #state: 'start' | 'thought' | 'head' | 'channel' | 'answer' = 'start';
  #held = '';
  #mark: Mark | undefined;
  #head = '';
  /** Whether our block is open, and what stands at its end. */
  #isOpen = false;
  #isBlank = true;
  #last = '';
  /** A thought may have tags of its own in it, and Dify's end at the first. */
  readonly #tags = new ThinkTagStripper();
  readonly #marks: readonly Mark[];

  /** @param marks that count */
  constructor(marks: readonly Mark[] = MARKS) {
    this.#marks = marks;
  }

  /** @returns the text that can go out now */
  push(piece: string): string {
    if (this.#state === 'answer') return piece; // the hot path
    let text = this.#held + piece;
    let out = '';
    this.#held = '';
    while (text !== '') {
      const [said, rest] = this.#step(text);
      out += said;
      text = rest;
    }
    return out;
  }

  /** Something else than content follows. @returns what was kept back */
  pass(): string {
    const held = this.#held;
    this.#held = '';
    if (this.#state === 'thought' || (this.#state === 'channel' && this.#isOpen))
      return this.#think(held) + this.#thought(this.#tags.end());
    return this.#state === 'head' ? this.#takeHead(held) : held;
  }

  /** Reasoning in a field of its own follows: a mark before it was its own. @returns what was kept back */
  reset(): string {
    const out = this.pass();
    this.#state = 'start';
    this.#isOpen = false;
    return out;
  }

  /** One step. @returns what goes out, and what is still to be read; what is kept back is in neither */
  #step(text: string): [said: string, rest: string] {
    switch (this.#state) {
      case 'start':
        return this.#begin(text);
      case 'thought':
        return this.#goOn(text);
      case 'head':
      case 'channel':
        return this.#readChannel(text);
      case 'answer':
        return [text, ''];
    }
  }

  #begin(text: string): [string, string] {
    const start = text.trimStart();
    const blanks = text.slice(0, text.length - start.length);
    if (start === '') return [text, ''];
    const lower = start.slice(0, LONGEST_MARK).toLowerCase();
    if (CHANNEL_MARKS.some(mark => lower.startsWith(mark))) {
      this.#state = 'head';
      return [blanks, start];
    }
    const mark = this.#marks.find(({ open, followedBy }) =>
      followedBy
        ? start.startsWith(open) && followedBy.test(start.slice(open.length))
        : lower.startsWith(open),
    );
    if (mark !== undefined) {
      this.#state = 'thought';
      this.#mark = mark;
      return [blanks + this.#open(), start.slice(mark.open.length)];
    }
    const mayBegin =
      this.#marks.some(({ open, followedBy }) =>
        followedBy ? open.startsWith(start) : open.startsWith(lower),
      ) || CHANNEL_MARKS.some(head => head.startsWith(lower));
    if (mayBegin) return this.#hold(blanks, start);
    this.#state = 'answer';
    return [text, ''];
  }

  #goOn(text: string): [string, string] {
    const mark = this.#mark;
    const { pattern, ends = [] } = (mark && ENDS.get(mark)) ?? {};
    const end = pattern?.exec(text);
    if (!mark || !end) return this.#holdEnd(text, ends, part => this.#think(part));
    const said = this.#think(text.slice(0, end.index));
    const rest = text.slice(end.index + end[0].length);
    if (mark.again?.includes(end[0])) return [said + this.#think('\n'), rest];
    this.#state = mark.followedBy ? 'answer' : 'start';
    return [said + this.#close(), rest];
  }

  #readChannel(text: string): [string, string] {
    const mark = CHANNEL_MARK.exec(text);
    if (mark === null) return this.#holdEnd(text, CHANNEL_MARKS, part => this.#inChannel(part));
    const said = this.#inChannel(text.slice(0, mark.index));
    const rest = text.slice(mark.index + mark[0].length);
    if (mark[0].toLowerCase() === '<|message|>') {
      if (!HEAD.test(this.#head)) {
        this.#state = 'answer';
        return [this.#takeHead(mark[0]), rest];
      }
      const isAnswer = FINAL.test(this.#head);
      this.#state = 'channel';
      this.#head = '';
      return [isAnswer ? said : said + this.#open(), rest];
    }
    const closed = this.#close();
    const isEnd = /end|return|call/i.test(mark[0]);
    this.#state = isEnd ? 'start' : 'head';
    this.#head = isEnd ? '' : this.#head + mark[0];
    return [said + closed, rest];
  }

  #inChannel(text: string): string {
    if (this.#state === 'channel') return this.#isOpen ? this.#think(text) : text;
    this.#head += text;
    if (this.#head.length <= LONGEST_HEAD) return '';
    this.#state = 'answer';
    return this.#takeHead('');
  }

  /** What stood in the place of a head, where it is none. */
  #takeHead(held: string): string {
    const head = this.#head + held;
    this.#head = '';
    return HEAD.test(head) ? '' : head;
  }

  #hold(out: string, held: string): [string, string] {
    this.#held = held;
    return [out, ''];
  }

  /** All of a text but what may be the beginning of one of these marks, which are in lower case. */
  #holdEnd(text: string, marks: readonly string[], pass: (part: string) => string): [string, string] {
    const tail = text.slice(-LONGEST_MARK).toLowerCase();
    const keep = Math.max(0, ...marks.map(mark => overlap(tail, mark)));
    return this.#hold(pass(text.slice(0, text.length - keep)), text.slice(text.length - keep));
  }

  #open(): string {
    this.#isOpen = true;
    this.#isBlank = true;
    this.#last = '\n';
    return `${OPEN}\n`;
  }

  /** A part of a thought, without tags. */
  #think(text: string): string {
    return this.#thought(this.#tags.push(text));
  }

  /** The same without the blank lines before it. */
  #thought(text: string): string {
    const part = this.#isBlank ? text.trimStart() : text;
    if (part === '') return '';
    this.#isBlank = false;
    this.#last = part.slice(-1);
    return part;
  }

  #close(): string {
    if (!this.#isOpen) return '';
    const rest = this.#thought(this.#tags.end());
    this.#isOpen = false;
    return rest + (this.#last === '\n' ? CLOSE : `\n${CLOSE}`);
  }
}

/**
 * A whole text whose first thought lacks its opening mark.
 * @returns it with its thought in `<think>`; as it is where no closing mark stands alone in it, or one is only spoken of
 */
export function withOpening(text: string): string {
  const close = loneClose(text, OPEN, new RegExp(CLOSE, 'g'));
  if (close !== undefined) return `${OPEN}\n${text.trimStart()}`;
  for (const [{ open, family }, { pattern }] of ENDS) {
    if (family) continue; // sentences stand where they are meant
    const end = loneClose(text, open, new RegExp(pattern, `g${pattern.flags}`));
    if (end === undefined) continue;
    const answer = text.slice(end.index + end[0].length);
    return `${OPEN}\n${text.slice(0, end.index).trim()}\n${CLOSE}${answer}`;
  }
  return text;
}

/** The first closing mark that closes something; undefined where an opening one stands before it. Linear in the text. */
function loneClose(text: string, open: string, pattern: RegExp): RegExpExecArray | undefined {
  // Where the marks are words, the opening one means nothing in the middle.
  const opened = /^\w/.test(open) ? -1 : text.search(new RegExp(literal(open), 'i'));
  const fences = text.matchAll(FENCES);
  let fence = fences.next();
  let isFenced = false;
  for (const end of text.matchAll(pattern)) {
    if (opened >= 0 && opened < end.index) return undefined;
    for (; !fence.done && fence.value.index < end.index; fence = fences.next()) isFenced = !isFenced;
    if (!isFenced && !isSpokenOf(text, end.index, end.index + end[0].length)) return end;
  }
  return undefined;
}

/** Whether a mark stands in quotes, or in the middle of a sentence. */
function isSpokenOf(text: string, from: number, to: number): boolean {
  const before = text.charAt(from - 1);
  const after = text.charAt(to);
  return QUOTES.test(before) || QUOTES.test(after) || (/[^\S\n]/.test(before) && after !== '\n');
}
