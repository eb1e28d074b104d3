import { type Fields, isObject, parsed } from '../../text/json.ts';
import { bodyError, type HttpResponse } from '../client.ts';
import { ServerError } from '../errors/errors.ts';
import { quoted, serverSaid, startTextOf } from '../errors/server-text.ts';

/** A body that is read whole may have this many bytes. */
const LONGEST_BODY = 256 * 1024 * 1024;
/** JSON is parsed in one piece, at up to 10 ms a MiB: more would hold every other session up for seconds. */
export const LONGEST_JSON = 64 * 1024 * 1024;

/**
 * The whole body of an answer.
 * @param longest in bytes
 * @throws ServerError when it breaks off or is longer; the signal's reason when that aborts
 */
export async function readBody(
  answer: HttpResponse,
  signal: AbortSignal,
  longest = LONGEST_BODY,
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer.body) {
      pieces.push(piece);
      length += piece.length;
      if (length > longest) {
        throw new ServerError(
          'broken-answer',
          `The answer of ${answer.server.url}${answer.path} is longer than ${longest >> 20} MiB. Ask for less at once.`,
        );
      }
    }
  } catch (error) {
    throw bodyError(answer, error, signal);
  }
  return Buffer.concat(pieces, length);
}

/**
 * The body of an answer that must be a JSON object. An aborted generation answers with a JSON text, a proxy with a
 * page: both are no answers.
 * @throws ServerError when it is anything else, or longer than 64 MiB
 */
export async function readJsonObject(answer: HttpResponse, signal: AbortSignal): Promise<Fields> {
  const text = (await readBody(answer, signal, LONGEST_JSON)).toString('utf8');
  const value = parsed(text);
  if (isObject(value)) return value;
  throw notAnAnswer(answer, text);
}

/** The error for a body that is not what the endpoint answers. @param text its start */
export function notAnAnswer(answer: HttpResponse, text: string): ServerError {
  const serverText = quoted(answer.server.gate, startTextOf(text, answer.contentType));
  return new ServerError(
    'broken-answer',
    `What came back from ${answer.server.url}${answer.path} is not an answer of Xinference.${serverSaid(serverText || 'nothing')} ` +
      'Check that the server URL is the address of Xinference itself, not of a web page or a login in front of it.',
    { status: answer.status, serverText },
  );
}
