import { brieflyType } from '../../text/briefly.ts';
import { TooMuchJsonError } from '../../text/json.ts';
import { textOf } from '../../text/text-of.ts';
import type { HttpResponse } from '../response/http-response.ts';
import { type FailureCode, type FailureDetails, ServerError } from './errors.ts';
import { HAPPENED } from './judge.ts';
import { ServerWords, wordsOfBody, wordsOfFrame } from './server-words.ts';

const RATE_LIMIT = /rate.?limit|too many requests|^429\b/i;

/**
 * An `error` frame inside a stream whose status was 200: everything that fails once the server has begun to answer comes
 * so, a rate limit too.
 */
export function errorFromFrame(response: HttpResponse, error: unknown): ServerError {
  const said = wordsOfFrame(error, response.server.gate, response.judge);
  return said.test(RATE_LIMIT)
    ? errorIn(response, 'rate-limited', `${HAPPENED['rate-limited']} at ${response.url}`, { said })
    : errorIn(response, 'model-failed', `The model failed while it answered at ${response.url}`, { said });
}

/**
 * A payload that is no JSON object, or too much of one. It is never skipped: text would be lost without a word.
 * @param cause what parsing it threw
 */
export function unreadableFrame(response: HttpResponse, payload: string, cause?: unknown): ServerError {
  if (cause instanceof TooMuchJsonError) {
    return errorIn(
      response,
      'no-answer',
      `${response.url} sent a chunk that ${cause.message}, which is no part of an answer`,
    );
  }
  const said = wordsOfBody(payload, response.contentType, response.server.gate, response.judge);
  if (!isStream(response.contentType)) return noStream(response, said);
  return errorIn(response, 'no-answer', `${response.url} sent a chunk that is not JSON`, { said });
}

/** The server gave the answer up. @param said its finish reason, and what it says about it */
export function abandonedAnswer(response: HttpResponse, said: string): ServerError {
  const happened = `The answer of ${response.url} was given up before it was finished`;
  return errorIn(response, 'abandoned', happened, { said: finishReason(response, said) });
}

/** A content filter stopped the answer. @param said as for {@link abandonedAnswer} */
export function filteredAnswer(response: HttpResponse, said: string): ServerError {
  const happened = `A content filter stopped the answer of ${response.url}`;
  return errorIn(response, 'filtered', happened, { said: finishReason(response, said) });
}

function finishReason({ server, judge }: HttpResponse, said: string): ServerWords {
  return wordsOfFrame(`finish reason ${said}`, server.gate, judge);
}

/** Tool calls that no host could be given, in number or in length. */
export function endlessCalls(response: HttpResponse): ServerError {
  return errorIn(response, 'endless-calls', `The model at ${response.url} called tools without an end`);
}

/** The stream ended without a finish reason and without `[DONE]`. */
export function cutStream(response: HttpResponse, hadEvents: boolean): ServerError {
  if (!hadEvents && !isStream(response.contentType)) return noStream(response, ServerWords.NONE);
  return errorIn(response, 'broke-off', `The answer of ${response.url} ended before it was finished`);
}

/** What stands before the server may not know streams, or call them otherwise. */
function isStream(contentType: string): boolean {
  return ['', 'text/event-stream', 'application/json', 'application/x-ndjson'].includes(contentType);
}

function noStream(response: HttpResponse, said: ServerWords): ServerError {
  return errorIn(
    response,
    'no-stream',
    `${response.url} answered with ${brieflyType(response.contentType)}, not with a stream`,
    { said },
  );
}

/** JSON that is neither an answer of a model nor an error. */
export function noAnswer(response: HttpResponse, body: object): ServerError {
  return errorIn(
    response,
    'no-answer',
    `${response.url} answered with something that is no answer of a model`,
    {
      said: new ServerWords(textOf(body), response.server.gate),
    },
  );
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
