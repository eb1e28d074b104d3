import { FeatureCounter, type TextFeatures } from './features.ts';

/** Text that waits, in code units. What was counted is let go, so a long answer is not kept. */
const MOST_WAITING = 16 * 1024;

/**
 * Counts one text as {@link FeatureCounter} does, but late: most servers count their answers themselves, and then the work
 * of all but long ones is never done.
 */
export class LateCounter {
  #counter: FeatureCounter | undefined;
  #waiting = '';

  /** Takes the next piece of the text. */
  add(piece: string): void {
    this.#waiting += piece;
    if (this.#waiting.length > MOST_WAITING) this.#count();
  }

  /** The features of all that was added so far. */
  features(): TextFeatures {
    return this.#count().features();
  }

  #count(): FeatureCounter {
    this.#counter ??= new FeatureCounter();
    this.#counter.add(this.#waiting);
    this.#waiting = '';
    return this.#counter;
  }
}
