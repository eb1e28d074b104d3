import { InvokeBadRequestError, type RequestOf } from '../../../src/dify/index.ts';
import type { Fields } from '../../../src/text/json.ts';
import { given, givenNumber, parseObject } from './json.ts';

/** Parameters that go out under their own name when they are set. */
const NUMBERS = [
  'temperature',
  'top_p',
  'top_k',
  'max_tokens',
  'presence_penalty',
  'frequency_penalty',
  'repetition_penalty',
  'seed',
] as const;

/**
 * What the user set, as request fields. Nothing is sent that was not set: servers answer a 500 to nulls, and engines
 * have defaults of their own.
 * @throws InvokeBadRequestError for values that cannot be read
 */
export function parameters({ model_parameters, stop: words }: RequestOf<'invoke_llm'>): Fields {
  const stop = words?.filter(word => word !== '') ?? [];
  return { ...numbers(model_parameters ?? {}), ...(stop.length > 0 && { stop }) };
}

/** The escape hatch: whatever the server takes that has no parameter of its own. @throws InvokeBadRequestError */
export function extraBody({ model_parameters }: RequestOf<'invoke_llm'>): Fields {
  const value = given(model_parameters?.['extra_body']);
  return value === undefined ? {} : parseObject(value, 'extra_body');
}

function numbers(set: Fields): Fields {
  const fields: Fields = {};
  for (const name of NUMBERS) {
    const value = numberOf(set[name], name);
    if (value !== undefined && !meansUnset(name, value)) fields[name] = value;
  }
  return fields;
}

function numberOf(set: unknown, name: string): number | undefined {
  const number = givenNumber(set);
  if (number === undefined || Number.isFinite(number)) return number;
  throw new InvokeBadRequestError(`The parameter ${name} must be a number.`);
}

/** Values by which hosts and forms say "not set", and which the server refuses. */
function meansUnset(name: (typeof NUMBERS)[number], value: number): boolean {
  return (name === 'top_k' && value < 0) || (name === 'max_tokens' && value <= 0);
}
