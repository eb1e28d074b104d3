import type { ServerError } from '../../../src/http/errors/errors.ts';
import { errorIn } from '../../../src/http/errors/stream-errors.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { briefly } from '../../../src/text/briefly.ts';
import { textOf } from '../../../src/text/text-of.ts';

const SHOWN_OF_AN_INDEX = 50;

/** A query or a document as the server takes it. */
export type RerankInput = string | { readonly image: string };

/** Documents that are scored in one request. */
export interface RerankRequest {
  readonly query: RerankInput;
  readonly documents: readonly RerankInput[];
  /** Place of each document among those of the host. */
  readonly places: readonly number[];
  /** For the engine: a JSON object, as a text. */
  readonly kwargs?: string;
}

/** What of a ranking is wanted. */
export interface RankLimits {
  /** How many documents at most. */
  readonly top_n?: number | null | undefined;
  /** The lowest score that counts. */
  readonly score_threshold?: number | null | undefined;
}

/** How well one document of the host's fits the query; engines differ in their scale. */
export interface Score {
  /** Place of the document among those of the host. */
  readonly index: number;
  readonly score: number;
}

/**
 * The scores of an answer of `/v1/rerank`, each for the document that its index names: what the server echoes of the
 * documents differs from engine to engine, and is not looked at.
 * @throws ServerError when a score is missing or belongs to no document
 */
export function readScores(
  { results }: Record<string, unknown>,
  response: HttpResponse,
  { places }: RerankRequest,
): Score[] {
  if (!Array.isArray(results)) throw broken(response, 'has no results');
  const seen = new Set<number>();
  return results.map(result => {
    const { index, relevance_score } = (result ?? {}) as { index?: unknown; relevance_score?: unknown };
    const place = typeof index === 'number' ? places[index] : undefined;
    if (place === undefined) {
      throw broken(
        response,
        `ranks a document with the index ${briefly(index)}, and ${places.length} were sent`,
      );
    }
    if (seen.has(place)) throw broken(response, `ranks document ${place + 1} twice`);
    seen.add(place);
    const score = readScore(relevance_score);
    if (score === undefined) throw noScore(response, relevance_score, place);
    return { index: place, score };
  });
}

/** Some engines put the number into a list, or a text. */
function readScore(value: unknown): number | undefined {
  if (Array.isArray(value)) return value.length === 1 ? readScore(value[0]) : undefined;
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const score = Number(value);
  return Number.isFinite(score) ? score : undefined;
}

/**
 * Best first, by the model's own scores: on another scale large ones can become the same number.
 * @param limits as the host has them: 0, null and undefined mean that there is none
 * @param given the score that is given back, which the threshold counts on
 */
export function bestScores(
  scores: readonly Score[],
  { top_n, score_threshold }: RankLimits,
  given: (score: number) => number = score => score,
): Score[] {
  const best = scores
    .toSorted((left, right) => right.score - left.score)
    .map(({ index, score }) => ({ index, score: given(score) }));
  const enough = score_threshold ? best.filter(({ score }) => score >= score_threshold) : best;
  return top_n && top_n > 0 ? enough.slice(0, top_n) : enough;
}

/** Servers that write JSON by its rules send null for NaN. */
function noScore(response: HttpResponse, value: unknown, place: number): ServerError {
  const given = textOf(Array.isArray(value) ? value[0] : value, SHOWN_OF_AN_INDEX).trim();
  const happened = `has no score for document ${place + 1}`;
  if (!/^(?:null|[+-]?(?:nan|inf(?:inity)?))$/i.test(given)) return broken(response, happened);
  return errorIn(
    response,
    'not-a-number',
    `The answer of ${response.url} ${happened} but ${given}, which is no number`,
  );
}

function broken(response: HttpResponse, what: string): ServerError {
  return errorIn(response, 'broken-answer', `The answer of ${response.url} ${what}`);
}
