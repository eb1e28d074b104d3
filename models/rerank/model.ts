import { type ModelSchema, modelSchema, type RawCredentials } from '../../src/dify/index.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { type Extras, extrasOf, readAdvanced } from '../common/advanced.ts';
import { choiceField, contextSizeField, textField } from '../common/credentials.ts';
import type { ScoreChoice } from './scale.ts';

/** Servers do not say how much a rerank model takes. */
const DEFAULT_CONTEXT = 8192;

/** What the form of a rerank model has beyond the common fields. */
export interface RerankForm extends Extras {
  readonly contextSize: number;
  readonly scores: ScoreChoice;
  /** What to rank by; empty leaves it to the model. */
  readonly instruction: string;
}

/** @throws InvalidCredentialsError */
export function readRerankForm(form: RawCredentials): RerankForm {
  return {
    contextSize: contextSizeField(form) ?? DEFAULT_CONTEXT,
    scores: choiceField(form, 'rerank_scores', ['auto', 'raw', 'unit']),
    instruction: textField(form, 'instruction'),
    ...extrasOf(readAdvanced(form)),
  };
}

/**
 * How a model is given images, if it takes any:
 * - `kwargs`: as texts, and what they are stands in `kwargs`, for all documents alike (jina-reranker-m0)
 * - `objects`: as `{image}` (Qwen3-VL-Reranker; servers before Xinference 4 refuse objects)
 * - `unknown`: nothing is known of the model
 */
export type ImageForm = 'none' | 'kwargs' | 'objects' | 'unknown';

/** @param description undefined where it could not be had */
export function imageForm(description: ModelDescription | undefined): ImageForm {
  if (description === undefined) return 'unknown';
  const name = description.name ?? '';
  if (/jina-reranker-m0/i.test(name)) return 'kwargs';
  const takesImages = description.abilities?.includes('rerank_vision') === true;
  return takesImages || /qwen3-vl-reranker/i.test(name) ? 'objects' : 'none';
}

/**
 * The feature `vision` tells Dify to use the multimodal action.
 * @param name Dify's name of the model
 * @param description undefined where it could not be had
 */
export function rerankSchema(
  name: string,
  description: ModelDescription | undefined,
  form: RerankForm,
): ModelSchema {
  return modelSchema(name, 'rerank', {
    features: ['kwargs', 'objects'].includes(imageForm(description)) ? ['vision'] : [],
    properties: { context_size: form.contextSize },
  });
}
