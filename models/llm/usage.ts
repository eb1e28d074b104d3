/** Tokens that a server counted. */
export interface TokenCounts {
  readonly prompt: number;
  readonly completion: number;
}

/**
 * `usage` of an answer, where it makes sense: engines send -1, null, or leave it out.
 * @returns undefined when there is nothing to go by; a single missing count is undefined
 */
export function readUsage(value: unknown): Partial<TokenCounts> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { prompt_tokens, completion_tokens } = value as Record<string, unknown>;
  const prompt = countOf(prompt_tokens);
  const completion = countOf(completion_tokens);
  // Zero tokens in and out is an engine that did not count.
  if ((prompt ?? 0) + (completion ?? 0) === 0) return undefined;
  return { ...(prompt !== undefined && { prompt }), ...(completion !== undefined && { completion }) };
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
