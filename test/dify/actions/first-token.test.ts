import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startFirstTokenDeadline } from '../../../src/dify/actions/first-token.ts';
import { aSession } from '../../models/openai/samples.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const asked = (first_token_timeout: number | null | undefined) => ({
  model: 'm',
  model_type: 'llm' as const,
  stream: true,
  ...(first_token_timeout !== undefined && { first_token_timeout }),
});

describe('startFirstTokenDeadline', () => {
  test('ends the session when nothing has come in time, counted from the request', async () => {
    const { session } = aSession();
    vi.advanceTimersByTime(400);
    startFirstTokenDeadline(session, asked(1));
    vi.advanceTimersByTime(599);
    expect(session.isOpen).toBe(true);
    vi.advanceTimersByTime(1);
    expect(session.failure).toMatchObject({ errorType: 'FirstTokenTimeoutError' });
    expect(session.failure?.message).toContain('within 1 s');
    expect(session.signal.reason).toBe(session.failure);
  });

  test('says that the answer may come in one piece', () => {
    const { session } = aSession();
    startFirstTokenDeadline(session, asked(1));
    vi.advanceTimersByTime(1000);
    expect(session.failure).toMatchObject({ errorType: 'FirstTokenTimeoutError' });
    expect(session.failure?.message).toContain(
      'wrote nothing within 1 s, the first token timeout of the request. Raise it, or check whether the model is overloaded; with tools some models answer in one piece',
    );
  });

  test('is over when content has come', () => {
    const { session } = aSession();
    const contentCame = startFirstTokenDeadline(session, asked(1));
    contentCame();
    contentCame();
    vi.advanceTimersByTime(10_000);
    expect(session.isOpen).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([null, undefined, 0, -1])('%j is none', seconds => {
    const { session } = aSession();
    startFirstTokenDeadline(session, asked(seconds))();
    vi.advanceTimersByTime(10_000);
    expect(session.isOpen).toBe(true);
  });

  test('one of a year does not go off at once', () => {
    const { session } = aSession();
    const contentCame = startFirstTokenDeadline(session, asked(365 * 24 * 3600));
    vi.advanceTimersByTime(3600_000);
    expect(session.isOpen).toBe(true);
    contentCame();
  });
});
