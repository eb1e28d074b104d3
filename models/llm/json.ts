import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import { parseJson } from '../../src/json.ts';

/** A JSON object of which nothing is known. */
export type Fields = Record<string, unknown>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text; empty for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/**
 * An object, or the JSON text of one.
 * @param name of the parameter that it was given as
 * @throws InvokeBadRequestError that names the parameter
 */
export function parseObject(value: unknown, name: string): Fields {
  let parsed = value;
  if (typeof value === 'string') {
    try {
      parsed = parseJson(value);
    } catch (error) {
      throw new InvokeBadRequestError(
        `The parameter ${name} is not valid JSON: ${(error as Error).message}.`,
      );
    }
  }
  if (isObject(parsed)) return parsed;
  throw new InvokeBadRequestError(`The parameter ${name} must be a JSON object.`);
}
