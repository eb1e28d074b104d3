import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import type { MultimodalDocument, RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import type { Session } from '../../src/dify/session.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { ModelTypeHandlers } from '../common/handlers.ts';
import { inParallel } from '../common/parallel.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { bestScores, readScores, type Score } from '../openai/rerank/scores.ts';
import { imageForm, readRerankForm, rerankSchema } from './model.ts';
import { type RerankRequest, rerankRequests } from './rerank-request.ts';

/** A model that takes texts and images apart is asked for both at once. */
const REQUESTS_AT_ONCE = 2;

type Invoke = RequestOf<'invoke_rerank' | 'invoke_multimodal_rerank'>;

/** The handlers of rerank models. */
export class RerankHandlers implements ModelTypeHandlers {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, session: Session): Promise<void> {
    await validateModel(this.#services, request, session.signal, readRerankForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, session: Session) {
    const { server, modelUid } = readCredentials(request.credentials);
    const form = readRerankForm(request.credentials ?? {});
    const description = await this.#services.descriptions.ask(server, modelUid, session.signal);
    return rerankSchema(request.model, description, form);
  }

  /** `invoke_rerank` */
  async invoke(request: RequestOf<'invoke_rerank'>, session: Session): Promise<void> {
    await this.#rank(request, asDocument(request.query ?? ''), (request.docs ?? []).map(asDocument), session);
  }

  /** `invoke_multimodal_rerank` */
  async invokeMultimodal(request: RequestOf<'invoke_multimodal_rerank'>, session: Session): Promise<void> {
    await this.#rank(request, request.query ?? asDocument(''), request.docs ?? [], session);
  }

  async #rank(
    request: Invoke,
    query: MultimodalDocument,
    documents: readonly MultimodalDocument[],
    session: Session,
  ): Promise<void> {
    const credentials = readCredentials(request.credentials);
    if (documents.length === 0) return writeResult(request, [], documents, session);
    const description = await describeForInvoke(this.#services, credentials, 'rerank', session.signal);
    const requests = rerankRequests(query, documents, imageForm(description), credentials.modelUid);
    const scores = await this.#score(credentials, requests, request, session);
    await writeResult(request, scores, documents, session);
  }

  async #score(
    { server, modelUid }: ModelCredentials,
    requests: readonly RerankRequest[],
    { top_n, score_threshold }: Invoke,
    session: Session,
  ): Promise<Score[]> {
    const topN = top_n && top_n > 0 ? top_n : undefined;
    const scores = await inParallel(requests, REQUESTS_AT_ONCE, session.signal, async (request, signal) => {
      const { query, documents, kwargs } = request;
      // What is not set is left out: engines fail on a null, and on any max_chunks_per_doc.
      const body = JSON.stringify({ model: modelUid, query, documents, top_n: topN, kwargs });
      const answer = await this.#services.client
        .send(server, { method: 'POST', path: '/v1/rerank', body, signal })
        .catch(error => {
          throw explainImageRefusal(error, request);
        });
      return readScores(await readJsonObject(answer, signal), answer, request);
    });
    return bestScores(scores.flat(), topN, score_threshold);
  }
}

function asDocument(content: string): MultimodalDocument {
  return { content, content_type: 'text' };
}

/** Older servers refuse an image as if the request were malformed. */
function explainImageRefusal(error: unknown, { query, documents }: RerankRequest): unknown {
  const hasObjects = [query, ...documents].some(input => typeof input !== 'string');
  if (!hasObjects || !(error instanceof ServerError) || error.kind !== 'bad-request') return error;
  return new InvokeBadRequestError(
    `${error.message} Images can be ranked by servers from Xinference 4 on; older ones take texts only.`,
    { cause: error },
  );
}

/**
 * Writes the documents back with their scores. The content of an image, which Dify knows by its index, is left out where
 * the result would be longer than the host takes.
 * @throws InvokeBadRequestError when the texts alone are longer
 */
async function writeResult(
  { model }: Invoke,
  scores: readonly Score[],
  documents: readonly MultimodalDocument[],
  session: Session,
): Promise<void> {
  const result = (withImages: boolean) =>
    JSON.stringify({
      model,
      docs: scores.map(({ index, score }) => {
        const { content = '', content_type } = documents[index] ?? {};
        return { index, text: withImages || content_type === 'text' ? content : '', score };
      }),
    });
  const fits = (json: string) => Buffer.byteLength(json) <= session.maxResultBytes;
  let json = result(true);
  if (!fits(json)) json = result(false);
  if (!fits(json)) {
    throw new InvokeBadRequestError(
      `The ranked documents are together longer than the ${session.maxResultBytes} bytes that a Dify host takes at once. Rank fewer or shorter documents, or set top N.`,
    );
  }
  await session.writeJson(json);
}
