/** A schema never fails over what a server does: Dify would drop the model, and everything that is set up with it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelType } from '../../../src/dify/index.ts';
import type { ModelSchema } from '../../../src/dify/protocol/results.schemas.ts';
import { DescriptionFile } from '../../../src/xinference/description-file.ts';
import { FakeClock } from '../../fake/clock.ts';
import { refused } from '../../fake/network/connections.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import * as faults from '../../fake/xinference/faults.ts';
import { audio, embedding, llm, rerank } from '../../fake/xinference/models.ts';
import type { Handler } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const MODELS = {
  llm: llm('llm', { model_ability: ['chat', 'tools', 'vision', 'reasoning'], context_length: 40_960 }),
  'text-embedding': embedding('text-embedding', { model_name: 'jina-clip-v2', max_tokens: 8192 }),
  rerank: rerank('rerank', { model_name: 'jina-reranker-m0' }),
  speech2text: audio('speech2text', { model_ability: ['audio2text'] }),
  tts: audio('tts', { model_ability: ['text2audio'], model_family: 'Kokoro', model_name: 'Kokoro-82M' }),
} as const;
const TYPES = Object.keys(MODELS) as (keyof typeof MODELS)[];

let server: FakeXinference;
let folder: string;
const open: AsyncDisposable[] = [];

beforeEach(async () => {
  server = await startFakeXinference({ models: Object.values(MODELS) });
  folder = mkdtempSync(join(tmpdir(), 'describe-'));
});
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
  await server.close();
  rmSync(folder, { recursive: true });
});

/** A process of the plugin, in a folder that stays. */
async function start(): Promise<PluginInProcess> {
  const plugin = await startPlugin({ file: new DescriptionFile([join(folder, 'models.json')]) });
  open.push(plugin);
  return plugin;
}

async function schemaOf(
  plugin: PluginInProcess,
  model_type: ModelType,
  form: object = {},
  model = 'Mine',
): Promise<ModelSchema> {
  const credentials = { server_url: server.url, model_uid: model_type, ...form };
  const session = plugin.host.request('get_ai_model_schemas', { model, model_type, credentials });
  const { stream, error } = await session.result();
  expect(error).toBeUndefined();
  return (stream[0] as { model_schema: ModelSchema }).model_schema;
}

/** What there is to say where nothing is known but a form with nothing in it. */
const DEFAULTS = {
  llm: { mode: 'chat', context_size: 8192 },
  'text-embedding': { context_size: 512, max_chunks: 64 },
  rerank: { context_size: 8192 },
  speech2text: { file_upload_limit: 100 },
  tts: { default_voice: 'default', audio_type: 'mp3' },
};

const FAILURES: readonly [string, Handler][] = [
  ['refuses the key (401)', faults.unauthorized],
  ['has locked the address out (429)', faults.banned],
  ['denies access (403)', faults.forbidden],
  ['does not know the model (404)', faults.notFound],
  ['fails (500)', faults.engineFailure],
  ['stands behind a proxy that does not reach it (502)', faults.badGateway],
  ['is loading (503)', faults.loading()],
  ['is a page (200)', faults.html200],
  ['resets the connection', faults.resetBeforeHead],
];

describe.each(TYPES)('the schema of a model of the type %s', type => {
  test.each(FAILURES)(
    'is made of the form and of defaults while a server that never told %s',
    async (_what, handler) => {
      server.answer('*', handler);
      expect(await schemaOf(await start(), type)).toMatchObject({
        model: 'Mine',
        model_type: type,
        features: [],
        model_properties: DEFAULTS[type],
      });
    },
  );

  test.each(FAILURES)('stays as it was while the server %s, and after a restart', async (_what, handler) => {
    const plugin = await start();
    const before = await schemaOf(plugin, type);
    server.answer('*', handler);
    expect(await schemaOf(plugin, type)).toEqual(before);
    await plugin.close();
    expect(await schemaOf(await start(), type)).toEqual(before);
  });

  test('is there while nothing listens, and where TLS fails', async () => {
    await using away = await refused();
    const plugin = await start();
    for (const server_url of [away.url, server.url.replace('http:', 'https:')]) {
      expect((await schemaOf(plugin, type, { server_url })).model_properties).toMatchObject(DEFAULTS[type]);
    }
  });

  test('is made of the form while another type of model has the UID', async () => {
    const model_uid = type === 'llm' ? 'rerank' : 'llm';
    const schema = await schemaOf(await start(), type, { model_uid });
    expect(schema).toMatchObject({ features: [], model_properties: DEFAULTS[type] });
  });

  test('names what a predefined model has: its name as UID, and the credentials of the provider', async () => {
    const named = await schemaOf(await start(), type, { model_uid: undefined }, type);
    const typed = await schemaOf(await start(), type, {}, type);
    expect(named).toEqual(typed);
  });
});

