import type { MultimodalDocument } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import type { RerankEngine } from './engine.ts';

/**
 * The query behind the words that say what to rank by, in the template of the model's family. An image has no place for words.
 * @param instruction empty for none
 */
export function withInstruction(
  query: MultimodalDocument,
  instruction: string,
  { hasTemplate }: RerankEngine,
): MultimodalDocument {
  if (instruction === '' || query.content_type !== 'text') return query;
  const before = hasTemplate ? `<Instruct>: ${instruction}\n<Query>: ` : `${instruction}\n`;
  return { ...query, content: before + query.content };
}

/** How vLLM, llama.cpp and Python's own functions speak of an argument that they do not know. */
export function refusesArgument(error: unknown): boolean {
  return error instanceof ServerError && error.said.test(/unexpected keyword argument/i);
}
