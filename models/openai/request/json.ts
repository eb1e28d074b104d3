import { InvokeBadRequestError } from '../../../src/dify/index.ts';
import { type Fields, isObject, parseJson } from '../../../src/text/json.ts';

/** A text; empty for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** A value that was set; undefined for what stands where none was: nothing, or a text of blanks. */
export function given(value: unknown): unknown {
  return value === null || (typeof value === 'string' && value.trim() === '') ? undefined : value;
}

/** A number that was set, as one or as a text; NaN where something else was, undefined where nothing was. */
export function givenNumber(value: unknown): number | undefined {
  const set = given(value);
  if (typeof set === 'string') return Number(set);
  return set === undefined || typeof set === 'number' ? set : Number.NaN;
}

/**
 * A value as JSON without halves of characters, such as a text that was cut in an emoji has: Python takes them in, and
 * fails when it encodes them.
 */
export function jsonText(value: Fields): string {
  const json = JSON.stringify(value);
  // They alone are written as such escapes; a text about escapes is a harmless false alarm.
  return json.includes('\\ud') ? JSON.stringify(value, wellFormed) : json;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
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
