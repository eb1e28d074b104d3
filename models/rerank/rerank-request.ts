import { InvokeBadRequestError, type MultimodalDocument } from '../../src/dify/index.ts';
import type { Fields } from '../../src/text/json.ts';
import { imageUrl } from '../openai/request/image-data.ts';
import type { RerankInput, RerankRequest } from '../openai/rerank/scores.ts';
import type { ImageForm } from './model.ts';

/**
 * The requests that score documents: one, or two where a model takes one kind of document at a time.
 * @param uid of the model, for messages
 * @param engineArguments what the engine gets besides
 * @throws InvokeBadRequestError when there is an image and the model takes none
 */
export function rerankRequests(
  query: MultimodalDocument,
  documents: readonly MultimodalDocument[],
  form: ImageForm,
  uid: string,
  engineArguments: Fields = {},
): RerankRequest[] {
  const hasImages = ![query, ...documents].every(isText);
  if (hasImages && form === 'none') {
    throw new InvokeBadRequestError(
      `The model ${uid} ranks texts only, and got an image. Use a model that takes images, such as jina-reranker-m0 or Qwen3-VL-Reranker.`,
    );
  }
  if (hasImages && form === 'kwargs') {
    return [true, false].flatMap(texts => requestByKwargs(query, documents, texts, engineArguments) ?? []);
  }
  return [
    {
      query: toInput(query, 'the query'),
      documents: documents.map((document, index) => toInput(document, `document ${index + 1}`)),
      places: [...documents.keys()],
      ...(Object.keys(engineArguments).length > 0 && { kwargs: JSON.stringify(engineArguments) }),
    },
  ];
}

/** All texts, or all images, of the documents; undefined when there are none. */
function requestByKwargs(
  query: MultimodalDocument,
  documents: readonly MultimodalDocument[],
  texts: boolean,
  engineArguments: Fields,
): RerankRequest | undefined {
  const chosen = [...documents.entries()].filter(([, document]) => isText(document) === texts);
  if (chosen.length === 0) return undefined;
  return {
    query: toText(query, 'the query'),
    documents: chosen.map(([index, document]) => toText(document, `document ${index + 1}`)),
    places: chosen.map(([index]) => index),
    kwargs: JSON.stringify({
      ...engineArguments,
      query_type: query.content_type,
      doc_type: texts ? 'text' : 'image',
    }),
  };
}

/** Texts stay texts: models that take objects take them too. */
function toInput(document: MultimodalDocument, what: string): RerankInput {
  const content = toText(document, what);
  return isText(document) ? content : { image: content };
}

/** Half a surrogate pair, which no tokenizer takes, becomes U+FFFD. */
function toText(document: MultimodalDocument, what: string): string {
  return isText(document) ? document.content.toWellFormed() : imageUrl(document.content, what);
}

function isText({ content_type }: MultimodalDocument): boolean {
  return content_type === 'text';
}
