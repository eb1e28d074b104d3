import { declarationOf } from '../dify/declaration/declaration.ts';
import type { ModelType } from '../dify/protocol/requests.schemas.ts';

const declaration = declarationOf(`${import.meta.dirname}/../..`);

/** The types that this plugin has models of. */
export const MODEL_TYPES: readonly string[] = declaration.provider.supported_model_types;

export function isModelType(value: unknown): value is ModelType {
  return typeof value === 'string' && MODEL_TYPES.includes(value);
}
