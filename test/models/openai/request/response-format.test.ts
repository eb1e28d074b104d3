import { describe, expect, test } from 'vitest';
import { responseFormat } from '../../../../models/openai/request/response-format.ts';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import { model, request } from '../samples.ts';

type Set = Record<string, unknown>;

const bare = { type: 'object', properties: { city: { type: 'string' } } };
const wrapped = { name: 'place', schema: bare };
const asPlace = { type: 'json_schema', json_schema: wrapped };
const asResponse = { type: 'json_schema', json_schema: { name: 'response', schema: bare } };

describe('a schema is sent with a name, however it came', () => {
  test.each<[string, Set, unknown, unknown]>([
    ['wrapped, as text', { json_schema: JSON.stringify(wrapped) }, undefined, asPlace],
    ['wrapped, as an object', { json_schema: wrapped }, undefined, asPlace],
    ['bare, as text', { json_schema: JSON.stringify(bare) }, undefined, asResponse],
    ['bare, as an object', { json_schema: bare }, undefined, asResponse],
    ['wrapped without a name', { json_schema: { schema: bare } }, undefined, asResponse],
    ['wrapped with an empty name', { json_schema: { name: '', schema: bare } }, undefined, asResponse],
    [
      'wrapped with more',
      { json_schema: { name: 'place', strict: true, schema: bare } },
      undefined,
      { type: 'json_schema', json_schema: { strict: true, ...wrapped } },
    ],
    [
      'bare, with a property that is called schema',
      { json_schema: { type: 'object', schema: 'x' } },
      undefined,
      { type: 'json_schema', json_schema: { name: 'response', schema: { type: 'object', schema: 'x' } } },
    ],
    ['beside the parameters, as text', {}, JSON.stringify(wrapped), asPlace],
    ['beside the parameters, as an object', {}, bare, asResponse],
    ['in both places: the parameter', { json_schema: wrapped }, { name: 'other', schema: {} }, asPlace],
    ['with its format', { json_schema: wrapped, response_format: 'json_schema' }, undefined, asPlace],
    ['with another format', { json_schema: wrapped, response_format: 'JSON' }, undefined, asPlace],
    ['with format text: nothing', { json_schema: wrapped, response_format: 'text' }, undefined, undefined],
    ['an empty one: nothing', { json_schema: '{}' }, undefined, undefined],
    ['null: nothing', { json_schema: null }, null, undefined],
    ['an empty text: nothing', { json_schema: '' }, '', undefined],
  ])('%s', (_name, model_parameters, json_schema, expected) => {
    const asked = request({ model_parameters, json_schema: json_schema as string });
    expect(responseFormat(asked, model())).toEqual(expected);
  });
});

describe('JSON without a schema', () => {
  test.each([
    ['vLLM', { type: 'json_object' }],
    ['token_router', { type: 'json_object' }],
    ['MLX', undefined],
    ['LMDEPLOY', undefined],
    ['SGLang', undefined],
    ['llama.cpp', undefined],
    ['Transformers', undefined],
  ])('on %s', (model_engine, expected) => {
    for (const response_format of ['json_object', 'JSON']) {
      const asked = request({ model_parameters: { response_format } });
      expect(responseFormat(asked, model({ model_engine }))).toEqual(expected);
    }
  });
});

test('a schema goes to every engine that heeds one', () => {
  const asked = request({ model_parameters: { json_schema: wrapped } });
  for (const model_engine of ['vLLM', 'SGLang', 'llama.cpp', 'token_router', null]) {
    expect(responseFormat(asked, model({ model_engine }))).toEqual(asPlace);
  }
  for (const model_engine of ['Transformers', 'MLX', 'LMDEPLOY']) {
    expect(responseFormat(asked, model({ model_engine }))).toBeUndefined();
  }
  expect(responseFormat(asked, model({ model_engine: 'MLX' }, { structured_output: 'on' }))).toEqual(asPlace);
  expect(responseFormat(asked, model({}, { structured_output: 'off' }))).toBeUndefined();
});

test.each<[Set, string]>([
  [{ response_format: 'json_schema' }, 'json_schema holds no schema'],
  [{ response_format: 'json_schema', json_schema: '{}' }, 'json_schema holds no schema'],
  [{ response_format: 'yaml' }, 'not "yaml"'],
  [{ response_format: { type: 'json_object' } }, 'must be text, json_object or json_schema'],
  [{ json_schema: '{"a":' }, 'json_schema is not valid JSON'],
  [{ json_schema: '"text"' }, 'json_schema must be a JSON object'],
])('%j is refused', (model_parameters, message) => {
  const asked = () => responseFormat(request({ model_parameters }), model());
  expect(asked).toThrow(InvokeBadRequestError);
  expect(asked).toThrow(message);
});
