import { InvokeBadRequestError, type RequestOf } from '../../../src/dify/index.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { given, parseObject } from './json.ts';

/**
 * The answer's format, as far as the model's engine takes it; `text` is what every engine does anyway.
 * @returns undefined where nothing is to be sent: not asked for, or nothing the model would heed
 * @throws InvokeBadRequestError for a format that is unknown, or a schema that cannot be read
 */
export function responseFormat(request: RequestOf<'invoke_llm'>, model: ChatModel): Fields | undefined {
  if (model.can.structuredOutput === false) return undefined;
  const format = given(request.model_parameters?.['response_format']);
  const schema = givenSchema(request);
  if (schema !== undefined && format !== 'text') return { type: 'json_schema', json_schema: schema };
  switch (format) {
    case undefined:
    case 'text':
      return undefined;
    case 'JSON':
    case 'json_object':
      return model.engine.takesJsonObject ? { type: 'json_object' } : undefined;
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

/** Whether the answer is to be JSON by a schema, also where the model is not told of it. @throws InvokeBadRequestError */
export function asksForSchema(request: RequestOf<'invoke_llm'>): boolean {
  const isText = request.model_parameters?.['response_format'] === 'text';
  return !isText && givenSchema(request) !== undefined;
}

/** The schema of a request: that of its parameters, else its own. @throws InvokeBadRequestError */
function givenSchema({ model_parameters, json_schema }: RequestOf<'invoke_llm'>): Fields | undefined {
  return jsonSchema(model_parameters?.['json_schema']) ?? jsonSchema(json_schema);
}

/**
 * A schema as Dify sends it: JSON text or an object, wrapped as `{name, schema}` or bare.
 * @returns what goes into `response_format.json_schema`, where the server insists on a name; undefined when there is none
 */
function jsonSchema(set: unknown): Fields | undefined {
  const value = given(set);
  if (value === undefined) return undefined;
  const schema = parseObject(value, 'json_schema');
  if (Object.keys(schema).length === 0) return undefined;
  const { name, schema: inner, ...rest } = schema;
  if (!isObject(inner)) return { name: 'response', schema };
  return { ...rest, name: typeof name === 'string' && name !== '' ? name : 'response', schema: inner };
}
