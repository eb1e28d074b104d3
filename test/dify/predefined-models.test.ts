import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDeclaration } from '../../src/dify/declaration/read-declaration.ts';
import { declarationLines } from '../../src/dify/transport/remote/remote-declaration.ts';

/*
 * A declaration as most providers in the Marketplace write theirs: models that come with the plugin, with prices, credentials
 * that are typed once, and fields that another field's value shows.
 */

const MANIFEST = `
version: 1.2.3
type: plugin
author: somebody
name: cloud
label: { en_US: Cloud, zh_Hans: 云 }
description: { en_US: Models in a cloud., zh_Hans: 云端模型。 }
icon: icon.svg
created_at: 2026-01-01T00:00:00Z
privacy: PRIVACY.md
repo: https://example.com/cloud
resource: { memory: 268435456 }
plugins: { models: [provider/cloud.yaml] }
meta:
  version: 0.0.1
  arch: [amd64, arm64]
  runner: { language: python, version: "3.12", entrypoint: main }
tags: []
`;

const PROVIDER = `
provider: cloud
label: { en_US: Cloud, zh_Hans: 云 }
icon_small: { en_US: icon.svg }
icon_large: { en_US: icon.svg }
supported_model_types: [llm, text-embedding]
configurate_methods: [predefined-model, customizable-model]
models:
  llm:
    position: models/llm/_position.yaml
    predefined: ["models/llm/*.yaml"]
  text_embedding:
    predefined: ["models/text_embedding/*.yaml"]
provider_credential_schema:
  credential_form_schemas:
    - variable: region
      label: { en_US: Region, zh_Hans: 地区 }
      type: select
      required: true
      default: eu
      options:
        - { label: { en_US: Europe, zh_Hans: 欧洲 }, value: eu }
        - { label: { en_US: Elsewhere, zh_Hans: 其他 }, value: other }
    - variable: endpoint
      label: { en_US: Endpoint, zh_Hans: 端点 }
      type: text-input
      required: true
      url: https://example.com/endpoints
      max_length: 200
      show_on: [{ variable: region, value: other }]
    - variable: api_key
      label: { en_US: API key, zh_Hans: API 密钥 }
      type: secret-input
      required: true
model_credential_schema:
  model:
    label: { en_US: Model name, zh_Hans: 模型名称 }
  credential_form_schemas:
    - variable: mode
      label: { en_US: Mode, zh_Hans: 模式 }
      type: select
      required: false
      options:
        - { label: { en_US: Chat, zh_Hans: 对话 }, value: chat }
        - label: { en_US: Completion, zh_Hans: 补全 }
          value: completion
          show_on: [{ variable: __model_type, value: llm }]
      show_on: [{ variable: __model_type, value: llm }]
    - variable: context_size
      label: { en_US: Context, zh_Hans: 上下文 }
      type: text-input
      required: true
      default: "4096"
      show_on: [{ variable: __model_type, value: llm }, { variable: mode, value: chat }]
    - variable: context_size
      label: { en_US: Context, zh_Hans: 上下文 }
      type: text-input
      required: true
      default: "2048"
      show_on: [{ variable: __model_type, value: llm }, { variable: mode, value: completion }]
`;

const LARGE = `
model: large
label: { en_US: Large }
model_type: llm
features: [agent-thought, vision, tool-call]
model_properties: { mode: chat, context_size: 131072 }
parameter_rules:
  - { name: temperature, use_template: temperature, default: 0.7 }
  - name: style
    label: { en_US: Style }
    type: string
    required: false
    options: [short, long]
pricing: { input: "0.0015", output: "0.002", unit: "0.001", currency: USD }
`;

const SMALL = `
model: small
label: { en_US: Small }
model_type: llm
model_properties: { mode: chat, context_size: 8192 }
deprecated: true
`;

