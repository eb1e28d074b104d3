import { Ajv, type CodeOptions, type Options } from 'ajv';
import type { Static, TSchema } from 'typebox';
import type { Validator } from './validation.ts';

/**
 * Compiles each schema to a type guard of the same name.
 *
 * Call it at the top of a module whose name ends in `.validators.ts`, and export what it returns: the build compiles
 * such modules ahead of time, so that the bundle carries neither Ajv's compiler nor TypeBox.
 *
 * @throws Error for a schema that is not valid, or that holds a keyword nobody knows
 */
export function compileSchemas<S extends Readonly<Record<string, TSchema>>>(
  schemas: S,
): { readonly [K in keyof S]: Validator<Static<S[K]>> } {
  const ajv = newAjv();
  const validators = Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]);
  return Object.fromEntries(validators) as { [K in keyof S]: Validator<Static<S[K]>> };
}

/** The compiler, set up as every validator of the project wants it. */
export function newAjv(code: CodeOptions = {}, options: Options = {}): Ajv {
  return new Ajv({ strict: true, allowUnionTypes: true, code, ...options });
}
