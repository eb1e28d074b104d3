import { type ModelSchema, modelSchema } from '../../src/dify/index.ts';
import type { EmbeddingModel } from './model.ts';

/**
 * Dify embeds a document in sequential calls of `max_chunks` texts; without it, one by one.
 * @param name Dify's name of the model
 */
export function embeddingSchema(name: string, model: EmbeddingModel): ModelSchema {
  return modelSchema(name, 'text-embedding', {
    features: model.takesImages === true ? ['vision'] : [],
    properties: { context_size: model.contextSize, max_chunks: model.maxChunks },
  });
}
