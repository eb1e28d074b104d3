import type { RankedDocument } from '../plugin.ts';
import { InvokeBadRequestError } from '../protocol/errors.ts';
import type { MultimodalDocument } from '../protocol/requests.schemas.ts';
import type { ResultOf } from '../protocol/results.schemas.ts';

/**
 * The JSON text of a ranking: the documents back with their scores. The content of an image, which Dify knows by its index,
 * is left out where the result would be longer than the host takes.
 * @param name Dify's name of the model
 * @throws InvokeBadRequestError when the texts alone are longer
 */
export function rankingResult(
  name: string,
  ranked: readonly RankedDocument[],
  documents: readonly MultimodalDocument[],
  maxBytes: number,
): string {
  const result = (withImages: boolean) => {
    const docs = ranked.map(({ index, score }) => {
      const { content = '', content_type } = documents[index] ?? {};
      return { index, text: withImages || content_type === 'text' ? content : '', score };
    });
    return JSON.stringify({ model: name, docs } satisfies ResultOf<'invoke_rerank'>);
  };
  const whole = result(true);
  if (fits(whole, maxBytes)) return whole;
  const texts = result(false);
  if (fits(texts, maxBytes)) return texts;
  throw new InvokeBadRequestError(
    `The ranked documents are together longer than the ${maxBytes} bytes that a Dify host takes at once. Rank fewer or shorter documents, or set top N.`,
  );
}

function fits(json: string, maxBytes: number): boolean {
  return Buffer.byteLength(json) <= maxBytes;
}
