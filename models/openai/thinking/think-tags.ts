export const OPEN = '<think>';
export const CLOSE = '</think>';
/** How a line begins that begins or ends a block of code. */
export const FENCE = /^ {0,3}(?:```|~~~)/;
/** What stands around a tag that is spoken of. */
export const QUOTES = /^[`"'“”„‘’«»‹›「」『』()]$/;

/**
 * An assistant's text without what it thought: every `<think>…</think>` block, and what stands before a closing tag
 * that was never opened. Models want their history without it. Linear in the text.
 */
export function withoutThinking(text: string): string {
  const firstClose = text.indexOf(CLOSE);
  if (firstClose < 0 && !text.trimStart().startsWith(OPEN)) return text;
  const firstOpen = text.indexOf(OPEN);
  const lacksOpening = firstClose >= 0 && (firstOpen < 0 || firstOpen > firstClose);
  const kept: string[] = [];
  for (let from = lacksOpening ? firstClose + CLOSE.length : 0; ; ) {
    const open = text.indexOf(OPEN, from);
    if (open < 0) {
      kept.push(text.slice(from));
      break;
    }
    kept.push(text.slice(from, open));
    const close = text.indexOf(CLOSE, open);
    if (close < 0) break; // cut while thinking: there was no answer
    from = close + CLOSE.length;
    while (/\s/.test(text.charAt(from))) from++;
  }
  return kept.join('').trim();
}

/** A text without the tags themselves. */
export function withoutTags(text: string): string {
  return text.replace(/<\/?think>/g, '');
}

/** A mark as a pattern for itself. */
export function literal(mark: string): string {
  return mark.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/** How many characters at the end of `text` are the beginning of `tag`, but not all of it. */
export function overlap(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}

/**
 * Takes the tags out of a reasoning that comes in pieces: servers leak them, also cut over two pieces. What could be the
 * beginning of a tag at the end of a piece is kept until the next one shows whether it is.
 */
export class ThinkTagStripper {
  #kept = '';

  /** @returns what can go out now */
  push(piece: string): string {
    // Nearly every piece has no "<" in it at all.
    if (this.#kept === '' && !piece.includes('<')) return piece;
    const text = withoutTags(this.#kept + piece);
    const keep = Math.max(overlap(text, OPEN), overlap(text, CLOSE));
    this.#kept = text.slice(text.length - keep);
    return text.slice(0, text.length - keep);
  }

  /** @returns what was kept */
  end(): string {
    const kept = this.#kept;
    this.#kept = '';
    return kept;
  }
}
