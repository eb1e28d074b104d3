import { dropOldest } from '../../src/text/drop-oldest.ts';
import type { Score } from '../openai/rerank/scores.ts';
import type { RerankEngine } from './engine.ts';

/** How the form wants scores: as they are, or from 0 to 1; `auto` leaves alone what is there already. */
export type ScoreChoice = 'auto' | 'raw' | 'unit';

/** Models that are remembered. */
const MOST_MODELS = 256;

/**
 * Brings scores to a scale from 0 to 1, which Dify's threshold needs. Where it is not known that a model gives logits (it was
 * registered with another head, or the server does not tell its engine), its first score outside 0 to 1 shows it.
 */
export class Scale {
  /** Models that have given a score outside 0 to 1, the latest last: those too that no server describes. */
  readonly #seen = new Set<string>();

  /**
   * What becomes of a score; it never changes an order.
   * @param model names the model and what it is; a relaunch as another one begins anew
   * @param onLogits called when scores show that it gives logits
   */
  of(choice: ScoreChoice, model: string, { givesLogits }: RerankEngine, onLogits: () => void) {
    return (scores: readonly Score[]): ((score: number) => number) => {
      if (choice === 'raw') return score => score;
      if (choice === 'unit' || givesLogits || this.#seen.has(model)) return logistic;
      if (scores.every(({ score }) => score >= 0 && score <= 1)) return score => score;
      this.#seen.add(model);
      dropOldest(this.#seen, MOST_MODELS);
      onLogits();
      return logistic;
    };
  }
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
