import type { ServerError } from '../../src/http/errors/errors.ts';
import { ServerWords, wordsOfBody } from '../../src/http/errors/server-words.ts';
import { errorIn } from '../../src/http/errors/stream-errors.ts';
import { readBody } from '../../src/http/response/body.ts';
import type { HttpResponse } from '../../src/http/response/http-response.ts';
import { brieflyType } from '../../src/text/briefly.ts';
import { audioTypeOf } from '../common/audio-type.ts';
import type { AudioFormat } from './form.ts';
import { soundingFrames } from './mp3.ts';

/** Synthesised sound, and what it is. */
export interface Sound {
  readonly bytes: Buffer;
  /** `raw`: samples, or something that is not recognised. */
  readonly container: Container | 'raw';
  /** Of the bytes, whatever was asked for: a server's own header only repeats the request. */
  readonly mimeType: string;
}

type Container = 'mp3' | 'wav' | 'aac' | 'flac' | 'ogg' | 'mp4' | 'webm';

/** By the ending of their files' names. */
const CONTAINERS: ReadonlyMap<string, Container> = new Map([
  ['mp3', 'mp3'],
  ['wav', 'wav'],
  ['aac', 'aac'],
  ['flac', 'flac'],
  ['opus', 'ogg'],
  ['oga', 'ogg'],
  ['m4a', 'mp4'],
  ['webm', 'webm'],
]);

const SHOWN_OF_A_TYPE = 100;
const NO_SOUND = /^text\/|[/+](?:json|xml|html)$/;
/** Servers of all ages say this of a format that they have no name for. */
const UNNAMED = new Set(['', 'application/octet-stream']);

/**
 * Reads an answer of the speech endpoint. Sound that nobody recognises passes under the type that the server gives it.
 * @param asked the format that was asked for
 * @throws ServerError when it is no sound: empty, a text, a page, or unknown bytes that nobody calls sound
 */
export async function readSound(
  response: HttpResponse,
  asked: AudioFormat,
  signal: AbortSignal,
): Promise<Sound> {
  const bytes = await readBody(response, signal);
  const type = response.contentType;
  if (bytes.length === 0) throw noSound(response, 'an empty body');
  if (NO_SOUND.test(type)) {
    throw noSound(
      response,
      brieflyType(type),
      wordsOfBody(bytes.toString('utf8', 0, 65_536), type, response.server.gate, response.judge),
    );
  }
  const known = containerOf(bytes, asked);
  if (known !== undefined) return { bytes, ...known };
  if (type.startsWith('audio/')) {
    return { bytes, container: 'raw', mimeType: response.server.gate.quote(type, SHOWN_OF_A_TYPE) };
  }
  if (asked === 'pcm' && UNNAMED.has(type)) return { bytes, container: 'raw', mimeType: 'audio/pcm' };
  throw noSound(
    response,
    `${bytes.length} bytes of ${type === '' ? 'an unknown type' : `the type ${brieflyType(type)}`}`,
  );
}

/**
 * Samples can look like anything: one or two of them like the header of an MPEG frame. So only what is known as
 * sound counts, and where a mark is no more than a few bits, more has to fit.
 */
function containerOf(bytes: Buffer, asked: AudioFormat): Omit<Sound, 'bytes'> | undefined {
  const type = audioTypeOf(bytes);
  const container = CONTAINERS.get(type?.extension ?? '');
  if (type === undefined || container === undefined) return undefined;
  if (container === 'mp3' && soundingFrames(bytes) === undefined) return undefined;
  if (container === 'aac' && asked === 'pcm') return undefined;
  return { container, mimeType: type.mimeType };
}

function noSound(response: HttpResponse, what: string, said = ServerWords.NONE): ServerError {
  return errorIn(response, 'no-sound', `What came back from ${response.url} is no sound but ${what}`, {
    said,
  });
}
