import { FirstTokenTimeoutError } from '../../src/dify/protocol/errors.ts';
import type { Session } from '../../src/dify/session.ts';

/** The longest time that a timer takes; a longer one would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends the session when nothing generated has come within a request's `first_token_timeout`, counted from the
 * request; the description and retries count into it.
 * @param seconds null, undefined and 0 mean no deadline
 * @param isWhole whether the answer was asked for in one piece: then the deadline is that of all of it
 * @returns a function to call when the first content has come, and when the session is over; as often as one likes
 */
export function startFirstTokenDeadline(
  session: Session,
  seconds: number | null | undefined,
  isWhole: () => boolean,
): () => void {
  if (!seconds || seconds < 0) return () => {};
  const elapsed = performance.now() - session.startedAt;
  const timer = setTimeout(
    () => {
      session.fail(
        new FirstTokenTimeoutError(
          isWhole()
            ? `The model had not answered within ${seconds} s, the first token timeout of the request. With tools this model answers in one piece, so raise it to the time of a whole answer.`
            : `The model wrote nothing within ${seconds} s, the first token timeout of the request. Raise it, or check whether the model is overloaded.`,
        ),
      );
    },
    Math.min(Math.max(0, seconds * 1000 - elapsed), LONGEST_TIMER_MS),
  );
  return () => clearTimeout(timer);
}
