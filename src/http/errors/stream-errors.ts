import { TooMuchJsonError } from '../../text/json.ts';
import type { HttpResponse } from '../client.ts';
import { ServerError } from './errors.ts';
import { adviceFor, RATE_LIMITED } from './http-errors.ts';
import { errorFrameText, quoted, serverSaid, startTextOf } from './server-text.ts';

/**
 * An `error` frame inside a stream whose status was 200: everything that fails once the server has begun to answer comes
 * so, a rate limit too.
 */
export function errorFromFrame({ server, path }: HttpResponse, error: unknown): ServerError {
  const asItCame = errorFrameText(error); // a key that happens to be a word of it must not change its sense
  const serverText = quoted(server.gate, asItCame);
  const { kind, happened, advice } = /rate.?limit|too many requests|^429\b/i.test(asItCame)
    ? RATE_LIMITED
    : {
        kind: 'unavailable' as const,
        happened: 'The model failed while it answered',
        advice: adviceFor(asItCame),
      };
  const said = serverSaid(serverText || 'nothing');
  return new ServerError(kind, `${happened} at ${server.url}${path}.${said} ${advice}`, { serverText });
}

/**
 * A payload that is no JSON object, or too much of one. It is never skipped: text would be lost without a word.
 * @param cause what parsing it threw
 */
export function unreadableFrame(answer: HttpResponse, payload: string, cause?: unknown): ServerError {
  const { server, path, contentType } = answer;
  if (cause instanceof TooMuchJsonError) {
    return new ServerError(
      'broken-answer',
      `${server.url}${path} sent a chunk that ${cause.message}, which is no part of an answer. Check the server URL and what stands between Dify and Xinference.`,
    );
  }
  const text = startTextOf(payload, contentType);
  if (!isStream(contentType)) return noStream(answer, serverSaid(quoted(server.gate, text)));
  const shown = server.gate.quote(text, 200);
  return new ServerError(
    'broken-answer',
    `${server.url}${path} sent a chunk that is not JSON: ${shown || 'an empty one'}. Check the server URL and what stands between Dify and Xinference.`,
  );
}

/** The server gave the answer up. @param said its finish reason, and what it says about it */
export function abandonedAnswer({ server, path }: HttpResponse, said: string): ServerError {
  const serverText = server.gate.quote(errorFrameText(said));
  return new ServerError(
    'unavailable',
    `The answer of ${server.url}${path} was given up before it was finished (finish reason ${serverText}). Look into Xinference's log, and try again.`,
    { serverText },
  );
}

/** A content filter stopped the answer. @param said as for {@link abandonedAnswer} */
export function filteredAnswer({ server, path }: HttpResponse, said: string): ServerError {
  const serverText = server.gate.quote(errorFrameText(said));
  return new ServerError(
    'bad-request',
    `A content filter stopped the answer of ${server.url}${path} (finish reason ${serverText}). Change what is asked, or the filter's settings.`,
    { serverText },
  );
}

/** Tool calls that no host could be given, in number or in length. */
export function endlessCalls({ server, path }: HttpResponse): ServerError {
  return new ServerError(
    'broken-answer',
    `The model at ${server.url}${path} called tools without an end. Lower max tokens, or give it fewer or simpler tools.`,
  );
}

/** The stream ended without a finish reason and without `[DONE]`. */
export function cutStream(answer: HttpResponse, hadEvents: boolean): ServerError {
  if (!hadEvents && !isStream(answer.contentType)) return noStream(answer, '');
  return new ServerError(
    'broken-answer',
    `The answer of ${answer.server.url}${answer.path} ended before it was finished. The model may have crashed: look into Xinference's log, and try again.`,
  );
}

/** What stands before the server may not know streams, or call them otherwise. */
function isStream(contentType: string): boolean {
  return ['', 'text/event-stream', 'application/json', 'application/x-ndjson'].includes(contentType);
}

function noStream({ server, path, contentType }: HttpResponse, said: string): ServerError {
  return new ServerError(
    'broken-answer',
    `${server.url}${path} answered with ${contentType}, not with a stream.${said} Check that the server URL is the address of Xinference itself, not of a web page or a login in front of it.`,
  );
}

/** JSON that is neither an answer of a model nor an error. */
export function noAnswer({ server, path }: HttpResponse, body: object): ServerError {
  const shown = server.gate.quote(body, 200);
  return new ServerError(
    'broken-answer',
    `${server.url}${path} answered with something that is no answer of a model: ${shown}. Check the server URL and what stands between Dify and Xinference.`,
  );
}
