import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startFirstTokenDeadline } from '../../../models/llm/first-token.ts';
import { aSession } from '../openai/samples.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('startFirstTokenDeadline', () => {
  test('ends the session when nothing has come in time, counted from the request', async () => {
    const { session } = aSession();
    vi.advanceTimersByTime(400);
    startFirstTokenDeadline(session, 1, () => false);
    vi.advanceTimersByTime(599);
    expect(session.isOpen).toBe(true);
    vi.advanceTimersByTime(1);
    expect(session.failure).toMatchObject({ errorType: 'FirstTokenTimeoutError' });
    expect(session.failure?.message).toContain('within 1 s');
    expect(session.signal.reason).toBe(session.failure);
  });

  test('says so when the answer would have come in one piece', () => {
    const { session } = aSession();
    startFirstTokenDeadline(session, 1, () => true);
    vi.advanceTimersByTime(1000);
    expect(session.failure).toMatchObject({ errorType: 'FirstTokenTimeoutError' });
    expect(session.failure?.message).toContain(
      'had not answered within 1 s, the first token timeout of the request. With tools this model answers in one piece',
    );
  });

  test('is over when content has come', () => {
    const { session } = aSession();
    const contentCame = startFirstTokenDeadline(session, 1, () => false);
    contentCame();
    contentCame();
    vi.advanceTimersByTime(10_000);
    expect(session.isOpen).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([null, undefined, 0, -1])('%j is none', seconds => {
    const { session } = aSession();
    startFirstTokenDeadline(session, seconds, () => false)();
    vi.advanceTimersByTime(10_000);
    expect(session.isOpen).toBe(true);
  });

  test('one of a year does not go off at once', () => {
    const { session } = aSession();
    const contentCame = startFirstTokenDeadline(session, 365 * 24 * 3600, () => false);
    vi.advanceTimersByTime(3600_000);
    expect(session.isOpen).toBe(true);
    contentCame();
  });
});
