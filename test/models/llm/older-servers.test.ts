import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelSchema } from '../../../src/dify/index.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { llm } from '../../fake/xinference/models.ts';
import { startOlderServer } from '../../fake/xinference/recordings/older-server.ts';
import { olderVersions, recording } from '../../fake/xinference/recordings/recordings.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { ask, bodies, CHAT, credentials } from './invoke.ts';
import { hello, paris, tokyo } from './recorded/table.ts';

/** Recorded answers of real servers before 4.1.0, through the whole plugin. */
let server: FakeXinference;
let plugin: PluginInProcess;

beforeEach(async () => {
  plugin = await startPlugin({ logLevel: 'error' });
});
afterEach(async () => {
  await plugin.close();
  await server.close();
});

const tools = [{ name: 'get_weather', description: '', parameters: null }];
const saying = (content: string) => ({ prompt_messages: [{ role: 'user', content }], tools });

async function calls(uid: string, content: string) {
  const { error, text, last } = await ask(plugin.host, server, uid, saying(content));
  expect(error).toBeUndefined();
  const listed = last?.message.tool_calls ?? [];
  return {
    text,
    finish: last?.finish_reason,
    calls: listed.map(call => `${call.function.name} ${call.function.arguments}`),
    ids: new Set(listed.map(({ id }) => id)).size,
  };
}

const models = {
  '1.5.1': ['tiny-llm'],
  '1.17.1': ['tiny-llm', 'tiny-gguf'],
  '2.12.0': ['tiny-llm', 'tiny-gguf'],
  '3.2.1': ['tiny-llm', 'tiny-gguf'],
} as const;

describe.each(olderVersions)('%s', version => {
  beforeEach(async () => {
    server = await startOlderServer(version);
  });

  test.each(models[version])('%s: a streamed answer', async uid => {
    const { text, last } = await ask(plugin.host, server, uid);
    expect(text).toBe(hello);
    expect(last).toMatchObject({
      finish_reason: 'stop',
      usage: { prompt_tokens: 29, completion_tokens: 17 },
    });
  });

  test('Transformers: tools are asked for without streaming, and come as calls', async () => {
    expect(await calls('tiny-llm', 'What is the weather?')).toEqual({
      text: '',
      finish: 'tool_calls',
      calls: [paris],
      ids: 1,
    });
    expect(bodies(server).map(body => body['stream'])).toEqual([false]);
  });

  test('Transformers: two calls have an id each', async () => {
    const { text, ...rest } = await calls('tiny-llm', 'Please do both');
    expect(text.trim()).toMatch(/^(I will check both\.)?$/);
    expect(rest).toEqual({ finish: 'tool_calls', calls: [paris, tokyo], ids: 2 });
  });
});

describe.each(['2.12.0', '3.2.1'] as const)('%s, llama.cpp', version => {
  test('tools are streamed', async () => {
    server = await startOlderServer(version);
    const found = await calls('tiny-gguf', 'Please do both');
    expect(found).toMatchObject({ finish: 'tool_calls', calls: [paris, tokyo], ids: 2 });
    expect(bodies(server).map(body => body['stream'])).toEqual([true]);
  });
});

describe('a 400 to streams with tools, before 2.2.0', () => {
  test('1.17.1, llama.cpp: is asked once more without, and then never again', async () => {
    server = await startOlderServer('1.17.1');
    for (let round = 0; round < 2; round++) {
      const { error } = await ask(plugin.host, server, 'tiny-gguf', saying('What is the weather?'));
      expect(error?.message).toContain('Xinference before 2.7.0 fails so with tools on llama.cpp');
    }
    expect(bodies(server).map(body => body['stream'])).toEqual([true, false, false]);
  });

  test('an engine that answers whole: the call comes, and what has no tools is streamed on', async () => {
    server = await startFakeXinference({ models: [llm('chat', { model_ability: ['chat', 'tools'] })] });
    server.replay(recording('1.17.1/chat-transformers-stream-tools'));
    server.replay(recording('1.17.1/chat-transformers-tools'));
    expect(await calls('chat', 'What is the weather?')).toMatchObject({ calls: [paris] });
    server.replay(recording('1.17.1/chat-transformers-tools'));
    expect(await calls('chat', 'What is the weather?')).toMatchObject({ calls: [paris] });
    await ask(plugin.host, server, 'chat');
    expect(bodies(server).map(body => body['stream'])).toEqual([true, false, false, true]);
  });

  test.each([
    ['about something else', { detail: 'Invalid input. Please specify the prompt.' }],
    ['about tools alone', { detail: "Only {'glm4-chat'} support tool calls" }],
  ])('%s is the answer', async (_what, body) => {
    server = await startFakeXinference({ models: [llm('chat', { model_ability: ['chat', 'tools'] })] });
    server.answer(CHAT, (_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const { error } = await ask(plugin.host, server, 'chat', saying('Hello'));
    expect(error?.error_type).toBe('InvokeBadRequestError');
    expect(bodies(server)).toHaveLength(1);
  });
});

test('1.17.1, llama.cpp: a conversation that is too long says so', async () => {
  server = await startOlderServer('1.17.1');
  for (const [name, stream] of [
    ['stream-too-long', true],
    ['too-long', false],
  ] as const) {
    server.clear();
    server.replay(recording(`1.17.1/chat-llamacpp-${name}`));
    const { error } = await ask(plugin.host, server, 'tiny-gguf', { stream });
    expect(error?.message).toContain(
      'a conversation that is longer than the context llama.cpp was launched with',
    );
  }
});

test.each([
  ['1.17.1', 'tiny-llm', false],
  ['1.17.1', 'tiny-gguf', true],
  ['2.12.0', 'tiny-llm', false],
  ['2.12.0', 'tiny-gguf', true],
  ['3.2.1', 'tiny-llm', false],
  ['3.2.1', 'tiny-gguf', true],
] as const)('%s: structured output of %s is offered: %s', async (version, uid, offered) => {
  server = await startOlderServer(version);
  const request = { model: 'M', model_type: 'llm', credentials: credentials(server, uid) };
  const [schema] = (await plugin.host.request('get_ai_model_schemas', request).result()).stream as {
    model_schema: ModelSchema;
  }[];
  expect(schema?.model_schema.features.includes('structured-output')).toBe(offered);
  expect(schema?.model_schema.parameter_rules.some(({ name }) => name === 'json_schema')).toBe(offered);
});
