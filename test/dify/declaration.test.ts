import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { projectRoot } from '../../scripts/project.ts';
import { declarationOf } from '../../src/dify/declaration/declaration.ts';
import { modelFormOf } from '../../src/dify/declaration/model-form.ts';
import { assetsOf, readDeclaration } from '../../src/dify/declaration/read-declaration.ts';

const declaration = declarationOf(`${import.meta.dirname}/../..`);

const MANIFEST = 'manifest.yaml';
const PROVIDER = 'provider/xinference.yaml';

describe('the declaration of this plugin', () => {
  const fields = modelFormOf(declaration).credential_form_schemas;

  test('has the version of package.json', () => {
    expect(declaration.manifest.version).toBe(packageJson.version);
  });

  test('is JSON, with an empty list of models, as remote debugging wants it', () => {
    expect(JSON.parse(JSON.stringify(declaration))).toEqual(declaration);
    expect(declaration.provider.models).toEqual([]);
    expect(declaration.manifest.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('speaks of every file in _assets, and of no other; but for the pictures of the README', () => {
    const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
    const pictures = [...readme.matchAll(/_assets\/([\w.-]+)\)/g)].map(([, name = '']) => name);
    const spokenOf = [...assetsOf(declaration), ...pictures];
    expect(spokenOf.sort()).toEqual(readdirSync(join(projectRoot, '_assets')).sort());
  });

  test('asks for these credentials', () => {
    const all = 'llm text-embedding rerank speech2text tts';
    const shownFor = (variable: string) =>
      fields
        .filter(field => field.variable === variable)
        .flatMap(field => field.show_on?.map(condition => condition.value) ?? all.split(' '))
        .join(' ');
    const form = new Map(
      fields.map(field => [
        field.variable,
        [shownFor(field.variable), field.type, field.required ? 'required' : 'optional', field.default],
      ]),
    );
    expect(Object.fromEntries(form)).toEqual({
      server_url: [all, 'text-input', 'required', undefined],
      model_uid: [all, 'text-input', 'required', undefined],
      api_key: [all, 'secret-input', 'optional', undefined],
      invoke_timeout: [all, 'text-input', 'required', '300'],
      max_retries: [all, 'text-input', 'required', '3'],
      tls_verify: [all, 'select', 'optional', 'yes'],
      context_size: ['llm text-embedding rerank', 'text-input', 'optional', undefined],
      tool_calling: ['llm', 'select', 'optional', 'auto'],
      vision: ['llm', 'select', 'optional', 'auto'],
      structured_output: ['llm', 'select', 'optional', 'auto'],
      thinking: ['llm', 'select', 'optional', 'auto'],
      max_chunks: ['text-embedding', 'text-input', 'optional', '64'],
      voices: ['tts', 'text-input', 'optional', undefined],
      audio_format: ['tts', 'select', 'optional', 'mp3'],
      query_prefix: ['text-embedding', 'text-input', 'optional', undefined],
      language: ['speech2text', 'text-input', 'optional', undefined],
      rerank_scores: ['rerank', 'select', 'optional', 'auto'],
      instruction: ['rerank', 'text-input', 'optional', undefined],
      dimensions: ['text-embedding', 'text-input', 'optional', undefined],
      max_concurrency: [all, 'text-input', 'optional', undefined],
      headers: [all, 'secret-input', 'optional', undefined],
      fallback_url: [all, 'text-input', 'optional', undefined],
      speed: ['tts', 'text-input', 'optional', undefined],
      speakable: ['tts', 'select', 'optional', 'on'],
      prompt: ['speech2text', 'text-input', 'optional', undefined],
      task: ['speech2text', 'select', 'optional', 'transcribe'],
      advanced: [all, 'text-input', 'optional', undefined],
    });
    expect(fields.length).toBeLessThanOrEqual(32); // of the daemon
  });

  test.each([
    ['tls_verify', 'yes no'],
    ['tool_calling', 'auto on off'],
    ['vision', 'auto on off'],
    ['structured_output', 'auto on off'],
    ['thinking', 'auto on off'],
    ['audio_format', 'mp3 wav flac opus aac pcm'],
    ['rerank_scores', 'auto raw unit'],
    ['speakable', 'on off'],
    ['task', 'transcribe translate'],
  ])('%s offers %s', (variable, values) => {
    const field = fields.find(candidate => candidate.variable === variable);
    expect(field?.options?.map(option => option.value).join(' ')).toBe(values);
  });

  const words = (field: (typeof fields)[number]) => [
    field.label,
    ...(field.help ? [field.help] : []),
    ...(field.placeholder ? [field.placeholder] : []),
    ...(field.options ?? []).map(option => option.label),
  ];

  test('issue 17, C10: speaks the four languages of Dify everywhere in the form', () => {
    for (const field of fields) {
      for (const text of words(field)) {
        expect(Object.keys(text), field.variable).toEqual(['en_US', 'zh_Hans', 'ja_JP', 'pt_BR']);
      }
    }
  });

  test('issue 17, C7: says what an empty field means, because Dify shows no help', () => {
    for (const { variable, type, required, placeholder } of fields) {
      if (type === 'select' || required) continue;
      expect(placeholder?.en_US, variable).toMatch(/\bempty: |^only if /i);
    }
  });

  test.each(
    'rerank_scores instruction dimensions max_concurrency headers fallback_url speed speakable prompt task advanced'.split(
      ' ',
    ),
  )('issue 20: %s has a label, a placeholder and a help', variable => {
    const field = fields.find(candidate => candidate.variable === variable);
    expect(field).toMatchObject({
      label: expect.anything(),
      placeholder: expect.anything(),
      help: expect.anything(),
    });
  });

  test.each([
    ['rerank_scores', /0 to 1/],
    ['fallback_url', /same key, UID and headers/],
    ['invoke_timeout', /seconds: the longest silence/],
    ['max_chunks', /64 is good/],
    ['query_prefix', /for models trained with an instruction/],
  ])('issue 17, C7: the label of %s says %s', (variable, said) => {
    expect(fields.find(field => field.variable === variable)?.label.en_US).toMatch(said);
  });

  test('issue 17, C7: the most needed fields come first, and what nobody needs at first last', () => {
    const order = fields.map(field => field.variable);
    expect(order.slice(0, 3)).toEqual(['server_url', 'model_uid', 'api_key']);
    expect(order.slice(-7)).toEqual(
      'invoke_timeout max_retries max_concurrency fallback_url headers tls_verify advanced'.split(' '),
    );
  });

  test('warns where the server is typed in that 127.0.0.1 is the container', () => {
    const placeholder = fields.find(field => field.variable === 'server_url')?.placeholder;
    expect(placeholder?.en_US).toContain('127.0.0.1 is the container');
    expect(placeholder?.zh_Hans).toContain('127.0.0.1');
  });
});

describe('a broken declaration is refused', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'declaration-'));
    for (const path of [MANIFEST, PROVIDER, '_assets']) {
      cpSync(join(projectRoot, path), join(root, path), { recursive: true });
    }
  });
  afterEach(() => rmSync(root, { recursive: true }));

  /** Puts a value at a place of a YAML file, or takes away what is there. */
  function change(file: string, place: string, value: unknown): void {
    const document: unknown = parse(readFileSync(join(root, file), 'utf8'));
    const keys = place.split('/');
    const last = keys.pop() ?? '';
    let parent = document as Record<string, unknown>;
    for (const key of keys) parent = parent[key] as Record<string, unknown>;
    if (value === undefined) delete parent[last];
    else parent[last] = value;
    writeFileSync(join(root, file), stringify(document, { aliasDuplicateObjects: false }));
  }

  const long = (length: number) => 'x'.repeat(length);

  test.each<[place: string, value: unknown, refusal: string]>([
    ['version', undefined, '/version is missing'],
    ['version', '1.0', '/version must match pattern'],
    ['version', '1.0.0-beta', '/version must match pattern'],
    ['version', '10000.0.0', '/version must match pattern'],
    ['type', 'bundle', '/type must be plugin'],
    ['author', undefined, '/author is missing'],
    ['author', 'Somebody', '/author must match pattern'],
    ['author', long(65), '/author must match pattern'],
    ['author', 'dify-fan', '/author must match pattern'],
    ['author', 'from-langgenius', '/author must match pattern'],
    ['author', '0b3c5d6e-1f2a-4b3c-8d9e-0f1a2b3c4d5e', '/author must match pattern'],
    ['name', 'Xinference', '/name must match pattern'],
    ['name', long(129), '/name must match pattern'],
    ['label', undefined, '/label is missing'],
    ['label/en_US', undefined, '/label/en_US is missing'],
    ['label/en_US', '', '/label/en_US must NOT have fewer than 1 characters'],
    ['label/zh_Hans', undefined, '/label/zh_Hans is missing'],
    ['label/fr_FR', 'x', '/label/fr_FR is not known'],
    ['description', undefined, '/description is missing'],
    ['description/en_US', long(1024), '/description/en_US must NOT have more than 1023 characters'],
    ['icon', undefined, '/icon is missing'],
    ['icon', '_assets/icon.svg', '/icon must match pattern'],
    ['icon', `${long(125)}.svg`, '/icon must NOT have more than 128 characters'],
    ['icon', 'none.svg', 'The icon none.svg is not in _assets.'],
    ['icon_dark', 'none.svg', 'The icon none.svg is not in _assets.'],
    ['created_at', undefined, '/created_at is missing'],
    ['created_at', '2026-01-01', '/created_at must match pattern'],
    ['created_at', '0001-01-01T00:00:00Z', '/created_at must match pattern'],
    ['created_at', '2026-02-30T00:00:00Z', '/created_at is no date'],
    ['created_at', '2026-13-01T00:00:00Z', '/created_at is no date'],
    ['privacy', undefined, '/privacy is missing'],
    ['repo', undefined, '/repo is missing'],
    ['repo', 'github.com/somebody/something', '/repo must match pattern'],
    ['contact', 'nobody', '/contact must match pattern'],
    ['resource', undefined, '/resource is missing'],
    ['resource/memory', 0, '/resource/memory must be >= 1'],
    ['resource/memory', '256MB', '/resource/memory must be integer'],
    ['resource/permission', { storage: { enabled: false, size: 0 } }, '/resource/permission is not known'],
    ['plugins', undefined, '/plugins is missing'],
    ['plugins/models', [], '/plugins/models must NOT have fewer than 1 items'],
    ['plugins/models', [long(129)], '/plugins/models/0 must NOT have more than 128 characters'],
    ['plugins/tools', ['provider/tool.yaml'], '/plugins/tools is not known'],
    ['meta', undefined, '/meta is missing'],
    ['meta/version', 'one', '/meta/version must match pattern'],
    ['meta/arch', undefined, '/meta/arch is missing'],
    ['meta/arch', ['x86_64'], '/meta/arch/0 must be one of amd64, arm64'],
    ['meta/runner/language', 'node', '/meta/runner/language must be python'],
    ['meta/runner/version', 3.12, '/meta/runner/version must be string'],
    ['meta/runner/entrypoint', '', '/meta/runner/entrypoint must NOT have fewer than 1 characters'],
    ['meta/minimum_dify_version', 'newest', '/meta/minimum_dify_version must match pattern'],
    ['tags', ['llm'], '/tags/0 must be one of search, image'],
    ['verified', true, '/verified is not known'],
  ])('manifest.yaml: %s = %j', (place, value, refusal) => {
    change(MANIFEST, place, value);
    expect(() => readDeclaration(root)).toThrow(refusal);
  });

  const form = 'model_credential_schema/credential_form_schemas';
  const text = { en_US: 'x', zh_Hans: 'x' };
  const field = { variable: 'x', label: text, type: 'text-input', required: false };
  const option = { label: text, value: 'x' };
  const shownFor = (value: string) => ({ variable: '__model_type', value });

  test.each<[place: string, value: unknown, refusal: string]>([
    ['provider', 'Xorbits Inference', '/provider must match pattern'],
    ['label/zh_Hans', undefined, '/label/zh_Hans is missing'],
    ['icon_small/en_US', 'none.svg', 'The icon none.svg is not in _assets.'],
    ['icon_large_dark/en_US', 'none.svg', 'The icon none.svg is not in _assets.'],
    ['background', 'green', '/background must match pattern'],
    ['help/title', undefined, '/help/title is missing'],
    ['help/url/zh_Hans', undefined, '/help/url/zh_Hans is missing'],
    ['help/url/en_US', 'http://example.org', '/help/url/en_US must match pattern'],
    ['supported_model_types', [], '/supported_model_types must NOT have fewer than 1 items'],
    [
      'supported_model_types/0',
      'text_embedding',
      '/supported_model_types/0 must be one of llm, text-embedding',
    ],
    ['configurate_methods/0', 'fetched-model', '/configurate_methods/0 must be one of predefined-model'],
    ['configurate_methods/0', 'predefined-model', '/provider_credential_schema is missing'],
    ['models', { chat: {} }, '/models/chat is not known'],
    ['model_credential_schema', undefined, '/model_credential_schema is missing'],
    ['model_credential_schema/model/label', undefined, '/model/label is missing'],
    [form, Array(33).fill(field), `/${form} must NOT have more than 32 items`],
    [`${form}/0/variable`, long(256), '/0/variable must NOT have more than 255 characters'],
    [`${form}/0/variable`, 'server url', '/0/variable must match pattern'],
    [`${form}/0/type`, 'number', '/0/type must be one of text-input, secret-input, select, radio, switch'],
    [`${form}/0/required`, 'yes', '/0/required must be boolean'],
    [`${form}/0/default`, 60, '/0/default must be string'],
    [`${form}/0/default`, long(256), '/0/default must NOT have more than 255 characters'],
    [`${form}/0/label/zh_Hans`, undefined, '/0/label/zh_Hans is missing'],
    [`${form}/0/placeholder/zh_Hans`, undefined, '/0/placeholder/zh_Hans is missing'],
    [`${form}/0/help/zh_Hans`, undefined, '/0/help/zh_Hans is missing'],
    [`${form}/0/place_holder`, text, '/0/place_holder is not known'],
    [`${form}/0/options`, [option], 'the field server_url has options, but is a text-input'],
    [`${form}/0`, { ...field, type: 'select' }, 'the field x has no options'],
    [
      `${form}/0`,
      { ...field, type: 'radio', options: Array(129).fill(option) },
      'NOT have more than 128 items',
    ],
    [
      `${form}/0`,
      { ...field, type: 'select', options: [{ ...option, value: '' }] },
      '/0/value must NOT have fewer',
    ],
    [
      `${form}/0`,
      { ...field, type: 'select', options: [option], default: 'y' },
      'the field x has a default that is none of its options',
    ],
    [
      `${form}/0/show_on`,
      [{ variable: 'mode', value: 'llm' }],
      'server_url has in show_on the variable mode, which no field has',
    ],
    [
      `${form}/0/show_on`,
      [{ variable: 'tls_verify', value: 'perhaps' }],
      'server_url has in show_on the value perhaps, which tls_verify cannot have',
    ],
    [
      `${form}/0/show_on`,
      [shownFor('chat')],
      'has in show_on the model type chat, which the provider does not have',
    ],
    [`${form}/0/show_on`, [shownFor('llm'), shownFor('tts')], 'is for no model type'],
    [`${form}/0/show_on`, Array(17).fill(shownFor('llm')), '/show_on must NOT have more than 16 items'],
    [
      `${form}/0/show_on`,
      [shownFor('moderation')],
      'has in show_on the model type moderation, which the provider does not have',
    ],
    [`${form}/1/variable`, 'server_url', 'the field server_url is there twice for llm'],
    [`${form}/12/show_on`, undefined, 'the field context_size is there twice for text-embedding'],
  ])('provider/xinference.yaml: %s = %j', (place, value, refusal) => {
    change(PROVIDER, place, value);
    expect(() => readDeclaration(root)).toThrow(refusal);
  });

  test('a file that is not YAML', () => {
    writeFileSync(join(root, MANIFEST), 'version: 0.1.0\n  type: plugin\n');
    expect(() => readDeclaration(root)).toThrow('manifest.yaml is not valid YAML.');
  });

  test('a provider that is not there', () => {
    change(MANIFEST, 'plugins/models', ['provider/other.yaml']);
    expect(() => readDeclaration(root)).toThrow('provider/other.yaml');
  });
});
