import { FORM_LABELS } from '../../models/common/form-labels.ts';
import { declarationOf } from '../dify/declaration/declaration.ts';
import { modelFormOf } from '../dify/declaration/model-form.ts';
import type { ModelType } from '../dify/protocol/requests.schemas.ts';

const declaration = declarationOf(`${import.meta.dirname}/../..`);
const { manifest, provider } = declaration;

/** This plugin as Dify names it. */
export const PLUGIN = `${manifest.author}/${manifest.name}`;
/** The last part of its provider's id. */
export const PROVIDER_NAME = provider.provider;
export const PROVIDER = `${PLUGIN}/${PROVIDER_NAME}`;

/** The form of a model. */
export const FORM_FIELDS = modelFormOf(declaration).credential_form_schemas;

const labels: Readonly<Record<string, string>> = FORM_LABELS;

/** How the form calls a field. */
export function labelOf(variable: string): string {
  return labels[variable] ?? variable;
}

/** The types that this plugin has models of. */
export const MODEL_TYPES: readonly string[] = provider.supported_model_types;

export function isModelType(value: unknown): value is ModelType {
  return typeof value === 'string' && MODEL_TYPES.includes(value);
}
