import { SUMS, type Sum } from './automaton.ts';
import { Calibration } from './calibration.ts';
import { familyOf } from './families.ts';
import type { TextFeatures } from './features.ts';

/** What a prompt is made of, as far as its tokens go. */
export interface Prompt {
  /** All its text parts, and the JSON text of each tool. */
  readonly text: TextFeatures;
  readonly messages: number;
  readonly tools: number;
  readonly images: number;
  /** Audio and video parts: nothing can be said of their tokens. */
  readonly otherMedia: number;
}

/** Tokens of a chat template once, and of what it says around tools (Qwen 3's: 83). */
const TEMPLATE_TOKENS = 3;
const TOOLS_TOKENS = 85;

/** Vision models spend 500 to 1,500 on an image. */
const IMAGE_TOKENS = 1000;

/**
 * What is learned, and how far the truth may be from the first guess, as a standard deviation; 0.4 of it where the family is
 * known. One prompt has few of the classes that are counted, so those that resemble each other are learned together.
 */
const LEARNED: ReadonlyArray<readonly [deviation: number, ...Sum[]]> = [
  [0.12, 'latin', 'accented'],
  [0.3, 'digit'],
  [0.2, 'symbol', 'newline', 'emoji'],
  [0.5, 'han', 'kana', 'wide'],
  [0.5, 'hangul', 'cyrillic', 'greek', 'arabic', 'hebrew', 'indic', 'thai'],
];
/** For each sum the place of what it is learned as. */
const PART_OF = SUMS.map(name => LEARNED.findIndex(([, ...sums]) => sums.includes(name)));
const KNOWN_FAMILY = 0.4;
const TEMPLATE_DEVIATION = 0.3;

/** What is added to an estimate that guards a limit: too low breaks a request, too high costs history. */
interface Margin {
  /** Standard deviations. */
  readonly deviations: number;
  /** Of a text around what its parts tell, as a share of its tokens. */
  readonly noise: number;
}

const UNKNOWN_MARGIN: Margin = { deviations: 0.5, noise: 0.08 };
/**
 * Of a known family: on the samples (test/fixtures/token-counts.jsonl) the median error is 4 to 7 % then, by family, of counts with
 * the template's tokens, and 5 to 8 % of counts without them; less than one count in ten is more than 10 % too low.
 */
const KNOWN_MARGIN: Margin = { deviations: 0.25, noise: 0.06 };
const NO_MARGIN: Margin = { deviations: 0, noise: 0 };

/** Estimates of fewer tokens are not compared with what the server counted: the template is too large a part. */
const LEAST_OBSERVED = 20;
/** A count that differs by more than this factor speaks of something else than the prompt. */
const MOST_OBSERVED_RATIO = 4;

/** So many prompts teach the most; later one in sixteen is enough to keep up with a model that was swapped. */
const EAGER = 32;
const SELDOM = 16;

/** Estimates the tokens that one model makes of text, and learns from the counts its server reports. */
export class TokenEstimator {
  readonly #calibration: Calibration;
  readonly #factors: readonly number[];
  readonly #perMessage: number;
  readonly #margin: Margin;
  #offered = 0;

  /** Starts from what is known of the model's family by its name on the server. */
  constructor(modelName: string | undefined) {
    const { factors, perMessage, known } = familyOf(modelName);
    const text = LEARNED.map(([sd]) => (known ? KNOWN_FAMILY * sd : sd));
    const deviation = [...text, TEMPLATE_DEVIATION];
    this.#calibration = new Calibration(
      deviation.map(() => 1),
      deviation,
    );
    this.#factors = factors;
    this.#perMessage = perMessage;
    this.#margin = known ? KNOWN_MARGIN : UNKNOWN_MARGIN;
  }

  /** Tokens to reckon with for a prompt, a margin included; 0 for one without messages. */
  promptTokens(prompt: Prompt): number {
    return this.#prompt(prompt, this.#margin);
  }

  /** The likeliest count of a prompt's tokens, for the usage of an answer whose server gave none. */
  promptUsage(prompt: Prompt): number {
    return this.#prompt(prompt, NO_MARGIN);
  }

  /** Tokens to reckon with for a text alone, a margin included; 0 for an empty one. */
  textTokens(text: TextFeatures): number {
    return this.#text(text, this.#margin);
  }

  /** The likeliest count of a text's tokens: of an answer, or of what was embedded. */
  textUsage(text: TextFeatures): number {
    return this.#text(text, NO_MARGIN);
  }

  /** Asked for each count that a server gives: whether it is worth the work of looking at the prompt. */
  wantsObservation(): boolean {
    return this.#offered++ < EAGER || this.#offered % SELDOM === 0;
  }

  /**
   * Learns from the prompt tokens that the server reported. Ignored where they tell nothing about text: not a
   * positive whole number (servers send -1 when they do not know), a prompt with media or tools, a short
   * prompt, or a count far from any likely one.
   */
  observe(prompt: Prompt, promptTokens: number): void {
    if (prompt.tools > 0 || prompt.images > 0 || prompt.otherMedia > 0) return;
    if (!Number.isInteger(promptTokens)) return;
    const parts = this.#promptParts(prompt);
    const expected = this.#calibration.expect(parts);
    if (expected < LEAST_OBSERVED) return;
    if (promptTokens * MOST_OBSERVED_RATIO < expected || promptTokens > MOST_OBSERVED_RATIO * expected)
      return;
    this.#calibration.learn(parts, promptTokens);
  }

  #prompt(prompt: Prompt, margin: Margin): number {
    if (prompt.messages === 0) return 0;
    return this.#tokens(this.#promptParts(prompt), margin) + IMAGE_TOKENS * prompt.images;
  }

  #text(text: TextFeatures, margin: Margin): number {
    return text.units === 0 ? 0 : this.#tokens(this.#parts(text, 0), margin);
  }

  #promptParts({ text, messages, tools }: Prompt): Float64Array {
    const template = this.#perMessage * messages + TEMPLATE_TOKENS + (tools > 0 ? TOOLS_TOKENS : 0);
    return this.#parts(text, template);
  }

  /** What the family's tokenizer is likely to make of a text, by what is learned of it, and the template. */
  #parts({ sums }: TextFeatures, template: number): Float64Array {
    const parts = new Float64Array(LEARNED.length + 1);
    sums.forEach((sum, place) => {
      (parts[PART_OF[place] as number] as number) += (sum * (this.#factors[place] as number)) / 100;
    });
    parts[LEARNED.length] = template;
    return parts;
  }

  #tokens(parts: Float64Array, { deviations, noise }: Margin): number {
    const expected = this.#calibration.expect(parts);
    return Math.max(1, Math.ceil(expected + deviations * this.#calibration.deviation(parts, noise)));
  }
}
