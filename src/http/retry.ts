import type { ServerError } from './errors/errors.ts';

const BASE_MS = 250;
const LONGEST_MS = 8_000;
/** A server that asks for a longer wait than this is believed, and the request fails at once. */
const LONGEST_RETRY_AFTER_MS = 30_000;
/** All waits of one request together. */
const BUDGET_MS = 60_000;

/** What one request has been through. */
export interface RetryState {
  /** Tries that have failed so far, from 1. */
  readonly failures: number;
  /** ms waited so far. */
  readonly waitedMs: number;
  readonly maxRetries: number;
}

/**
 * How long to wait before another try.
 * @param random 0 to 1; full jitter spreads the tries of many sessions
 * @returns ms, or undefined to give up
 */
export function retryDelay(
  error: ServerError,
  state: RetryState,
  random = Math.random(),
): number | undefined {
  if (!error.isRetryable || state.failures > state.maxRetries) return undefined;
  if (error.retryAfterMs !== undefined && error.retryAfterMs > LONGEST_RETRY_AFTER_MS) return undefined;
  const delay = error.retryAfterMs ?? random * Math.min(LONGEST_MS, BASE_MS * 2 ** (state.failures - 1));
  return state.waitedMs + delay > BUDGET_MS ? undefined : delay;
}
