import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from 'typebox';

export type Validator<T> = ValidateFunction<T>;

export function compileSchemas<S extends Record<string, TSchema>>(
  schemas: S,
): { [K in keyof S]: Validator<Static<S[K]>> } {
  const ajv = new Ajv({ allErrors: false, strict: true, allowUnionTypes: true });
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)])) as {
    [K in keyof S]: Validator<Static<S[K]>>;
  };
}

export function explain(errors: readonly ErrorObject[] | null | undefined): string {
  const first = errors?.[0];
  return first ? `${first.instancePath || 'it'} ${first.message}` : 'it is not valid';
}
