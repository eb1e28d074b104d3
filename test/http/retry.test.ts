import { describe, expect, test } from 'vitest';
import { ServerError } from '../../src/http/errors/errors.ts';
import { retryDelay } from '../../src/http/retry.ts';
import { Gate } from '../../src/text/gate.ts';

const gate = new Gate();

const passing = (retryAfterMs?: number) =>
  new ServerError('unavailable', { gate }, 'x', { isRetryable: true, retryAfterMs });
const state = { failures: 1, waitedMs: 0, maxRetries: 10 };

describe('retryDelay', () => {
  test('waits up to 0.25 s, doubled with each failure, and never more than 8 s', () => {
    const longest = [1, 2, 3, 4, 5, 6, 7, 8].map(failures =>
      retryDelay(passing(), { ...state, failures }, 1),
    );
    expect(longest).toEqual([250, 500, 1000, 2000, 4000, 8000, 8000, 8000]);
    expect(retryDelay(passing(), { ...state, failures: 4 }, 0.5)).toBe(1000);
    expect(retryDelay(passing(), { ...state, failures: 4 }, 0)).toBe(0);
  });

  test('is random when not told otherwise', () => {
    const delays = Array.from({ length: 20 }, () => retryDelay(passing(), { ...state, failures: 6 }));
    expect(new Set(delays).size).toBeGreaterThan(10);
  });

  test('gives up after the retries that were configured', () => {
    expect(retryDelay(passing(), { ...state, failures: 3, maxRetries: 3 }, 1)).toBe(1000);
    expect(retryDelay(passing(), { ...state, failures: 4, maxRetries: 3 }, 1)).toBeUndefined();
    expect(retryDelay(passing(), { ...state, failures: 1, maxRetries: 0 }, 1)).toBeUndefined();
  });

  test('gives up at once on what does not pass', () => {
    expect(retryDelay(new ServerError('key-refused', { gate }, 'x'), state)).toBeUndefined();
  });

  test('does as the server asks, up to 30 s', () => {
    expect(retryDelay(passing(7_000), state, 1)).toBe(7_000);
    expect(retryDelay(passing(0), state, 1)).toBe(0);
    expect(retryDelay(passing(30_000), state, 1)).toBe(30_000);
    expect(retryDelay(passing(30_001), state, 1)).toBeUndefined();
  });

  test('waits for a minute altogether', () => {
    expect(retryDelay(passing(30_000), { ...state, waitedMs: 30_000 })).toBe(30_000);
    expect(retryDelay(passing(30_000), { ...state, waitedMs: 30_001 })).toBeUndefined();
    expect(retryDelay(passing(), { ...state, failures: 6, waitedMs: 52_001 }, 1)).toBeUndefined();
  });
});
