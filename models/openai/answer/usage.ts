import { isObject } from '../../../src/text/json.ts';

/** Tokens that a server counted; undefined where it did not. */
export interface TokenCounts {
  readonly prompt?: number;
  readonly completion?: number;
}

/**
 * Adds what a `usage` says to what is known. Engines send -1, null or 0 where they did not count, or leave it out:
 * that says nothing.
 */
export function readUsage(known: TokenCounts, usage: unknown): TokenCounts {
  if (!isObject(usage)) return known;
  const prompt = countOf(usage['prompt_tokens']) ?? known.prompt;
  const completion = countOf(usage['completion_tokens']) ?? known.completion;
  return { ...(prompt !== undefined && { prompt }), ...(completion !== undefined && { completion }) };
}

/** No request has so many: the longest contexts are of ten million. */
const MOST_TOKENS = 100_000_000;

/** A count of tokens as a server gives it; undefined when it cannot be one. */
export function countOf(value: unknown): number | undefined {
  const isCount = typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MOST_TOKENS;
  return isCount ? value : undefined;
}
