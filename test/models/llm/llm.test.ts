import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { HostSession } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { chatAnswer } from '../../fake/xinference/endpoints/chat-answer.ts';
import { forbidden, status, unauthorized, unavailable } from '../../fake/xinference/faults.ts';
import { defaultModels, llm } from '../../fake/xinference/models.ts';
import { sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { type Answered, ask, bodies, CHAT, credentials, stream } from './invoke.ts';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeEach(async () => {
  const transformers = llm('transformers', {
    model_engine: 'Transformers',
    model_ability: ['chat', 'tools'],
  });
  const own = llm('own', { model_name: 'our-assistant', model_family: 'qwen3' });
  server = await startFakeXinference({
    models: [...defaultModels, transformers, own],
    reply: 'Hello there.',
  });
  plugin = await startPlugin({ logLevel: 'error' });
});

afterEach(async () => {
  await plugin.close();
  await server.close();
});

const tools = [{ name: 'get_weather', description: '', parameters: null }];

function invoke(uid: string, data: object = {}, form: object = {}): Promise<Answered> {
  return ask(plugin.host, server, uid, { ...data }, form);
}

function request(action: string, data: object, uid = 'chat', form: object = {}): HostSession {
  return plugin.host.request(action, { model: 'M', credentials: credentials(server, uid, form), ...data });
}

describe('one question', () => {
  test('streamed: text as it comes, then the end', async () => {
    const { chunks, text, last } = await invoke('chat');
    expect(text).toBe('Hello there.');
    expect(chunks.length).toBeGreaterThan(1);
    expect(last).toMatchObject({ message: { content: '' }, finish_reason: 'stop' });
    expect(bodies(server)).toMatchObject([{ model: 'chat', stream: true }]);
  });

  test('whole: one message', async () => {
    const { chunks, text, last } = await invoke('chat', { stream: false });
    expect(chunks).toHaveLength(1);
    expect(text).toBe('Hello there.');
    expect(last).toMatchObject({ finish_reason: 'stop', usage: { completion_tokens: 3 } });
    expect(bodies(server)).toMatchObject([{ stream: false }]);
  });

  test('streamed, and answered whole by what does not know streams', async () => {
    server.answer(CHAT, (_request, response) =>
      sendJson(response, 200, {
        choices: [
          { index: 0, message: { role: 'assistant', content: 'All at once.' }, finish_reason: 'length' },
        ],
        usage: { prompt_tokens: 5, completion_tokens: 4, total_tokens: 9 },
      }),
    );
    const { text, last, error } = await invoke('chat');
    expect(error).toBeUndefined();
    expect(text).toBe('All at once.');
    expect(last).toMatchObject({ finish_reason: 'length', usage: { completion_tokens: 4 } });
  });

  test('streamed, and answered whole by an error', async () => {
    server.answer(CHAT, (_request, response) => sendJson(response, 200, { error: 'The model is broken.' }));
    expect((await invoke('chat')).error?.message).toContain('The model is broken.');
  });

  test('half a character, on which the server would fail, goes out as a replacement', async () => {
    const cut = 'Hi \ud83d';
    const prompt_messages = [{ role: 'user', content: cut, name: '' }];
    await invoke('chat-tools', {
      prompt_messages,
      tools: [{ name: 'f', description: cut, parameters: null }],
      stop: [cut],
    });
    expect(bodies(server)).toMatchObject([
      {
        messages: [{ content: 'Hi \ufffd' }],
        tools: [{ function: { description: 'Hi \ufffd' } }],
        stop: ['Hi \ufffd'],
      },
    ]);
    await invoke('completion', { prompt_messages });
    expect(server.seen('POST /v1/completions')[0]?.body).toMatchObject({ prompt: 'Hi \ufffd' });
  });

  test('a completion model is asked by its own path', async () => {
    expect((await invoke('completion')).text).toBe('Hello there.');
    expect(server.seen('POST /v1/completions')[0]?.body).toMatchObject({ prompt: 'Hello', stream: true });
    expect(bodies(server)).toEqual([]);
  });

  test('a text longer than a line is split', async () => {
    await using small = await startPlugin({ maxLineBytes: 2_000 });
    server.answer(CHAT, chatAnswer({ content: '文'.repeat(3_000) }));
    for (const whole of [true, false]) {
      const { text, chunks } = await ask(small.host, server, 'chat', { stream: !whole });
      expect(text).toBe('文'.repeat(3_000));
      expect(chunks.length).toBeGreaterThan(5);
    }
  });

  test('[DONE] alone is an empty answer, and the end even if the server leaves the connection open', async () => {
    server.answer(CHAT, stream(['[DONE]'], { hangs: true }));
    const { text, last, error } = await invoke('chat');
    expect(error).toBeUndefined();
    expect({ text, finish: last?.finish_reason }).toEqual({ text: '', finish: 'stop' });
  });
});

describe('calls', () => {
  test('of a stream come whole in its last message', async () => {
    const { chunks, last } = await invoke('chat-tools', { tools });
    expect(chunks.slice(0, -1).every(({ delta }) => delta.message.tool_calls.length === 0)).toBe(true);
    expect(last).toMatchObject({
      message: { content: '', tool_calls: [{ type: 'function', function: { name: 'get_weather' } }] },
      finish_reason: 'tool_calls',
    });
  });

  test('of Transformers, which leaves them in a streamed text, are asked for without streaming', async () => {
    const { chunks, last } = await invoke('transformers', { tools });
    expect(chunks).toHaveLength(1);
    expect(last?.message.tool_calls).toHaveLength(1);
    expect(bodies(server)).toMatchObject([{ stream: false, tools: [{}] }]);
    await invoke('transformers');
    expect(bodies(server)).toMatchObject([{}, { stream: true }]);
  });
});

test('a first token timeout says that the answer may come in one piece', async () => {
  server.answer(CHAT, stream([], { hangs: true }));
  const { error } = await invoke('transformers', { tools, first_token_timeout: 0.3 });
  expect(error).toMatchObject({ error_type: 'FirstTokenTimeoutError' });
  expect(error?.message).toContain('with tools some models answer in one piece');
});

describe('what is known of the model', () => {
  test('a warm invoke is exactly one request', async () => {
    await invoke('chat');
    expect(server.requests.map(request => request.route)).toEqual(['GET /v1/models/chat', CHAT]);
    server.clear();
    await Promise.all([invoke('chat'), invoke('chat', { stream: false })]);
    expect(server.requests.map(request => request.route)).toEqual([CHAT, CHAT]);
  });

  test.each([
    ['400', status(400, { detail: 'no' })],
    ['500', status(500, { detail: 'no' })],
    ['503', unavailable],
    ['403', forbidden],
  ])(
    'cannot be had (%s): what the user asked for goes out, and the server judges',
    async (_status, handler) => {
      server.answer('GET /v1/models/chat-tools', handler);
      const image = { type: 'image', url: 'https://x/y.png', base64_data: '', mime_type: '', format: 'png' };
      const { last } = await invoke('chat-tools', {
        tools,
        prompt_messages: [{ role: 'user', content: [image] }],
      });
      expect(last?.message.tool_calls).toHaveLength(1);
      expect(bodies(server)).toMatchObject([
        { tools: [{}], messages: [{ content: [{ image_url: { url: 'https://x/y.png' } }] }] },
      ]);
    },
  );

  test('a key that is refused is not tried again', async () => {
    server.answer('GET /v1/models/chat', unauthorized);
    expect((await invoke('chat')).error).toMatchObject({ error_type: 'InvokeAuthorizationError' });
    expect(server.requests).toHaveLength(1);
  });

  test('a model of another type is not asked', async () => {
    const { error } = await invoke('embedding');
    expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(error?.message).toContain('of the type embedding');
    expect(bodies(server)).toEqual([]);
  });
});

describe('the other actions', () => {
  const prompt_messages = [{ role: 'user', content: '你好，世界。'.repeat(50), name: '' }];

  async function count(messages: unknown = prompt_messages, uid = 'chat'): Promise<number> {
    const session = request('get_llm_num_tokens', { prompt_messages: messages }, uid);
    return ((await session.result()).stream[0] as { num_tokens: number }).num_tokens;
  }

  test('tokens are counted without a request', async () => {
    expect(await count()).toBeGreaterThan(200);
    expect(await count(null)).toBe(0);
    expect(server.requests).toEqual([]);
  });

  test('issue 20, 9: a model with a name of its own is estimated by its family', async () => {
    const unknown = await count(prompt_messages, 'own');
    await invoke('own');
    expect(await count(prompt_messages, 'own')).toBeLessThan(0.8 * unknown); // Qwen's tokens of Chinese are few
  });

  test('the server’s count of a prompt makes the next estimate better', async () => {
    await invoke('chat');
    const before = await count();
    const usage = { prompt_tokens: 2 * before, completion_tokens: 1, total_tokens: 2 * before + 1 };
    server.answer(CHAT, chatAnswer({ content: 'x', usage }));
    await invoke('chat', { prompt_messages });
    expect(await count()).toBeGreaterThan(1.1 * before);
  });

  test('a schema is made from the server’s description and the form', async () => {
    const session = request('get_ai_model_schemas', {}, 'chat-hybrid', { context_size: '4096' });
    expect((await session.result()).stream).toMatchObject([
      {
        model_schema: {
          model: 'M',
          model_properties: { mode: 'chat', context_size: 4096 },
          features: [
            'tool-call',
            'multi-tool-call',
            'stream-tool-call',
            'agent-thought',
            'structured-output',
          ],
        },
      },
    ]);
  });

  test('credentials are checked with the fields of the form', async () => {
    const validate = (form: object, uid = 'chat') =>
      request('validate_model_credentials', {}, uid, form).result();
    expect((await validate({ tool_calling: 'on' })).stream).toMatchObject([{ result: true }]);
    expect((await validate({ context_size: 'big' })).error).toMatchObject({
      error_type: 'CredentialsValidateFailedError',
      message: expect.stringContaining('Context size'),
    });
    expect((await validate({}, 'rerank')).error?.message).toContain('of the type rerank');
  });
});

describe('in the place of a stream (issue 16, point 2)', () => {
  const wholeAnswer = (content: string, parts: number) => ({
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
    parts: Array.from({ length: parts }, () => []),
  });

  test('a whole answer is bounded as one', async () => {
    const content = 'a word '.repeat(1_300_000);
    server.answer(CHAT, (_request, response) => sendJson(response, 200, wholeAnswer(content, 20_000)));
    const { text, error } = await invoke('chat');
    expect(error).toBeUndefined();
    expect(text.length).toBe(content.length);
    expect(text === content).toBe(true);
  });

  test.each([
    ['lists', wholeAnswer('', 50_000)],
    ['bytes', wholeAnswer('a word '.repeat(2_600_000), 0)],
  ])('one with more %s than that is an error', async (_what, answer) => {
    server.answer(CHAT, (_request, response) => sendJson(response, 200, answer));
    const { error } = await invoke('chat');
    expect(error?.message).toMatch(/more than (?:40,000 lists and objects|16 MiB)/);
  });
});
