import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import type { RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import type { LlmModel } from './model.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;
type Fields = Record<string, unknown>;

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
 * What the user set, as request fields. Nothing is sent that was not set: the server answers a 500 to nulls, and engines
 * have defaults of their own.
 * @throws InvokeBadRequestError for values that cannot be read
 */
export function toParameters(request: InvokeLlm, model: LlmModel): Fields {
  const set = request.model_parameters ?? {};
  const fields: Fields = {};
  for (const name of NUMBERS) {
    const value = numberOf(set[name], name);
    if (value !== undefined && !meansUnset(name, value)) fields[name] = value;
  }
  const stop = request.stop?.filter(word => word !== '') ?? [];
  if (stop.length > 0) fields['stop'] = stop;

  const format = responseFormat(request, model);
  if (format !== undefined) fields['response_format'] = format;

  const thinking = switchThinking(set['enable_thinking'], model);
  if (thinking !== undefined) fields['enable_thinking'] = thinking;
  const effort = set['reasoning_effort'];
  if (typeof effort === 'string' && effort !== '') fields['reasoning_effort'] = effort;

  return { ...fields, ...extraBody(set['extra_body']) };
}

/** Values by which hosts and forms say "not set", and which the server refuses. */
function meansUnset(name: (typeof NUMBERS)[number], value: number): boolean {
  return (name === 'top_k' && value < 0) || (name === 'max_tokens' && value <= 0);
}

function numberOf(value: unknown, name: string): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new InvokeBadRequestError(`The parameter ${name} must be a number.`);
  }
  return number;
}

/** Thinking can be switched on hybrid models alone; the form decides where the request does not. */
function switchThinking(asked: unknown, model: LlmModel): boolean | undefined {
  if (model.can.switchThinking === false) return undefined;
  if (model.thinking === 'off') return model.can.switchThinking ? false : undefined;
  if (typeof asked === 'boolean') return asked;
  return model.thinking === 'on' ? true : undefined;
}

/**
 * The answer's format in the words of the model's engine. SGLang crashes on `json_object`, llama.cpp drops it, and `text` is
 * what every engine does anyway.
 */
function responseFormat(request: InvokeLlm, model: LlmModel): Fields | undefined {
  const format = request.model_parameters?.['response_format'];
  const schema = jsonSchema(request.model_parameters?.['json_schema']) ?? jsonSchema(request.json_schema);
  if (schema !== undefined && format !== 'text') {
    return model.can.structuredOutput ? { type: 'json_schema', json_schema: schema } : undefined;
  }
  switch (format) {
    case undefined:
    case null:
    case '':
    case 'text':
      return undefined;
    case 'JSON':
    case 'json_object':
      return model.engine === 'sglang' || model.engine === 'llama.cpp' ? undefined : { type: 'json_object' };
    case 'json_schema':
      throw new InvokeBadRequestError(
        'The parameter response_format is json_schema, but json_schema holds no schema: fill it in, or choose another format.',
      );
    default:
      throw new InvokeBadRequestError(
        `The parameter response_format must be text, json_object or json_schema, not ${JSON.stringify(format)?.slice(0, 100)}.`,
      );
  }
}

/**
 * A schema as Dify sends it: JSON text or an object, wrapped as `{name, schema}` or bare.
 * @returns what goes into `response_format.json_schema`; undefined when there is none
 */
function jsonSchema(value: unknown): Fields | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const schema = objectOf(value, 'json_schema');
  if (Object.keys(schema).length === 0) return undefined;
  const { name, schema: inner, ...rest } = schema;
  if (!isObject(inner)) return { name: 'response', schema };
  return { ...rest, name: typeof name === 'string' && name !== '' ? name : 'response', schema: inner };
}

/** The escape hatch: whatever the server takes that the form has no field for. */
function extraBody(value: unknown): Fields {
  return value === undefined || value === null || value === '' ? {} : objectOf(value, 'extra_body');
}

function objectOf(value: unknown, name: string): Fields {
  let parsed = value;
  if (typeof value === 'string') {
    try {
      parsed = JSON.parse(value);
    } catch (error) {
      throw new InvokeBadRequestError(
        `The parameter ${name} is not valid JSON: ${(error as Error).message}.`,
      );
    }
  }
  if (!isObject(parsed)) throw new InvokeBadRequestError(`The parameter ${name} must be a JSON object.`);
  return parsed;
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
