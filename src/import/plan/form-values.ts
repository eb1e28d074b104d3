import type { ModelType } from '../../dify/protocol/requests.schemas.ts';
import { queryPrefixOf } from '../../doctor/examine/form.ts';
import type { ModelDescription } from '../../xinference/description.ts';
import { FORM_FIELDS } from '../own-plugin.ts';
import type { FormValues } from './entry.ts';

/** How Dify is told to keep a secret value as it is. */
export const HIDDEN = '[__HIDDEN__]';

/** Dify refuses a form that lacks one of these, although they have a default. */
const REQUIRED: FormValues = Object.fromEntries(
  FORM_FIELDS.flatMap(({ variable, required, default: value }) =>
    required && value !== undefined ? [[variable, value]] : [],
  ),
);

/** The form of a new model, but for its UID and type what the command line said. */
export function newForm(
  uid: string,
  modelType: ModelType,
  description: ModelDescription,
  given: FormValues,
): FormValues {
  const prefix = modelType === 'text-embedding' ? queryPrefixOf(description.name ?? '') : undefined;
  return {
    ...REQUIRED,
    ...(prefix !== undefined && { query_prefix: prefix }),
    ...given,
    model_uid: uid,
  };
}

/**
 * The form of a model that is there, with some values written anew. The rest stays, secrets by the mark that stands for
 * them: saved as they are shown, the obfuscated key would be the key.
 */
export function changedForm(
  stored: Readonly<Record<string, unknown>>,
  secretFields: ReadonlySet<string>,
  changes: FormValues,
): Record<string, unknown> {
  const kept = Object.entries(stored).map(([variable, value]) => [
    variable,
    secretFields.has(variable) && value !== '' ? HIDDEN : value,
  ]);
  return { ...REQUIRED, ...Object.fromEntries(kept), ...changes };
}
