import type { RankedDocument } from '../../../src/dify/index.ts';
import type { HttpClient } from '../../../src/http/client.ts';
import { readJsonObject } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import type { Fields } from '../../../src/text/json.ts';
import { inParallel } from '../parallel.ts';
import { bestScores, type RerankRequest, readScores, type Score } from './scores.ts';

/** A model that takes texts and images apart is asked for both at once. */
const REQUESTS_AT_ONCE = 2;

/** One ranking, prepared. */
export interface RankingCall {
  readonly server: ModelServer;
  /** As the server knows the model. */
  readonly uid: string;
  readonly requests: readonly RerankRequest[];
  /** As the host has them: 0 and null mean that there is none. */
  readonly limits: { readonly top_n?: number | null; readonly score_threshold?: number | null };
  /** Fields that the server takes beside those that all know. */
  readonly own?: Fields;
  /** What a refusal means, where more is known of it. */
  readonly explain?: (error: unknown, request: RerankRequest) => unknown;
}

/** Scores documents, and sorts them, the best first. @throws ServerError; the signal's reason */
export async function rank(
  client: HttpClient,
  { server, uid, requests, limits: { top_n, score_threshold }, own, explain }: RankingCall,
  signal: AbortSignal,
): Promise<RankedDocument[]> {
  const topN = top_n && top_n > 0 ? top_n : undefined;
  const scores = await inParallel(
    requests,
    REQUESTS_AT_ONCE,
    signal,
    async (request, either): Promise<Score[]> => {
      const { query, documents, kwargs } = request;
      // What is not set is left out: engines fail on a null, and on any max_chunks_per_doc.
      const body = JSON.stringify({ ...own, model: uid, query, documents, top_n: topN, kwargs });
      const response = await client
        .send(server, { method: 'POST', path: '/v1/rerank', body, signal: either })
        .catch(error => {
          throw explain?.(error, request) ?? error;
        });
      return readScores(await readJsonObject(response, either), response, request);
    },
  );
  return bestScores(scores.flat(), topN, score_threshold);
}