describe('what stands in for a description', () => {
  test('has what the form says, and of features those that it says "on"', async () => {
    server.answer('*', faults.badGateway);
    const on = {
      tool_calling: 'on',
      vision: 'on',
      structured_output: 'on',
      thinking: 'on',
      context_size: '4096',
    };
    const plugin = await start();
    const schema = await schemaOf(plugin, 'llm', on);
    expect(schema.features.toSorted()).toEqual([
      'agent-thought',
      'multi-tool-call',
      'stream-tool-call',
      'structured-output',
      'tool-call',
      'vision',
    ]);
    expect(schema.model_properties).toMatchObject({ context_size: 4096 });
    expect(await schemaOf(plugin, 'text-embedding', { max_chunks: '16', context_size: '99' })).toMatchObject({
      model_properties: { max_chunks: 16, context_size: 99 },
    });
    expect(
      await schemaOf(plugin, 'tts', { voices: 'af_heart, zm_yunxi', audio_format: 'wav' }),
    ).toMatchObject({
      model_properties: { default_voice: 'af_heart', audio_type: 'wav' },
    });
  });

  test('has no more texts a call than fit into a line of any model', async () => {
    server.answer('*', faults.badGateway);
    const schema = await schemaOf(await start(), 'text-embedding', { max_chunks: '4096' });
    expect(schema.model_properties).toMatchObject({ max_chunks: 64 });
  });

  test.each([1, 2])('is there within 10 s where %i servers are silent', async count => {
    await using second = await startFakeXinference();
    const silent = [server, second].slice(0, count);
    for (const one of silent) one.answer('*', faults.blackHole);
    const clock = new FakeClock();
    const plugin = await startPlugin({ clock });
    open.push(plugin);
    const schema = schemaOf(plugin, 'llm', count === 1 ? {} : { fallback_url: second.url });
    for (const one of silent) {
      await one.arrival('GET /v1/models/llm');
      clock.advance(9_000 / count); // and a second for the way to Dify and back
    }
    expect((await schema).model_properties).toMatchObject(DEFAULTS.llm);
  });

  test('is told in the log, with the reason', async () => {
    server.answer('*', faults.forbidden);
    const plugin = await start();
    await schemaOf(plugin, 'llm');
    expect(plugin.host.logs).toMatchObject([
      {
        level: 'WARN',
        message: expect.stringMatching(/what its form says of the model llm: .*Access is denied/),
      },
    ]);
  });

  test.each([
    ['llm', { tool_calling: 'perhaps' }],
    ['text-embedding', { max_chunks: 'many' }],
    ['rerank', { context_size: '-1' }],
    ['speech2text', { task: 'perhaps' }],
    ['speech2text', { advanced: '{"timestamps": "often"}' }],
    ['tts', { audio_format: 'tape' }],
    ...TYPES.map(type => [type, { server_url: 'ftp://host' }] as const),
  ] as const)('is none for a form of the type %s that cannot be read: %j', async (model_type, form) => {
    const credentials = { server_url: server.url, model_uid: model_type, ...form };
    const plugin = await start();
    const session = plugin.host.request('get_ai_model_schemas', { model: 'Mine', model_type, credentials });
    expect((await session.result()).error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(server.requests).toEqual([]);
  });
});
