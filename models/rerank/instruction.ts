import { type Fields, isObject, tryParseJson } from '../../src/text/json.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import type { RerankInput, RerankRequest } from '../openai/rerank/scores.ts';

/** The families that were trained with an instruction, in the template of Qwen3-Reranker. */
const QWEN3_TEMPLATE = /qwen3|jina-reranker-v3(?!\.5)|r3-rerank/i;

/**
 * The request with the words that say what to rank by. Xinference's own engine for rerankers takes them as an argument, and only of
 * these families without harm; vLLM and llama.cpp refuse arguments. There they stand before the query, in the family's template.
 * @param instruction empty for none
 */
export function withInstruction(
  request: RerankRequest,
  instruction: string,
  description: ModelDescription | undefined,
): RerankRequest {
  if (instruction === '') return request;
  const { engine = '', name = '' } = description ?? {};
  const hasTemplate = QWEN3_TEMPLATE.test(name);
  if (/^sentence_transformers$/i.test(engine) && (hasTemplate || /jina-reranker-m0/i.test(name))) {
    return { ...request, kwargs: JSON.stringify({ ...argumentsOf(request), instruction }) };
  }
  const put = hasTemplate ? `<Instruct>: ${instruction}\n<Query>: ` : `${instruction}\n`;
  return { ...request, query: before(request.query, put) };
}

function argumentsOf({ kwargs }: RerankRequest): Fields {
  const value = tryParseJson(kwargs ?? '{}');
  return isObject(value) ? value : {};
}

/** An image has no place for words. */
function before(query: RerankInput, words: string): RerankInput {
  return typeof query === 'string' ? words + query : query;
}
