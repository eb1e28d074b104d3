import { TooMuchJsonError } from '../../text/json.ts';
import { textOf } from '../../text/text-of.ts';
import type { HttpResponse } from '../client.ts';
import { type FailureCode, type FailureDetails, ServerError } from './errors.ts';
import { HAPPENED } from './judge.ts';
import { ServerWords, wordsOfBody, wordsOfFrame } from './server-words.ts';

const SHOWN_OF_A_TYPE = 100;
const RATE_LIMIT = /rate.?limit|too many requests|^429\b/i;

/**
 * An `error` frame inside a stream whose status was 200: everything that fails once the server has begun to answer comes
 * so, a rate limit too.
 */
export function errorFromFrame(answer: HttpResponse, error: unknown): ServerError {
  const said = wordsOfFrame(error, answer.server.gate, answer.judge);
  return said.test(RATE_LIMIT)
    ? errorIn(answer, 'rate-limited', `${HAPPENED['rate-limited']} at ${answer.url}`, { said })
    : errorIn(answer, 'model-failed', `The model failed while it answered at ${answer.url}`, { said });
}

/**
 * A payload that is no JSON object, or too much of one. It is never skipped: text would be lost without a word.
 * @param cause what parsing it threw
 */
export function unreadableFrame(answer: HttpResponse, payload: string, cause?: unknown): ServerError {
  if (cause instanceof TooMuchJsonError) {
    return errorIn(
      answer,
      'no-answer',
      `${answer.url} sent a chunk that ${cause.message}, which is no part of an answer`,
    );
  }
  const said = wordsOfBody(payload, answer.contentType, answer.server.gate, answer.judge);
  if (!isStream(answer.contentType)) return noStream(answer, said);
  return errorIn(answer, 'no-answer', `${answer.url} sent a chunk that is not JSON`, { said });
}

/** The server gave the answer up. @param said its finish reason, and what it says about it */
export function abandonedAnswer(answer: HttpResponse, said: string): ServerError {
  const happened = `The answer of ${answer.url} was given up before it was finished`;
  return errorIn(answer, 'abandoned', happened, { said: finishReason(answer, said) });
}

/** A content filter stopped the answer. @param said as for {@link abandonedAnswer} */
export function filteredAnswer(answer: HttpResponse, said: string): ServerError {
  const happened = `A content filter stopped the answer of ${answer.url}`;
  return errorIn(answer, 'filtered', happened, { said: finishReason(answer, said) });
}

function finishReason({ server, judge }: HttpResponse, said: string): ServerWords {
  return wordsOfFrame(`finish reason ${said}`, server.gate, judge);
}

/** Tool calls that no host could be given, in number or in length. */
export function endlessCalls(answer: HttpResponse): ServerError {
  return errorIn(answer, 'endless-calls', `The model at ${answer.url} called tools without an end`);
}

/** The stream ended without a finish reason and without `[DONE]`. */
export function cutStream(answer: HttpResponse, hadEvents: boolean): ServerError {
  if (!hadEvents && !isStream(answer.contentType)) return noStream(answer, ServerWords.NONE);
  return errorIn(answer, 'broke-off', `The answer of ${answer.url} ended before it was finished`);
}

/** What stands before the server may not know streams, or call them otherwise. */
function isStream(contentType: string): boolean {
  return ['', 'text/event-stream', 'application/json', 'application/x-ndjson'].includes(contentType);
}

function noStream(answer: HttpResponse, said: ServerWords): ServerError {
  const type = answer.server.gate.quote(answer.contentType, SHOWN_OF_A_TYPE);
  return errorIn(answer, 'no-stream', `${answer.url} answered with ${type}, not with a stream`, { said });
}

/** JSON that is neither an answer of a model nor an error. */
export function noAnswer(answer: HttpResponse, body: object): ServerError {
  return errorIn(answer, 'no-answer', `${answer.url} answered with something that is no answer of a model`, {
    said: new ServerWords(textOf(body), answer.server.gate),
  });
}

/** A failure that is in an answer whose status was a success. @param happened a sentence without its full stop */
export function errorIn(
  { server, status, path }: HttpResponse,
  code: FailureCode,
  happened: string,
  details: FailureDetails = {},
): ServerError {
  return new ServerError(code, server, happened, { status, path, ...details });
}
