import { overlap } from '../thinking/think-tags.ts';

/** With the line break that follows it, so that the whole tag waits too. */
const TAG = '<tool_call>\n';

/**
 * Keeps a `<tool_call>` tag out of the text: a server that cuts the calls out of a stream has often let the first
 * characters of the tag pass (`<too`, `l_call`) before it knew. What may be one waits for what follows.
 */
export class LeakedTagFilter {
  #kept = '';

  /** @returns the text that can go out now */
  push(text: string): string {
    if (this.#kept === '' && !text.includes('<')) return text;
    const all = this.#kept + text;
    const keep = overlap(all, TAG);
    this.#kept = all.slice(all.length - keep);
    return all.slice(0, all.length - keep);
  }

  /** A call has begun: what was kept was its tag. */
  drop(): void {
    this.#kept = '';
  }

  /** No call has come. @returns what was kept */
  end(): string {
    const kept = this.#kept;
    this.#kept = '';
    return kept;
  }
}
