/** How a family of models, which share a tokenizer, departs from the average tokenizer. */
export interface Family {
  /** Factors on the sums of a text: latin, digit, symbol, cjk, script. */
  readonly factors: readonly [latin: number, digit: number, symbol: number, cjk: number, script: number];
  /** Tokens that the chat template adds to each message. */
  readonly perMessage: number;
  /** False where nothing is known of the tokenizer, so that what is learned from answers should weigh more. */
  readonly known: boolean;
}

const UNKNOWN: Family = { factors: [1, 1, 1, 1, 1], perMessage: 5, known: false };

/** The first pattern that matches counts. */
const FAMILIES: ReadonlyArray<readonly [pattern: RegExp, factors: Family['factors'], perMessage: number]> = [
  [/qwen-?(3\.[5-9]|[4-9])/, [0.9, 1.2, 1.15, 0.85, 0.85], 5],
  // Before deepseek: its distilled models named qwen have the tokenizer of Qwen.
  [/qwen|qwq|qvq/, [1, 1.3, 0.9, 1, 1.2], 5],
  [/llama-?[34]/, [0.95, 0.7, 1, 1.15, 1.1], 5],
  [/deepseek/, [1.05, 0.7, 1, 0.95, 1.1], 2],
  // Tekken, then the SentencePiece vocabulary of 32,000 of the older ones.
  [
    /mistral-nemo|mistral-small-(2[5-9]|3)|ministral|pixtral|magistral|devstral/,
    [0.95, 1.25, 1.15, 1.25, 0.95],
    3,
  ],
  [/mistral|mixtral|codestral|llama-?2|vicuna|zephyr/, [1.2, 1.2, 1.25, 1.75, 1.75], 4],
  [/gemma/, [1.1, 1.4, 0.9, 0.9, 0.85], 5],
  [/gpt-oss|gpt-4o/, [0.95, 0.75, 0.95, 1.15, 0.9], 5],
];

/**
 * The family of a model, by the name that the server reports for it (`qwen3`, `llama-3.1-instruct`), not by the uid
 * a user gave it. Without a name, or with one that matches nothing, the average tokenizer.
 */
export function familyOf(modelName: string | undefined): Family {
  const name = modelName?.toLowerCase() ?? '';
  for (const [pattern, factors, perMessage] of FAMILIES) {
    if (pattern.test(name)) return { factors, perMessage, known: true };
  }
  return UNKNOWN;
}
