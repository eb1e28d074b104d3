import type { XinferenceAnswer } from './client.ts';
import { XinferenceError } from './errors.ts';
import { adviceFor } from './http-errors.ts';
import { errorFrameText, serverTextOf } from './server-text.ts';

/**
 * An `error` frame inside a stream whose status was 200: everything that fails once the server has begun to answer comes
 * so, a rate limit too.
 */
export function errorFromFrame({ server, path }: XinferenceAnswer, error: unknown): XinferenceError {
  const text = errorFrameText(error, server.apiKey);
  const limited = /rate limit/i.test(text);
  const happened = limited
    ? 'Xinference has more requests than it takes'
    : 'The model failed while it answered';
  const advice = limited
    ? 'Try again later, or launch the model with a higher request limit or more replicas.'
    : adviceFor(text);
  return new XinferenceError(
    limited ? 'rate-limited' : 'unavailable',
    `${happened} at ${server.url}${path}. The server said: ${text || 'nothing'}${/[.!?…]$/.test(text) ? '' : '.'} ${advice}`,
    { serverText: text },
  );
}

/**
 * What came is neither an answer nor a chunk of one. It is never skipped: text would be lost without a word.
 * @param payload as it came
 */
export function noAnswer({ server, path, contentType }: XinferenceAnswer, payload: string): XinferenceError {
  const shown = serverTextOf(payload.slice(0, 200), contentType, server.apiKey);
  return new XinferenceError(
    'broken-answer',
    `${server.url}${path} sent something that is no answer of a model: ${shown || 'nothing'}. Check the server URL and what stands between Dify and Xinference.`,
  );
}

/** The stream ended without a finish reason and without `[DONE]`. */
export function cutStream(
  { server, path, contentType }: XinferenceAnswer,
  hadEvents: boolean,
): XinferenceError {
  const streamed = contentType === '' || contentType === 'text/event-stream';
  return new XinferenceError(
    'broken-answer',
    hadEvents || streamed
      ? `The answer of ${server.url}${path} ended before it was finished. The model may have crashed: look into Xinference's log, and try again.`
      : `${server.url}${path} answered with ${contentType}, not with a stream. Check that the server URL is the address of Xinference itself, not of a web page or a login in front of it.`,
  );
}
