import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makePackage } from '../../scripts/package/make-package.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import { FakeHost } from '../fake/host/host.ts';
import { refused } from '../fake/network/connections.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';

const root = join(import.meta.dirname, '../..');
const folder = join(root, 'examples/openai-compatible');
const API_KEY = 'sk-example-51f3c0';

let server: FakeXinference;
let host: FakeHost;
beforeAll(async () => {
  server = await startFakeXinference({ reply: 'Hello there, general. ' });
  host = FakeHost.spawn(process.execPath, [join(folder, 'src/main.ts')], {
    env: { ...process.env, INSTALL_METHOD: 'local' },
  });
  await host.ready();
});
afterAll(async () => {
  await host.close();
  await server.close();
});

function ask(
  action: Parameters<FakeHost['request']>[0],
  model: string,
  data: object,
  server_url = server.url,
) {
  const credentials = { server_url: `${server_url}/v1/`, api_key: API_KEY, context_size: '4096' };
  return host.request(action, { model, credentials, ...data }).result();
}

const question = { prompt_messages: [{ role: 'user', content: 'hi' }], stream: true };

describe('a second provider on the same runtime', () => {
  test('chats, streamed, with usage', async () => {
    const { stream, error } = await ask('invoke_llm', 'chat', question);
    expect(error).toBeUndefined();
    const chunks = stream as LlmChunk[];
    expect(chunks.map(({ delta }) => delta.message.content).join('')).toContain('general');
    expect(chunks.at(-1)?.delta.usage?.total_tokens).toBeGreaterThan(0);
    expect(chunks.at(-1)?.model).toBe('chat');
  });

  test('hands tool calls on whole', async () => {
    const tools = [{ name: 'get_weather', description: '', parameters: { type: 'object', properties: {} } }];
    const { stream } = await ask('invoke_llm', 'chat-tools', { ...question, tools });
    const { finish_reason, message } = (stream as LlmChunk[]).at(-1)?.delta ?? {};
    expect(finish_reason).toBe('tool_calls');
    expect(message?.tool_calls).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }]);
  });

  test('embeds in whole batches', async () => {
    const texts = Array.from({ length: 100 }, (_, at) => `text ${at}`);
    const before = server.seen('POST /v1/embeddings').length;
    const { stream } = await ask('invoke_text_embedding', 'embedding', { texts, input_type: 'document' });
    const [{ embeddings }] = stream as [{ embeddings: number[][] }];
    expect(embeddings).toHaveLength(100);
    expect(server.seen('POST /v1/embeddings').length - before).toBe(2);
  });

  test('ranks', async () => {
    const docs = ['The harbour was empty.', 'Models run on machines of your own.'];
    const { stream } = await ask('invoke_rerank', 'rerank', {
      query: 'Where do models run?',
      docs,
      top_n: 1,
    });
    const [{ docs: ranked }] = stream as [{ docs: { index: number; text: string }[] }];
    expect(ranked).toHaveLength(1);
    expect(docs[ranked[0]?.index ?? -1]).toBe(ranked[0]?.text);
  });

  test.each([
    ['a model that is there', 'chat', undefined],
    ['a model that is not', 'other', 'The server has no model other. It has: '],
  ])('validates %s', async (_name, model, refusal) => {
    const { stream, error } = await ask('validate_model_credentials', model, { model_type: 'llm' });
    if (refusal === undefined) expect(stream).toMatchObject([{ result: true }]);
    else expect(error?.message).toContain(refusal);
  });

  test('describes a model by its form', async () => {
    const { stream } = await ask('get_ai_model_schemas', 'chat', { model_type: 'llm' });
    expect(stream).toMatchObject([
      {
        model_schema: {
          model_properties: { mode: 'chat', context_size: 4096 },
          features: ['tool-call', {}, {}, {}],
        },
      },
    ]);
  });

  test('says of a dead server where it is and what to try', async () => {
    const { error } = await ask('invoke_llm', 'chat', question, (await refused()).url);
    expect(error).toMatchObject({
      error_type: 'InvokeConnectionError',
      message: expect.stringMatching(/\/v1\/chat\/completions.*Check the server URL/),
    });
  });

  test('refuses what it leaves out', async () => {
    const { error } = await ask('invoke_tts', 'chat', { content_text: 'hi', voice: 'a', tenant_id: 't' });
    expect(error?.message).toBe(
      'The server has no models of the type tts. This plugin serves: llm, text-embedding, rerank.',
    );
  });
});

test('is packaged as any plugin, with its own program and declaration', async () => {
  const out = join(mkdtempSync(join(tmpdir(), 'example-')), 'example.difypkg');
  const { files } = await makePackage(readPlugin(folder), { out });
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining([
      'main.py',
      'manifest.yaml',
      'provider/openai-compatible.yaml',
      'runtime/index.cjs',
    ]),
  );
  const bundle = files.find(({ path }) => path === 'runtime/index.cjs')?.content.toString() ?? '';
  expect(bundle).toContain('OpenAI-compatible server 0.1.0');
  expect(bundle.replaceAll('dify-plugin-xinference', '')).not.toMatch(/xinference/i);
});

test('is at most 150 lines of TypeScript', () => {
  const files = execFileSync('git', ['ls-files', '*.ts'], { cwd: folder, encoding: 'utf8' })
    .trim()
    .split('\n');
  const lines = files.map(file => readFileSync(join(folder, file), 'utf8').trimEnd().split('\n').length);
  expect(files.length).toBeGreaterThan(1);
  expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(150);
});
