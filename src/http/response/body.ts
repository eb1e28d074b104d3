import { type Fields, isObject, parseJson, TooMuchJsonError } from '../../text/json.ts';
import type { ServerError } from '../errors/errors.ts';
import { bodyError } from '../errors/network-errors.ts';
import { wordsOfBody } from '../errors/server-words.ts';
import { errorIn } from '../errors/stream-errors.ts';
import { boundsOf } from './bounds.ts';
import type { HttpResponse } from './http-response.ts';
import { LONG, ownTurn } from './own-turn.ts';
import type { ResponseBody } from './response-body.ts';

/** Pieces of a body are put together up to here: each is a buffer, which has a hundred bytes besides those in it. */
const BLOCK = 32 * 1024;

/**
 * The whole body of an answer; a long one in a turn of its own.
 * @throws ServerError when it breaks off or is longer than its endpoint's may be; the signal's reason when that aborts
 */
export async function readBody(response: HttpResponse, signal: AbortSignal): Promise<Buffer> {
  const blocks: Buffer[] = [];
  let length = 0;
  await readBlocks(response, signal, block => {
    blocks.push(block);
    length += block.length;
  });
  if (length > LONG) await ownTurn();
  const [only] = blocks;
  return only !== undefined && blocks.length === 1 ? only : Buffer.concat(blocks);
}

/**
 * The body of an answer that must be a JSON object. An aborted generation answers with a JSON text, a proxy with a
 * page: both are no answers.
 * @throws ServerError when it is anything else, or holds more than its endpoint's may
 */
export async function readJsonObject(response: HttpResponse, signal: AbortSignal): Promise<Fields> {
  const text = (await readBody(response, signal)).toString('utf8');
  const value = parseResponseJson(response, text);
  if (text.length > LONG) await ownTurn(); // what is done with it can take as long as the parse
  if (isObject(value)) return value;
  throw unexpectedBody(response, text);
}

/**
 * `JSON.parse` for the text of an answer.
 * @returns undefined when it is no JSON
 * @throws ServerError when it holds more than its endpoint's may
 */
export function parseResponseJson(response: HttpResponse, text: string): unknown {
  try {
    return parseJson(text, boundsOf(response.path));
  } catch (error) {
    if (!(error instanceof TooMuchJsonError)) return undefined;
    throw tooMuch(response, error.message);
  }
}

/**
 * The body of an answer in blocks of {@link BLOCK} bytes and more, the last excepted, however small the pieces in which it
 * comes.
 * @param onBlock may keep the block; what it throws ends the reading
 * @throws ServerError when it breaks off or is longer than its endpoint's may be; the signal's reason when that aborts
 */
export async function readBlocks(
  response: HttpResponse,
  signal: AbortSignal,
  onBlock: (block: Buffer) => void,
): Promise<void> {
  const { bytes: longest } = boundsOf(response.path);
  let length = 0;
  try {
    await forEachBlock(response.body, block => {
      length += block.length;
      if (length > longest) throw tooMuch(response, `is longer than ${longest >> 20} MiB`);
      onBlock(block);
    });
  } catch (error) {
    throw bodyError(response, error, signal);
  }
}

/** @throws what broke the body off, after the block that came until then; what `onBlock` throws */
export async function forEachBlock(body: ResponseBody, onBlock: (block: Buffer) => void): Promise<void> {
  let pieces: Buffer[] = [];
  let length = 0;
  const handOn = () => {
    if (length === 0) return;
    const [only] = pieces;
    const block = only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces, length);
    pieces = [];
    length = 0;
    onBlock(block);
  };
  try {
    for (;;) {
      await body.arrival();
      const arrived = body.take();
      if (arrived === undefined) break;
      for (const piece of arrived) {
        pieces.push(piece);
        length += piece.length;
      }
      if (length >= BLOCK) handOn();
    }
  } finally {
    body.destroy();
    handOn();
  }
}

/** @param what is too much of it, as a verb with its object */
export function tooMuch(response: HttpResponse, what: string): ServerError {
  return errorIn(
    response,
    'too-long',
    `The answer of ${response.url} ${what}, which is more than any answer of a model`,
  );
}

/** Numbers that JSON has not, and Python and C write all the same. */
const NOT_JSON = /[[:,]\s*[+-]?(?:NaN|Infinity|nan|inf)\s*[\],}]/;

/** The error for a body that is not what the endpoint answers. @param text its start */
export function unexpectedBody(response: HttpResponse, text: string): ServerError {
  if (NOT_JSON.test(text)) {
    const what = 'holds NaN or Infinity, which are no numbers';
    return errorIn(response, 'not-a-number', `What came back from ${response.url} ${what}`);
  }
  const said = wordsOfBody(text, response.contentType, response.server.gate, response.judge);
  return errorIn(
    response,
    said.isPage ? 'page-as-answer' : 'no-answer',
    `What came back from ${response.url} is ${said.length === 0 ? 'empty' : 'no JSON object'}`,
    { said },
  );
}
