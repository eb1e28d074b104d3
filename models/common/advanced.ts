import type { RawCredentials } from '../../src/dify/index.ts';
import { type Fields, isObject, parseJson, tryParseJson } from '../../src/text/json.ts';
import { InvalidCredentialsError, textField } from './credentials.ts';
import { fieldName } from './form-labels.ts';

/**
 * What stands in the form's field for all that has none of its own: a JSON object. Every model type knows `extra_body`.
 * @param own what this model type knows besides
 * @throws InvalidCredentialsError when it is no JSON object, or has a key that the model type does not know
 */
export function readAdvanced<K extends string>(
  form: RawCredentials,
  ...own: readonly K[]
): Partial<Readonly<Record<K | 'extra_body', unknown>>> {
  const text = textField(form, 'advanced');
  if (text === '') return {};
  const known: readonly string[] = ['extra_body', ...own];
  let fields: unknown;
  let why = '';
  try {
    fields = parseJson(text);
  } catch (error) {
    why = ` (${(error as Error).message.split(', ', 1)[0]})`; // behind that it repeats the text
  }
  if (!isObject(fields)) {
    throw new InvalidCredentialsError(
      `The field ${fieldName('advanced')} must be a JSON object, such as {"extra_body": {}}${why}. It knows: ${known.join(', ')}.`,
    );
  }
  const unknown = Object.keys(fields).find(key => !known.includes(key));
  if (unknown === undefined) return fields as Partial<Record<K | 'extra_body', unknown>>;
  throw new InvalidCredentialsError(
    `The field ${fieldName('advanced')} has an unknown key ${JSON.stringify(unknown.slice(0, 100))}. Known for this model type: ${known.join(', ')}.`,
  );
}

/** Fields that go into each request, beside those that the plugin sends. @throws InvalidCredentialsError */
export function extraBodyOf({ extra_body }: { readonly extra_body?: unknown }): Fields {
  if (extra_body === undefined || extra_body === null) return {};
  if (isObject(extra_body)) return extra_body;
  throw invalidAdvanced('extra_body', 'a JSON object');
}

/** What a form adds to each request, where the endpoint hands arguments on to an engine. */
export interface Extras {
  /** Fields of the request. */
  readonly extraBody: Fields;
  /** What stands in its field `kwargs`, which Xinference takes as JSON text. */
  readonly engineArguments: Fields;
}

/** @throws InvalidCredentialsError */
export function extrasOf(advanced: { readonly extra_body?: unknown }): Extras {
  const { kwargs, ...extraBody } = extraBodyOf(advanced);
  const engineArguments = typeof kwargs === 'string' ? tryParseJson(kwargs) : (kwargs ?? {});
  if (isObject(engineArguments)) return { extraBody, engineArguments };
  throw invalidAdvanced('kwargs', 'a JSON object');
}

/** @param must as in: a JSON object */
export function invalidAdvanced(key: string, must: string): InvalidCredentialsError {
  return new InvalidCredentialsError(`"${key}" in the field ${fieldName('advanced')} must be ${must}.`);
}
