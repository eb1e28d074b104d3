/** What users of the Python provider complained about, as tests: each names the complaint and an issue of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ModelSchema } from '../../../src/dify/protocol/results.schemas.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { chatAnswer } from '../../fake/xinference/endpoints/chat-answer.ts';
import { defaultModels, llm } from '../../fake/xinference/models.ts';
import { recording } from '../../fake/xinference/recordings/recordings.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { chunk, stop } from '../openai/chunks.ts';
import { type Answered, ask, bodies, CHAT, credentials, stream } from './invoke.ts';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeEach(async () => {
  const omni = llm('omni', { model_name: 'qwen2.5-omni', model_ability: ['chat', 'omni'] });
  server = await startFakeXinference({ models: [...defaultModels, omni] });
  plugin = await startPlugin({ logLevel: 'error' });
});

afterEach(async () => {
  await plugin.close();
  await server.close();
});

function invoke(uid: string, data: object = {}, form: object = {}): Promise<Answered> {
  return ask(plugin.host, server, uid, { ...data }, form);
}

async function schema(uid: string, form: object = {}): Promise<ModelSchema> {
  const session = plugin.host.request('get_ai_model_schemas', {
    model: 'M',
    credentials: credentials(server, uid, form),
  });
  return ((await session.result()).stream[0] as { model_schema: ModelSchema }).model_schema;
}

const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};

describe('2. thinking is lost or cannot be switched (X#3717, X#4339, P#777)', () => {
  test.each(['reasoning_content', 'reasoning'])('thoughts that come as %s are shown, folded', async field => {
    server.answer(
      CHAT,
      stream([
        chunk({ [field]: 'Hm', content: null }),
        chunk({}),
        chunk({ [field]: '.' }),
        chunk({ content: 'A' }),
        stop,
      ]),
    );
    expect((await invoke('chat-reasoning')).text).toBe('<think>\nHm.\n</think>A');
  });

  test('a block is closed before a call, and at the end', async () => {
    const call = { index: 0, id: 'a', function: { name: 'get_weather', arguments: '{}' } };
    server.answer(
      CHAT,
      stream([chunk({ reasoning_content: 'Hm' }), chunk({ tool_calls: [call] }, 'tool_calls')]),
    );
    expect((await invoke('chat-hybrid', { tools: [weather] })).text).toBe('<think>\nHm\n</think>');
    server.answer(CHAT, stream([chunk({ reasoning_content: 'Hm' }), chunk({}, 'length')]));
    expect((await invoke('chat-hybrid')).text).toBe('<think>\nHm\n</think>');
  });

  test('an empty block, which breaks the rendering, is dropped', async () => {
    server.answer(
      CHAT,
      stream([chunk({ content: '<think>\n\n' }), chunk({ content: '</think>\n\nA' }), stop]),
    );
    expect((await invoke('chat-hybrid')).text).toBe('A');
  });

  test('an opening tag that is missing is mended (X#4816)', async () => {
    server.replay(recording('vllm-qwen-reasoning-no-start-inline'));
    expect((await invoke('chat-hybrid', { stream: false })).text).toBe(
      '<think>\nI need the weather.\n</think>\n\nIt is sunny.',
    );
  });

  test('every thought is taken out of the history, not only the first', async () => {
    const content = '<think>a</think>One <think>b</think>two';
    await invoke('chat', {
      prompt_messages: [
        { role: 'assistant', content },
        { role: 'user', content: 'Go on' },
      ],
    });
    expect(bodies(server)).toMatchObject([{ messages: [{ content: 'One two' }, { content: 'Go on' }] }]);
  });

  test('a hybrid model has the switch, and it reaches the server', async () => {
    expect((await schema('chat-hybrid')).parameter_rules.map(rule => rule.name)).toContain('enable_thinking');
    expect((await schema('chat-hybrid')).features).toContain('agent-thought');
    for (const enable_thinking of [true, false]) {
      await invoke('chat-hybrid', { model_parameters: { enable_thinking } });
      expect(bodies(server).at(-1)).toMatchObject({ enable_thinking });
    }
  });

  test('a budget or whatever else a model takes passes through', async () => {
    const extra_body = '{"chat_template_kwargs": {"thinking_budget": 64}}';
    await invoke('chat-hybrid', { model_parameters: { extra_body, reasoning_effort: 'low' } });
    expect(bodies(server)).toMatchObject([
      { chat_template_kwargs: { thinking_budget: 64 }, reasoning_effort: 'low' },
    ]);
  });

  test('issue 20: extra_body of the form goes into each request, below that of the parameters', async () => {
    const form = { advanced: '{"extra_body": {"a": 1, "b": 1, "chat_template_kwargs": {"c": 1}}}' };
    await invoke(
      'chat',
      { model_parameters: { extra_body: '{"b": 2, "chat_template_kwargs": {"d": 2}}' } },
      form,
    );
    expect(bodies(server)).toMatchObject([{ a: 1, b: 2, chat_template_kwargs: { c: 1, d: 2 } }]);
  });
});

describe('thoughts come in other marks, and Dify knows <think> alone', () => {
  test.each<[string, string[], string]>([
    ['gpt-oss', ['analysis', 'Hm.assistant', 'finalA'], 'A'],
    ['gemma', ['<|channel>thought\nHm.', '<channel|>A'], 'A'],
    ['MiniMax', ['<mm:think>Hm.</mm:', 'think>A'], 'A'],
  ])('of %s', async (_family, pieces, answer) => {
    server.answer(CHAT, stream([...pieces.map(content => chunk({ content })), stop]));
    expect((await invoke('chat')).text).toBe(`<think>\nHm.\n</think>${answer}`);
    expect((await invoke('chat', {}, { thinking: 'off' })).text).toBe(answer);
    const model_parameters = { json_schema: '{"type":"object"}' };
    expect((await invoke('chat', { model_parameters })).text).toBe(answer);
  });
});

describe('3. tool calls do not stream, lose arguments, fail in the second round (P#902, X#3759, P#586)', () => {
  test('the schema says that they stream, so that no agent turns streaming off (P#640)', async () => {
    expect((await schema('chat-tools')).features).toEqual(
      expect.arrayContaining(['tool-call', 'multi-tool-call', 'stream-tool-call']),
    );
  });

  test('a call whose pieces come in chunks without text keeps all its arguments', async () => {
    server.replay(recording('chat-llamacpp-stream-tools-two'));
    const { last, text } = await invoke('chat-tools', { tools: [weather] });
    expect(text).toBe('I will check both.\n');
    expect(last?.message.tool_calls.map(call => call.function)).toEqual([
      { name: 'get_weather', arguments: '{"city": "Paris"}' },
      { name: 'get_time', arguments: '{"city": "Tokyo"}' },
    ]);
  });

  test('calls without index, with a late name, from index 1 on', async () => {
    const deltas = [
      [{ index: 1, id: 'a', function: { arguments: '{"city":' } }],
      [{ index: 1, function: { name: 'get_weather', arguments: '"Paris"}' } }],
      [{ id: 'b', function: { name: 'get_weather', arguments: '' } }],
    ];
    server.answer(CHAT, stream([...deltas.map(tool_calls => chunk({ tool_calls })), stop]));
    const { last } = await invoke('chat-tools', { tools: [weather] });
    expect(last).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [
          { id: 'a', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
          { id: 'b', function: { name: 'get_weather', arguments: '{}' } },
        ],
      },
    });
  });

  test('in the second round every call has its id, every result its name (X#2477)', async () => {
    const calls = ['a', 'b'].map(id => ({
      id,
      type: 'function',
      function: { name: `get_${id}`, arguments: '{"x":1}' },
    }));
    const results = ['a', 'b'].map(id => ({
      role: 'tool',
      content: `result ${id}`,
      name: `get_${id}`,
      tool_call_id: id,
    }));
    const question = { role: 'user', content: 'Hello', name: '' };
    await invoke('chat-tools', {
      tools: [weather],
      prompt_messages: [question, { role: 'assistant', content: '', tool_calls: calls }, ...results],
    });
    expect(bodies(server)[0]?.['messages']).toEqual([
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: '', tool_calls: calls },
      ...results,
    ]);
  });

  test('tool_choice reaches the server', async () => {
    await invoke('chat-tools', { tools: [weather], tool_choice: { mode: 'tool', name: 'get_weather' } });
    expect(bodies(server)).toMatchObject([
      { tool_choice: { type: 'function', function: { name: 'get_weather' } } },
    ]);
  });

  test('an answer of calls alone, whose content is null, is no crash (P#679)', async () => {
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'get_weather', arguments: '{}' } }];
    const choices = [
      { index: 0, message: { role: 'assistant', content: null, tool_calls }, finish_reason: 'tool_calls' },
    ];
    server.answer(CHAT, (_request, response) => void response.end(JSON.stringify({ choices })));
    const { last } = await invoke('chat-tools', { tools: [weather], stream: false });
    expect(last?.message).toMatchObject({ content: '', tool_calls });
  });
});

describe('8. context and max_tokens are stuck at 2048 and 512 (D#2368, X#3466)', () => {
  test('the context is what the server says, or what the form says', async () => {
    expect((await schema('chat')).model_properties).toMatchObject({ context_size: 32768 });
    expect((await schema('chat', { context_size: '131072' })).model_properties).toMatchObject({
      context_size: 131072,
    });
    const rule = (await schema('chat')).parameter_rules.find(({ name }) => name === 'max_tokens');
    expect(rule).toMatchObject({ max: 32768, default: 2048, required: false });
  });

  test('no parameter goes out that nobody set', async () => {
    await invoke('chat', { stream: false });
    expect(Object.keys(bodies(server)[0] ?? {}).sort()).toEqual(['messages', 'model', 'stream']);
  });

  test('a temperature of 0, or above 1, is not clamped', async () => {
    for (const temperature of [0, 1.7]) {
      await invoke('chat', { model_parameters: { temperature } });
      expect(bodies(server).at(-1)).toMatchObject({ temperature });
    }
  });
});

describe('10. the token usage is wrong or 0 (D#31985, D#16627, D#7707)', () => {
  test('a stream is asked for its usage, and what the server counted is what Dify shows', async () => {
    const usage = { prompt_tokens: 1234, completion_tokens: 56, total_tokens: 1290 };
    for (const streamed of [true, false]) {
      server.answer(CHAT, chatAnswer({ content: 'Hello', usage }), { times: 1 });
      const { last } = await invoke('chat', { stream: streamed });
      expect(last?.usage).toMatchObject(usage);
    }
    expect(bodies(server)[0]).toMatchObject({ stream_options: { include_usage: true } });
  });

  test('where a server does not count, nothing is 0: neither words nor pictures', async () => {
    const usage = { prompt_tokens: -1, completion_tokens: -1, total_tokens: -1 };
    server.answer(CHAT, chatAnswer({ content: 'Hello there.', usage }));
    const image = { type: 'image', url: 'https://x/y.png', base64_data: '', mime_type: '', format: 'png' };
    const content = [{ type: 'text', data: 'What is this?' }, image];
    const { last } = await invoke('chat-vision', { prompt_messages: [{ role: 'user', content }] });
    expect(last?.usage?.prompt_tokens).toBeGreaterThan(500);
    expect(last?.usage?.completion_tokens).toBeGreaterThan(1);
  });

  test('a prompt that speaks of special tokens is counted like any other', async () => {
    const usage = { prompt_tokens: -1, completion_tokens: -1, total_tokens: -1 };
    server.answer(CHAT, chatAnswer({ content: '<|endoftext|>', usage }));
    const { last, error } = await invoke('chat', {
      prompt_messages: [{ role: 'user', content: 'Say <|endoftext|>' }],
    });
    expect(error).toBeUndefined();
    expect(last?.usage?.prompt_tokens).toBeGreaterThan(3);
  });
});

describe('11. pictures, sound and video are lost (P#2464, D#4094)', () => {
  const part = (type: string, mime_type: string) => ({
    type,
    mime_type,
    base64_data: 'aGk=',
    url: '',
    filename: 'x',
  });

  test('the schema says what the model takes', async () => {
    expect((await schema('chat-vision')).features).toContain('vision');
    expect((await schema('omni')).features).toEqual(expect.arrayContaining(['vision', 'audio', 'video']));
    expect((await schema('chat')).features).not.toContain('vision');
  });

  test('every kind of part goes out', async () => {
    const content = [
      { type: 'text', data: 'Compare.' },
      part('image', 'image/png'),
      part('audio', 'audio/wav'),
      part('video', 'video/mp4'),
    ];
    await invoke('omni', { prompt_messages: [{ role: 'user', content }] });
    expect(bodies(server)[0]?.['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Compare.' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'audio_url', audio_url: { url: 'data:audio/wav;base64,aGk=' } },
          { type: 'video_url', video_url: { url: 'data:video/mp4;base64,aGk=' } },
        ],
      },
    ]);
  });

  test.each(['image', 'audio', 'video', 'document'])(
    'a model that cannot take %s says so, and is not asked',
    async type => {
      const content = [{ type: 'text', data: 'Look.' }, part(type, `${type}/x`)];
      const { error } = await invoke('chat', { prompt_messages: [{ role: 'user', content }] });
      expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
      expect(error?.message).toMatch(new RegExp(`chat cannot take the part ${type} "x"`));
      expect(bodies(server)).toEqual([]);
    },
  );

  test('a model that the server describes wrongly can be told to see', async () => {
    const content = [part('image', 'image/png')];
    const { error } = await invoke(
      'chat',
      { prompt_messages: [{ role: 'user', content }] },
      { vision: 'on' },
    );
    expect(error).toBeUndefined();
  });
});

describe('12. there is no structured output (X#3697, P#577)', () => {
  const place = {
    name: 'place',
    schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  };

  test('the schema has the feature and both parameters', async () => {
    const { features, parameter_rules } = await schema('chat');
    expect(features).toContain('structured-output');
    const format = parameter_rules.find(({ name }) => name === 'response_format');
    expect(format?.options).toContain('json_schema');
    expect(parameter_rules.map(({ name }) => name)).toContain('json_schema');
  });

  test('Dify’s schema, a text within the parameters, becomes what the server takes', async () => {
    const model_parameters = { response_format: 'json_schema', json_schema: JSON.stringify(place) };
    const { text } = await invoke('chat', { model_parameters });
    expect(bodies(server)).toMatchObject([{ response_format: { type: 'json_schema', json_schema: place } }]);
    expect(JSON.parse(text)).toHaveProperty('city');
  });
});

describe('15. every call waits for others first (D#19727)', () => {
  test('with the model known, the first request that leaves is the question', async () => {
    await invoke('chat');
    server.clear();
    await invoke('chat');
    expect(server.requests.map(request => request.route)).toEqual([CHAT]);
  });

  test('many at once share one description', async () => {
    await Promise.all(Array.from({ length: 10 }, () => invoke('chat')));
    expect(server.seen('GET /v1/models/chat')).toHaveLength(1);
    expect(server.requests).toHaveLength(11);
  });
});
