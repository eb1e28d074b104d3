import type { ModelType } from './requests.schemas.ts';

/** A text in the languages of Dify's surface; English must be there. */
export interface I18n {
  en_US: string;
  zh_Hans?: string;
}

export type ModelFeature =
  | 'tool-call'
  | 'multi-tool-call'
  | 'stream-tool-call'
  | 'agent-thought'
  | 'vision'
  | 'video'
  | 'audio'
  | 'structured-output';

/** One parameter that a user can set on a model. The host refuses the whole schema if one rule is malformed. */
export interface ParameterRule {
  name: string;
  label: I18n;
  type: 'float' | 'int' | 'string' | 'boolean' | 'text';
  help: I18n;
  required: boolean;
  default: number | string | boolean | null;
  min: number | null;
  max: number | null;
  precision: number | null;
  options: string[];
}

/** What a model is, and what can be set on it: the answer of `get_ai_model_schemas`. */
export interface ModelSchema {
  model: string;
  label: I18n;
  model_type: ModelType;
  fetch_from: 'customizable-model';
  features: ModelFeature[];
  model_properties: Record<string, unknown>;
  parameter_rules: ParameterRule[];
  deprecated: false;
  pricing: null;
}

/** A schema with what all model types share filled in. */
export function modelSchema(
  model: string,
  modelType: ModelType,
  rest: { features?: ModelFeature[]; properties: Record<string, unknown>; rules?: ParameterRule[] },
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
    pricing: null,
  };
}