const EMBEDDING = `
model: embed
label: { en_US: Embed }
model_type: text-embedding
model_properties: { context_size: 512, max_chunks: 32 }
pricing: { input: 0.1, unit: "0.000001", currency: RMB }
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'predefined-'));
  put('manifest.yaml', MANIFEST);
  put('provider/cloud.yaml', PROVIDER);
  put('models/llm/_position.yaml', '- small\n- large\n');
  put('models/llm/large.yaml', LARGE);
  put('models/llm/small.yaml', SMALL);
  put('models/text_embedding/embed.yaml', EMBEDDING);
  put('_assets/icon.svg', '<svg/>');
});
afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('models, prices, both forms, conditions and positions are read', () => {
  const { provider } = readDeclaration(root);
  expect(provider.models.map(({ model, fetch_from }) => [model, fetch_from])).toEqual([
    ['large', 'predefined-model'],
    ['small', 'predefined-model'],
    ['embed', 'predefined-model'],
  ]);
  expect(provider.models[0]).toMatchObject({
    pricing: { input: '0.0015', output: '0.002', unit: '0.001', currency: 'USD' },
    parameter_rules: [
      { use_template: 'temperature', default: 0.7 },
      { name: 'style', type: 'string' },
    ],
  });
  expect(provider.position).toEqual({ llm: ['small', 'large'] });
  expect(provider.provider_credential_schema?.credential_form_schemas[1]).toMatchObject({
    variable: 'endpoint',
    url: 'https://example.com/endpoints',
    max_length: 200,
    show_on: [{ variable: 'region', value: 'other' }],
  });
});

test('over remote debugging the models go as a list', () => {
  const lines = [...declarationLines(readDeclaration(root), [])].map(line => JSON.parse(line));
  const { data } = lines.find(({ type }) => type === 'model_declaration');
  expect(data[0].models).toHaveLength(3);
  expect(data[0].position).toEqual({ llm: ['small', 'large'] });
});

describe('a mistake is told by its file', () => {
  test.each<[string, string, string, string, string]>([
    ['a price without its unit', 'models/llm/large.yaml', 'unit: "0.001", ', '', '/pricing/unit is missing'],
    [
      'a price that is no number',
      'models/llm/large.yaml',
      '"0.0015"',
      'cheap',
      'models/llm/large.yaml: /pricing/input',
    ],
    ['an unknown key', 'models/llm/small.yaml', 'deprecated', 'deprected', '/deprected is not known'],
    [
      'an unknown template',
      'models/llm/large.yaml',
      'use_template: temperature',
      'use_template: heat',
      'use_template',
    ],
    [
      'a parameter without type and template',
      'models/llm/large.yaml',
      '    type: string\n',
      '',
      'the parameter style needs a label and a type',
    ],
    [
      'a model of another type',
      'models/llm/small.yaml',
      'model_type: llm',
      'model_type: tts',
      'the model small is of the type tts, which the provider does not have',
    ],
    [
      'a model twice',
      'models/llm/small.yaml',
      'model: small',
      'model: large',
      'the model llm large is there twice',
    ],
    [
      'a position of nobody',
      'models/llm/_position.yaml',
      '- small',
      '- tiny',
      'lists tiny, which is no model',
    ],
    [
      'a condition on a field that is not there',
      'provider/cloud.yaml',
      'variable: region, value: other',
      'variable: zone, value: other',
      'endpoint has in show_on the variable zone, which no field has',
    ],
    [
      'a model type in the form of the provider',
      'provider/cloud.yaml',
      'variable: region, value: other',
      'variable: __model_type, value: llm',
      'which the form of a provider does not know',
    ],
    [
      'two fields that are shown together',
      'provider/cloud.yaml',
      'variable: mode, value: completion }]',
      'variable: mode, value: chat }]',
      'the field context_size is there twice for llm',
    ],
    [
      'models without the method for them',
      'provider/cloud.yaml',
      '[predefined-model, customizable-model]',
      '[customizable-model]',
      'it has models, but /configurate_methods lacks predefined-model',
    ],
  ])('%s', (_name, file, from, to, refusal) => {
    const texts: Record<string, string> = {
      'models/llm/large.yaml': LARGE,
      'models/llm/small.yaml': SMALL,
      'models/llm/_position.yaml': '- small\n- large\n',
      'provider/cloud.yaml': PROVIDER,
    };
    const changed = texts[file]?.replace(from, to) ?? '';
    expect(changed).not.toBe(texts[file]);
    put(file, changed);
    expect(() => readDeclaration(root)).toThrow(refusal);
  });
});

test('a provider of predefined models alone needs no form for models', () => {
  const form = PROVIDER.slice(0, PROVIDER.indexOf('model_credential_schema:'));
  put('provider/cloud.yaml', form.replace('[predefined-model, customizable-model]', '[predefined-model]'));
  expect(readDeclaration(root).provider.model_credential_schema).toBeUndefined();
});
