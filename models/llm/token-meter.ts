import { setImmediate } from 'node:timers/promises';
import type { TextWriter } from '../../src/dify/index.ts';
import type { Prompt, TokenEstimator } from '../../src/tokens/estimator.ts';
import type { TextFeatures } from '../../src/tokens/features.ts';
import { LateCounter } from '../../src/tokens/late-counter.ts';
import type { AnswerEnd } from '../openai/answer/answer.ts';
import type { TokenCounts } from '../openai/answer/usage.ts';

const COUNTED_AT_ONCE = 1024 * 1024;

/** The tokens of one answer: counted by the server where it did, else estimated. */
export class TokenMeter {
  readonly #estimator: TokenEstimator;
  readonly #prompt: () => Promise<Prompt>;
  readonly #counter = new LateCounter();

  /** @param prompt what the prompt is made of; asked for only when that is needed */
  constructor(estimator: TokenEstimator, prompt: () => Promise<Prompt>) {
    this.#estimator = estimator;
    this.#prompt = prompt;
  }

  /** The same writer, which lets the meter see what is written. */
  watch(text: TextWriter): TextWriter {
    return {
      begin: () => text.begin(),
      write: piece => {
        this.#counter.add(piece);
        return text.write(piece);
      },
    };
  }

  /** The server's counts, with estimates for what it did not count. @param end what of the answer was not written */
  async complete(end: AnswerEnd): Promise<Required<TokenCounts>> {
    const { prompt, completion } = end.usage;
    if (prompt !== undefined) await this.#learn(prompt);
    return {
      prompt: prompt ?? this.#estimator.promptUsage(await this.#prompt()),
      completion: completion ?? this.#estimator.textUsage(await this.#features(end)),
    };
  }

  /** The server's count of the prompt makes later estimates for this model better. */
  async #learn(prompt: number): Promise<void> {
    if (this.#estimator.wantsObservation()) this.#estimator.observe(await this.#prompt(), prompt);
  }

  async #features({ text, toolCalls }: AnswerEnd): Promise<TextFeatures> {
    await this.#count(text);
    for (const { function: called } of toolCalls) {
      this.#counter.add(called.name);
      await this.#count(called.arguments);
    }
    return this.#counter.features();
  }

  /** A whole answer, or the arguments of a call, may be megabytes long. */
  async #count(text: string): Promise<void> {
    for (let from = 0; from < text.length; from += COUNTED_AT_ONCE) {
      if (from > 0) await setImmediate();
      this.#counter.add(text.slice(from, from + COUNTED_AT_ONCE));
    }
  }
}
