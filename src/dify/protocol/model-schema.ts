import type { ModelType } from './requests.schemas.ts';
import type { ModelFeature, ModelSchema, ParameterRule } from './results.schemas.ts';

/**
 * What a model is, with what all model types share filled in.
 * @param model Dify's name of the model
 * @param rest.properties as Dify names them for the type: `mode`, `context_size`, `max_chunks`, `voices`, ...
 */
export function modelSchema(
  model: string,
  modelType: ModelType,
  rest: {
    features?: ModelFeature[];
    properties: Record<string, unknown>;
    rules?: ParameterRule[];
    pricing?: ModelSchema['pricing'];
  },
): ModelSchema {
  return {
    model,
    label: { en_US: model },
    model_type: modelType,
    fetch_from: 'customizable-model',
    features: rest.features ?? [],
    model_properties: rest.properties,
    parameter_rules: rest.rules ?? [],
    deprecated: false,
    pricing: rest.pricing ?? null,
  };
}
