import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { isAble } from '../models.ts';
import { engineError } from '../refusal.ts';
import { sendJson } from '../replies.ts';
import type { FakeRequest } from '../request.ts';
import type { ServerState } from '../routes.ts';
import { countWords } from './chat-answer.ts';
import { checkPresent, jsonObject } from './validation.ts';
import { cosine, embed } from './vectors.ts';

/** `POST /v1/embeddings` */
export function embeddings(request: FakeRequest, response: ServerResponse, server: ServerState): void {
  const body = jsonObject(request.body);
  checkPresent('CreateEmbeddingRequest', body, ['model', 'input']);
  const model = server.find(body['model']);
  if (!isAble(model, 'embed')) throw engineError(`Model ${model.uid} is not an embedding model`);
  const dimensions = model.description.dimensions ?? 384;
  const base64 = body['encoding_format'] === 'base64';
  const texts = [body['input']]
    .flat()
    .map(input => (typeof input === 'object' ? JSON.stringify(input) : String(input)));
  const data = texts.map((text, index) => {
    const vector = embed(text, dimensions);
    return { index, object: 'embedding', embedding: base64 ? float32(vector).toString('base64') : vector };
  });
  const tokens = texts.reduce((sum, text) => sum + countWords(text) + 2, 0);
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  sendJson(response, 200, {
    object: 'list',
    model: model.uid,
    model_replica: `${model.uid}-rep0`,
    data,
    usage,
  });
}

/** `POST /v1/rerank`: a document scores between 0 and 1 by the words that it shares with the query. */
export function rerank(request: FakeRequest, response: ServerResponse, server: ServerState): void {
  const body = jsonObject(request.body);
  checkPresent('RerankRequest', body, ['model', 'query', 'documents']);
  const model = server.find(body['model']);
  if (!isAble(model, 'rerank'))
    throw engineError(`'${model.description.model_name}' object has no attribute 'model_spec'`);
  if (body['max_chunks_per_doc'] != null)
    throw engineError("rerank hasn't support `max_chunks_per_doc` parameter.");
  const documents = body['documents'] as readonly unknown[];
  if (documents.some(document => typeof document === 'object')) {
    throw engineError(
      "Modality 'message' is not supported by this Transformer module. Supported modalities: text.",
    );
  }
  const query = embed(String(body['query']), 256);
  const results = documents
    .map((document, index) => ({
      index,
      relevance_score: 1 / (1 + Math.exp(4 - 8 * cosine(query, embed(String(document), 256)))),
      document: body['return_documents'] === true ? { text: String(document) } : null,
    }))
    .sort((left, right) => right.relevance_score - left.relevance_score)
    .slice(0, typeof body['top_n'] === 'number' ? body['top_n'] : undefined);
  const meta = { api_version: null, billed_units: null, tokens: null, warnings: null };
  sendJson(response, 200, { id: randomUUID(), results, meta });
}

function float32(vector: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(vector).buffer);
}
