import type { RankedDocument } from '../../../src/dify/index.ts';
import type { HttpClient } from '../../../src/http/client.ts';
import { readJsonObject } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import type { Fields } from '../../../src/text/json.ts';
import { explainEmpty } from '../empty-texts.ts';
import { inParallel } from '../parallel.ts';
import { bestScores, type RankLimits, type RerankRequest, readScores, type Score } from './scores.ts';

/** A model that takes texts and images apart is asked for both at once. */
const REQUESTS_AT_ONCE = 2;

/** One ranking, prepared. */
export interface RankingCall {
  readonly server: ModelServer;
  /** As the server knows the model. */
  readonly uid: string;
  readonly requests: readonly RerankRequest[];
  readonly limits: RankLimits;
  /** What becomes of each score, judged by all of them; they stay as they are where it is left out. */
  readonly scale?: (scores: readonly Score[]) => (score: number) => number;
  /** Fields that the server takes beside those that all know. */
  readonly own?: Fields;
  /** What a refusal means, where more is known of it. */
  readonly explain?: (error: unknown, request: RerankRequest) => unknown;
}

/** Scores documents, and sorts them, the best first. @throws ServerError; the signal's reason */
export async function rank(
  client: HttpClient,
  call: RankingCall,
  signal: AbortSignal,
): Promise<RankedDocument[]> {
  const { requests, limits, scale } = call;
  const scores = await inParallel(requests, REQUESTS_AT_ONCE, signal, (request, either) =>
    askForScores(client, call, request, either),
  );
  const all = scores.flat();
  return bestScores(all, limits, scale?.(all));
}

async function askForScores(
  client: HttpClient,
  { server, uid, limits, own, explain }: RankingCall,
  request: RerankRequest,
  signal: AbortSignal,
): Promise<Score[]> {
  const { query, documents, places, kwargs } = request;
  // What is not set is left out: engines fail on a null, and on any max_chunks_per_doc.
  const body = JSON.stringify({
    ...own,
    model: uid,
    query,
    documents,
    ...(limits.top_n && limits.top_n > 0 && { top_n: limits.top_n }),
    ...(kwargs !== undefined && { kwargs }),
  });
  const model = { uid, givesWay: true };
  const response = await client
    .send(server, { method: 'POST', path: '/v1/rerank', body, signal, model })
    .catch(error => {
      const texts = documents.map(document => (typeof document === 'string' ? document : undefined));
      const told = explainEmpty(error, texts, 'document', at => places[at] ?? at);
      throw explain?.(told, request) ?? told;
    });
  return readScores(await readJsonObject(response, signal), response, request);
}
