import { type Fields, isObject } from '../../text/json.ts';
import { FORM_FIELDS, isModelType } from '../own-plugin.ts';
import { keyOf, type NamedModel } from '../plan/entry.ts';

/** What Dify's list of providers tells of one. */
export interface ProviderAnswer {
  /** All of its models that users added; undefined in a Dify before 1.8, which lists them elsewhere. */
  readonly models: readonly NamedModel[] | undefined;
  /** Those, by {@link keyOf}, that have forms and use none: taken out of the list of models, or the one in use was deleted. */
  readonly unused: ReadonlySet<string>;
  /** The names of their forms by id, by {@link keyOf}. */
  readonly forms: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The variables whose values Dify hides: those of the installed plugin's form too, which may be another release. */
  readonly secretFields: ReadonlySet<string>;
}

export function readProvider(answer: Fields): ProviderAnswer {
  const models = fieldsIn(answer, 'custom_configuration')['custom_models'];
  const unused = objectsIn(models).filter(
    model => model['unadded_to_model_list'] === true || model['current_credential_id'] === null,
  );
  const installed = fieldsIn(answer, 'model_credential_schema')['credential_form_schemas'];
  const secrets = [...FORM_FIELDS, ...objectsIn(installed)].flatMap(({ variable, type }) =>
    type === 'secret-input' && typeof variable === 'string' ? [variable] : [],
  );
  return {
    models: Array.isArray(models) ? namedModels(models) : undefined,
    unused: new Set(namedModels(unused).map(keyOf)),
    forms: new Map(
      objectsIn(models).flatMap(model => namedModels([model]).map(named => [keyOf(named), formsIn(model)])),
    ),
    secretFields: new Set(secrets),
  };
}

function formsIn({ available_model_credentials: forms }: Fields): Map<string, string> {
  return new Map(
    objectsIn(forms).map(form => [String(form['credential_id']), String(form['credential_name'])]),
  );
}

/** The models of a list, but for those of types that this plugin does not have. */
export function namedModels(list: unknown): NamedModel[] {
  return objectsIn(list).flatMap(({ model: name, model_type: modelType }) =>
    typeof name === 'string' && isModelType(modelType) ? [{ name, modelType }] : [],
  );
}

/** The objects of what should be a list of them. */
export function objectsIn(list: unknown): Fields[] {
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** The object under a name; an empty one where there is none. */
export function fieldsIn(fields: Fields, name: string): Fields {
  const value = fields[name];
  return isObject(value) ? value : {};
}
