import { FirstTokenTimeoutError } from '../protocol/errors.ts';
import type { RequestOf } from '../protocol/requests.schemas.ts';
import type { Session } from '../session.ts';

/** The longest time that a timer takes; a longer one would go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Ends the session when nothing generated has come within a request's `first_token_timeout`, in seconds from the request.
 * Null, undefined and 0 mean no deadline; so does an answer that is not streamed.
 * @returns a function to call when the first content has come, and when the session is over; as often as one likes
 */
export function startFirstTokenDeadline(
  session: Session,
  { stream, first_token_timeout: seconds }: RequestOf<'invoke_llm'>,
): () => void {
  if (!stream || !seconds || seconds < 0) return () => {};
  const elapsed = performance.now() - session.startedAt;
  const timer = setTimeout(
    () => {
      session.fail(
        new FirstTokenTimeoutError(
          `The model wrote nothing within ${seconds} s, the first token timeout of the request. Raise it, or check whether the model is overloaded; with tools some models answer in one piece, and need the time of a whole answer.`,
        ),
      );
    },
    Math.min(Math.max(0, seconds * 1000 - elapsed), LONGEST_TIMER_MS),
  );
  return () => clearTimeout(timer);
}
