import type { FormField } from './provider.schemas.ts';

/** The variable that stands for the type of the model that a user adds. */
const MODEL_TYPE = '__model_type';

/**
 * What is wrong with a form beyond the shape of its fields, as a sentence without its end; undefined when nothing is.
 * @param modelTypes for which it is shown; none for the form of a provider, which knows no type
 */
export function formProblem(
  fields: readonly FormField[],
  modelTypes: readonly string[] | undefined,
): string | undefined {
  for (const field of fields) {
    const problem = problemOf(field, fields, modelTypes);
    if (problem !== undefined) return `the field ${field.variable} ${problem}`;
  }
  for (const modelType of modelTypes ?? [undefined]) {
    for (const [at, field] of fields.entries()) {
      const twin = fields.slice(0, at).find(other => areShownTogether(field, other, modelType));
      if (twin === undefined) continue;
      return `the field ${field.variable} is there twice${modelType === undefined ? '' : ` for ${modelType}`}`;
    }
  }
  return undefined;
}

function problemOf(
  field: FormField,
  fields: readonly FormField[],
  modelTypes: readonly string[] | undefined,
): string | undefined {
  const options = field.options?.map(option => option.value);
  const isChoice = field.type === 'select' || field.type === 'radio';
  if (isChoice && options === undefined) return 'has no options';
  if (!isChoice && options !== undefined) return `has options, but is a ${field.type}`;
  if (field.default !== undefined && options?.includes(field.default) === false) {
    return 'has a default that is none of its options';
  }
  const conditions = [field, ...(field.options ?? [])].flatMap(({ show_on }) => show_on ?? []);
  for (const { variable, value } of conditions) {
    const problem = conditionProblem(variable, value, fields, modelTypes);
    if (problem !== undefined) return `has in show_on ${problem}`;
  }
  if (modelTypes !== undefined && !modelTypes.some(modelType => mayBeShown(field, modelType))) {
    return 'is for no model type: it is shown when all conditions of show_on hold';
  }
  return undefined;
}

function conditionProblem(
  variable: string,
  value: string,
  fields: readonly FormField[],
  modelTypes: readonly string[] | undefined,
): string | undefined {
  if (variable === MODEL_TYPE) {
    if (modelTypes === undefined) return 'a model type, which the form of a provider does not know';
    return modelTypes.includes(value)
      ? undefined
      : `the model type ${value}, which the provider does not have`;
  }
  const others = fields.filter(field => field.variable === variable);
  if (others.length === 0) return `the variable ${variable}, which no field has`;
  const values = others.flatMap(({ options, type }) =>
    type === 'switch' ? ['true', 'false'] : (options?.map(option => option.value) ?? [value]),
  );
  return values.includes(value) ? undefined : `the value ${value}, which ${variable} cannot have`;
}

/** Whether what a field demands of the model type holds; its other conditions are up to the user. */
function mayBeShown({ show_on = [] }: FormField, modelType: string | undefined): boolean {
  return show_on.every(condition => condition.variable !== MODEL_TYPE || condition.value === modelType);
}

/** Whether two fields have one variable, and nothing keeps both from being shown. */
function areShownTogether(one: FormField, other: FormField, modelType: string | undefined): boolean {
  if (one.variable !== other.variable) return false;
  if (!mayBeShown(one, modelType) || !mayBeShown(other, modelType)) return false;
  return !(one.show_on ?? []).some(({ variable, value }) =>
    other.show_on?.some(condition => condition.variable === variable && condition.value !== value),
  );
}
