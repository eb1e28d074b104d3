/**
 * What serves a model, as far as engines differ from each other in what they heed and how they answer. Read once, when
 * the model is made; nothing else asks for an engine's name.
 */
export interface Engine {
  /** Whether it heeds a JSON schema as the answer's format; undefined where that is not known. */
  readonly heedsSchema: boolean | undefined;
  /** Whether the format `json_object` does anything but harm. */
  readonly takesJsonObject: boolean;
  /** Whether it heeds a seed and the penalties for presence and frequency. */
  readonly heedsPenalties: boolean;
  readonly heedsRepetitionPenalty: boolean;
  /** Whether it ends thoughts after a number of tokens, told as `thinking_token_budget`. */
  readonly takesThinkingBudget: boolean;
  /** What takes the tool calls out of a streamed answer: a parser of its own, that of the model's family, or none. */
  readonly streamedCalls: 'own parser' | 'family parser' | 'none';
  /** The kind of part in which it takes sound. */
  readonly soundPart: 'audio_url' | 'input_audio';
  /** Whether reasoning beside a content of null is the answer. */
  readonly movesContent: boolean;
}

/** An engine that does what OpenAI's API says. */
export const PLAIN: Engine = {
  heedsSchema: undefined,
  takesJsonObject: true,
  heedsPenalties: true,
  heedsRepetitionPenalty: true,
  takesThinkingBudget: false,
  streamedCalls: 'own parser',
  soundPart: 'input_audio',
  movesContent: false,
};
