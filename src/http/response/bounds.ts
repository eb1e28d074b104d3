import type { JsonBounds } from '../../text/json.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** What an answer may have at most. */
export interface AnswerBounds extends JsonBounds {
  /** Of its body. */
  readonly bytes: number;
}

/**
 * What JSON of any answer may hold. More makes V8 work for longer than 250 ms without a break, which every other session
 * would wait for. The worst text within was measured to take 140 ms, and half a million numbers take 20. What models write
 * counts for nothing: it stands inside one string.
 */
const JSON_BOUNDS = { containers: 40_000, strings: 150_000, values: 500_000 };

/**
 * What the answers of a model server's endpoints may have. Each is a multiple of what was seen or can be meant: a hundred
 * thousand words written, ten hours transcribed, thousands of documents ranked, a thousand models listed.
 */
const ENDPOINTS: Readonly<Record<string, AnswerBounds>> = {
  '/v1/chat/completions': { bytes: 16 * MIB, ...JSON_BOUNDS },
  '/v1/completions': { bytes: 16 * MIB, ...JSON_BOUNDS },
  // Rows of numbers are taken out before, and are not counted. More can never fit into one line of a host.
  '/v1/embeddings': { bytes: 64 * MIB, ...JSON_BOUNDS },
  '/v1/rerank': { bytes: 16 * MIB, ...JSON_BOUNDS },
  '/v1/audio/transcriptions': { bytes: 16 * MIB, ...JSON_BOUNDS },
  '/v1/audio/translations': { bytes: 16 * MIB, ...JSON_BOUNDS },
  // Sound: 5 minutes of stereo at 48 kHz, and most texts are asked for in pieces of 500 characters.
  '/v1/audio/speech': { bytes: 64 * MIB, ...JSON_BOUNDS },
  '/v1/models': { bytes: 8 * MIB, ...JSON_BOUNDS },
  '/v1/models/instances': { bytes: 8 * MIB, ...JSON_BOUNDS },
};

/** A description of one model, the version of a server, and whatever else is asked. */
const SMALL: AnswerBounds = { bytes: 2 * MIB, containers: 20_000, strings: 100_000, values: 200_000 };

/**
 * One event of a stream. It is the text of one token, or all that a model calls tools with: what a host takes in one
 * message has 5 MB.
 */
export const CHUNK: AnswerBounds = { bytes: 8 * MIB, containers: 5_000, strings: 25_000, values: 100_000 };

/** What an embedding answer may hold besides its rows of numbers, in bytes. It is kept whole and parsed at once. */
export const LONGEST_EMBEDDING_REST = 6 * MIB;

/** @param path that was asked, without the base URL */
export function boundsOf(path: string): AnswerBounds {
  return ENDPOINTS[path] ?? SMALL;
}

/** What each payload of a stream may have. What is called JSON is a whole answer, in the place of the stream. */
export function payloadBounds({ contentType, path }: { contentType: string; path: string }): AnswerBounds {
  return contentType === 'application/json' ? boundsOf(path) : CHUNK;
}
