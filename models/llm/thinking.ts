const OPEN = '<think>';
const CLOSE = '</think>';

/**
 * An assistant's text without what it thought: every `<think>…</think>` block, and what stands before a closing tag
 * that was never opened. Models want their history without it. Linear in the text.
 */
export function withoutThinking(text: string): string {
  if (!text.includes(CLOSE) && !text.trimStart().startsWith(OPEN)) return text;
  let rest = text;
  const firstClose = rest.indexOf(CLOSE);
  const firstOpen = rest.indexOf(OPEN);
  if (firstClose >= 0 && (firstOpen < 0 || firstOpen > firstClose))
    rest = rest.slice(firstClose + CLOSE.length);
  const kept: string[] = [];
  for (let from = 0; ; ) {
    const open = rest.indexOf(OPEN, from);
    if (open < 0) {
      kept.push(rest.slice(from));
      break;
    }
    kept.push(rest.slice(from, open));
    const close = rest.indexOf(CLOSE, open);
    if (close < 0) break; // cut while thinking: there was no answer
    from = close + CLOSE.length;
    while (/\s/.test(rest.charAt(from))) from++;
  }
  return kept.join('').trim();
}

/**
 * Takes tags out of a text that comes in pieces. What could be the beginning of a tag at the end of a piece is kept back
 * until the next one shows whether it is.
 */
class TagStripper {
  readonly #tags: readonly string[];
  #kept = '';

  constructor(...tags: string[]) {
    this.#tags = tags;
  }

  /** @returns what can go out now */
  push(piece: string): string {
    // Nearly every piece has no "<" in it at all.
    if (this.#kept === '' && !piece.includes('<')) return piece;
    let text = this.#kept + piece;
    for (const tag of this.#tags) text = text.replaceAll(tag, '');
    const keep = Math.max(...this.#tags.map(tag => overlap(text, tag)));
    this.#kept = text.slice(text.length - keep);
    return text.slice(0, text.length - keep);
  }

  /** @returns what was kept back */
  end(): string {
    const kept = this.#kept;
    this.#kept = '';
    return kept;
  }
}

/** How many characters at the end of `text` are the beginning of `tag`, but not all of it. */
export function overlap(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/**
 * Makes one text, as Dify knows it, of an answer whose reasoning comes apart from its content: `<think>\n` + reasoning +
 * `\n</think>` + answer, one block per round, none when it is empty. Works on pieces as they come. Inline
 * blocks of the server pass unchanged, except one that is empty from the start. With `hide`, everything thought is
 * left out.
 */
export class AnswerText {
  readonly #hide: boolean;
  /** `start`: nothing has gone out; `thinking`: our block is open; `answering`: in the answer. */
  #state: 'start' | 'thinking' | 'answering' = 'start';
  // Servers leak the tags into the reasoning they took out of them, also cut over two pieces.
  #reasoning = new TagStripper(OPEN, CLOSE);
  #endsWithNewline = false;
  /** Content kept back while it may be the beginning of an inline block. */
  #held = '';
  /** While hiding: inside an inline block. */
  #inInline = false;

  constructor(options: { hide: boolean }) {
    this.#hide = options.hide;
  }

  /** A piece of reasoning. @returns what goes out for it */
  reasoning(piece: string): string {
    let text = this.#reasoning.push(piece);
    if (this.#hide) return '';
    if (this.#state !== 'thinking') {
      text = text.trimStart();
      if (text === '') return '';
      // A stray opening tag in the content before: its own block begins here.
      const before = this.#state === 'start' && OPEN === this.#held.trim() ? '' : this.#held;
      this.#held = '';
      this.#state = 'thinking';
      this.#endsWithNewline = text.endsWith('\n');
      return `${before}${OPEN}\n${text}`;
    }
    if (text !== '') this.#endsWithNewline = text.endsWith('\n');
    return text;
  }

  /** A piece of the answer. @returns what goes out for it */
  content(piece: string): string {
    if (piece === '') return '';
    // The hot path: in the answer, nothing kept back, nothing to hide.
    if (this.#state === 'answering' && !this.#hide) return piece;
    const closing = this.close();
    if (this.#hide) return this.#hideInline(piece);
    return closing + this.#passStart(piece);
  }

  /** Ends an open block: a tool call follows, or nothing. @returns what goes out for it */
  close(): string {
    const rest = this.#reasoning.end();
    if (this.#state !== 'thinking') return '';
    this.#state = 'answering';
    return `${rest}${this.#endsWithNewline && rest === '' ? '' : '\n'}${CLOSE}`;
  }

  /** The answer is over. @returns what was kept back */
  end(): string {
    const held = this.#inInline ? '' : this.#held;
    this.#held = '';
    return this.close() + (held.trim() === OPEN ? '' : held);
  }

  /** Until something else than an empty inline block has come, content is kept back. */
  #passStart(piece: string): string {
    if (this.#state === 'answering') return piece;
    const text = this.#held + piece;
    const undecided = mayBeEmptyBlock(text);
    if (undecided === 'maybe') {
      this.#held = text;
      return '';
    }
    this.#held = '';
    if (undecided === 'empty') {
      const rest = text.slice(text.indexOf(CLOSE) + CLOSE.length).trimStart();
      if (rest !== '') this.#state = 'answering';
      return rest;
    }
    this.#state = 'answering';
    return text;
  }

  #hideInline(piece: string): string {
    let text = this.#held + piece;
    this.#held = '';
    let out = '';
    for (;;) {
      const tag = this.#inInline ? CLOSE : OPEN;
      const at = text.indexOf(tag);
      if (at < 0) {
        const keep = overlap(text, tag);
        this.#held = text.slice(text.length - keep);
        if (!this.#inInline) out += text.slice(0, text.length - keep);
        break;
      }
      if (!this.#inInline) out += text.slice(0, at);
      text = text.slice(at + tag.length);
      this.#inInline = !this.#inInline;
    }
    if (this.#state === 'start') {
      out = out.trimStart(); // the blank lines after a block that is gone
      if (out !== '') this.#state = 'answering';
    }
    return out;
  }
}

/** Whether a text begins with an inline block that has nothing in it, or may turn out to. */
function mayBeEmptyBlock(text: string): 'maybe' | 'empty' | 'no' {
  const start = text.trimStart();
  if (start.length < OPEN.length) return OPEN.startsWith(start) ? 'maybe' : 'no';
  if (!start.startsWith(OPEN)) return 'no';
  const inside = start.slice(OPEN.length).trimStart();
  if (inside.startsWith(CLOSE)) return 'empty';
  return CLOSE.startsWith(inside) ? 'maybe' : 'no';
}

/**
 * The same for an answer that came whole.
 * @param answer.mendOpening the model is known to think, so a closing tag alone lost its opening
 */
export function wholeAnswerText(answer: {
  reasoning: string;
  content: string;
  hide: boolean;
  mendOpening: boolean;
}): string {
  const text = new AnswerText({ hide: answer.hide });
  let content = answer.content;
  const close = content.indexOf(CLOSE);
  if (answer.mendOpening && close >= 0 && !content.slice(0, close).includes(OPEN)) {
    content = `${OPEN}\n${content.trimStart()}`;
  }
  const parts = [text.reasoning(answer.reasoning), text.content(content), text.end()];
  return parts.join('');
}
