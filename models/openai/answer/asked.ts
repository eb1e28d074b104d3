/** What was asked for, as far as it tells how to read the answer. */
export interface Asked {
  readonly tools: boolean;
  /** Undefined: left to the server. */
  readonly thinking: boolean | undefined;
  /** Whether the answer is to be JSON by a schema. */
  readonly schema: boolean;
}
