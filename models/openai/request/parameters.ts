import { InvokeBadRequestError } from '../../../src/dify/protocol/errors.ts';
import type { RequestOf } from '../../../src/dify/protocol/requests.schemas.ts';
import type { Fields } from '../../../src/text/json.ts';
import type { LlmModel } from '../../llm/model.ts';
import { parseObject, stringOf } from './json.ts';
import { responseFormat } from './response-format.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

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
  const stop = request.stop?.filter(word => word !== '') ?? [];
  return {
    ...numbers(set),
    ...(stop.length > 0 && { stop }),
    ...(model.mode === 'chat' && chatParameters(request, model)),
    ...extraBody(set['extra_body']),
  };
}

function numbers(set: Fields): Fields {
  const fields: Fields = {};
  for (const name of NUMBERS) {
    const value = numberOf(set[name], name);
    if (value !== undefined && !meansUnset(name, value)) fields[name] = value;
  }
  return fields;
}

function numberOf(value: unknown, name: string): number | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    throw new InvokeBadRequestError(`The parameter ${name} must be a number.`);
  }
  return number;
}

/** Values by which hosts and forms say "not set", and which the server refuses. */
function meansUnset(name: (typeof NUMBERS)[number], value: number): boolean {
  return (name === 'top_k' && value < 0) || (name === 'max_tokens' && value <= 0);
}

/** What completion models know nothing of. */
function chatParameters(request: InvokeLlm, model: LlmModel): Fields {
  const format = responseFormat(request, model);
  const thinking = asksToThink(request, model);
  const effort = request.model_parameters?.['reasoning_effort'];
  return {
    ...(format !== undefined && { response_format: format }),
    ...(thinking !== undefined && { enable_thinking: thinking }),
    ...(typeof effort === 'string' && effort !== '' && { reasoning_effort: effort }),
  };
}

/**
 * Whether the model is told to think, or told not to. That can be switched on hybrid models alone; the form decides where
 * the request does not.
 * @returns undefined where it is left to the server
 */
export function asksToThink({ model_parameters }: InvokeLlm, model: LlmModel): boolean | undefined {
  if (model.can.switchThinking === false) return undefined;
  if (model.thinking === 'off') return model.can.switchThinking ? false : undefined;
  return switchOf(model_parameters?.['enable_thinking']) ?? (model.thinking === 'on' ? true : undefined);
}

/** A switch, also as a text, which hosts and workflows make of it; undefined for anything else. */
function switchOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = stringOf(value).trim().toLowerCase();
  return text === 'true' || (text === 'false' ? false : undefined);
}

/** The escape hatch: whatever the server takes that the form has no field for. */
function extraBody(value: unknown): Fields {
  return value === undefined || value === null || value === '' ? {} : parseObject(value, 'extra_body');
}
