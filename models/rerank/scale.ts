import { dropOldest } from '../../src/text/drop-oldest.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import type { Score } from '../openai/rerank/scores.ts';

/** How the form wants scores: as they are, or from 0 to 1; `auto` leaves alone what is there already. */
export type ScoreChoice = 'auto' | 'raw' | 'unit';

/** Models that are remembered. */
const MOST_MODELS = 256;

/**
 * Brings scores to a scale from 0 to 1, which Dify's threshold needs. Which models give logits is known of two kinds, from
 * Xinference's source; any other (a model that was registered with another head, or a server that does not tell its engine) shows
 * it by its first score outside 0 to 1, and that is remembered.
 */
export class Scale {
  /** Models that have given a score outside 0 to 1, the latest last. */
  readonly #seen = new Set<string>();

  /**
   * What becomes of a score; it never changes an order.
   * @param model names the model and what it is; a relaunch as another one begins anew
   */
  of(choice: ScoreChoice, model: string, description: ModelDescription | undefined) {
    return (scores: readonly Score[]): ((score: number) => number) => {
      if (choice === 'raw') return score => score;
      if (choice === 'unit' || givesLogits(description) || this.#showsLogits(model, scores)) return logistic;
      return score => score;
    };
  }

  #showsLogits(model: string, scores: readonly Score[]): boolean {
    if (!this.#seen.has(model) && scores.every(({ score }) => score >= 0 && score <= 1)) return false;
    this.#seen.delete(model);
    this.#seen.add(model);
    dropOldest(this.#seen, MOST_MODELS);
    return true;
  }
}

/**
 * llama.cpp gives what its classifier's head gives (but for Qwen3, whose graph ends in a softmax), and FlagEmbedding's rerankers of
 * LLMs are not asked to normalise. Cross-encoders of sentence-transformers and vLLM end in a logistic function of their own.
 */
function givesLogits(description: ModelDescription | undefined): boolean {
  const { engine = '', name = '', rerankType = '' } = description ?? {};
  if (/^llama\.?cpp$/i.test(engine)) return !/qwen3/i.test(name);
  return !/^vllm$/i.test(engine) && /^LLM-based/i.test(rerankType);
}

function logistic(score: number): number {
  return 1 / (1 + Math.exp(-score));
}
