import type { ChatModel } from '../model.ts';

/**
 * With tools, the parser of the glm4 family sends all of the content so far in each chunk. Elsewhere a delta that
 * repeats the text so far is real text.
 */
export function repeatsContent(model: ChatModel): boolean {
  const name = model.family ?? model.name ?? '';
  return /^glm-?4(?![.\d])/i.test(name) && model.engine.streamedCalls === 'family parser';
}

/** Takes off what a server repeats of the content in each chunk. */
export class RepeatedContent {
  #soFar: string | undefined = '';

  /** Whether each chunk has repeated what came before it until now. */
  get isOn(): boolean {
    return this.#soFar !== undefined;
  }

  /** @returns what is new in a chunk's content */
  fresh(content: string): string {
    if (this.#soFar === undefined || !content.startsWith(this.#soFar)) {
      this.#soFar = undefined; // it does not repeat: a server that was mended
      return content;
    }
    const fresh = content.slice(this.#soFar.length);
    this.#soFar = content;
    return fresh;
  }
}
