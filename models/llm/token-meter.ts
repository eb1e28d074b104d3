import type { Prompt, TokenEstimator } from '../../src/tokens/estimator.ts';
import type { TextFeatures } from '../../src/tokens/features.ts';
import type { TokenCounts } from '../openai/answer/usage.ts';

/** The tokens of one answer: counted by the server where it did, else estimated. */
export class TokenMeter {
  readonly #estimator: TokenEstimator;
  readonly #prompt: () => Promise<Prompt>;

  /** @param prompt what the prompt is made of; asked for only when that is needed */
  constructor(estimator: TokenEstimator, prompt: () => Promise<Prompt>) {
    this.#estimator = estimator;
    this.#prompt = prompt;
  }

  /**
   * The server's counts, with estimates for what it did not count.
   * @param answer what the answer is made of; asked for only when that is needed
   */
  async complete(counts: TokenCounts, answer: () => TextFeatures): Promise<Required<TokenCounts>> {
    return {
      prompt: counts.prompt ?? this.#estimator.promptUsage(await this.#prompt()),
      completion: counts.completion ?? this.#estimator.textUsage(answer()),
    };
  }

  /** The server's count of the prompt makes later estimates for this model better. */
  async learn({ prompt }: TokenCounts): Promise<void> {
    if (prompt === undefined || !this.#estimator.wantsObservation()) return;
    this.#estimator.observe(await this.#prompt(), prompt);
  }
}
