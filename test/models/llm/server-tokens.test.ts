import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { status } from '../../fake/xinference/faults.ts';
import { llm } from '../../fake/xinference/models.ts';
import type { Handler } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const COUNT = 'POST /anthropic/v1/messages/count_tokens';
const advanced = '{"token_count": "server"}';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(uid => llm(uid)),
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

const hello = [{ role: 'user', content: 'Hello', name: '' }];

async function count(model_uid: string, form: object, rest: object = {}): Promise<number> {
  const credentials = { server_url: server.url, model_uid, max_retries: '3', ...form };
  const { stream, error } = await plugin.host
    .request('get_llm_num_tokens', { model: 'M', credentials, prompt_messages: hello, ...rest })
    .result();
  expect(error).toBeUndefined();
  return (stream[0] as { num_tokens: number }).num_tokens;
}

const counted: Handler = status(200, { input_tokens: 4711 });
const bodies = () => server.seen(COUNT).map(({ body }) => body);

describe('issue 20, 9: exact token counts', () => {
  it('come from the server where the form wants them', async () => {
    server.answer(COUNT, counted);
    const messages = [
      { role: 'developer', content: 'Be kind', name: '' },
      { role: 'user', content: [{ type: 'text', data: 'Weather?' }], name: '' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ id: 'x', type: 'function', function: { name: 'get', arguments: '{"city": "Rome"}' } }],
      },
      { role: 'tool', content: 'Sunny', tool_call_id: 'x', name: 'get' },
    ];
    const tools = [{ name: 'get', description: 'Weather', parameters: { type: 'object', properties: {} } }];
    expect(await count('a', { advanced }, { prompt_messages: messages, tools })).toBe(4711);
    expect(bodies()).toEqual([
      {
        model: 'a',
        messages: [
          { role: 'system', content: 'Be kind' },
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: [{ type: 'tool_use', id: 'x', name: 'get', input: { city: 'Rome' } }],
          },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: 'Sunny' }] },
        ],
        tools: tools.map(tool => ({ type: 'function', function: tool })),
      },
    ]);
  });

  it.each([{}, { advanced: '{"token_count": "estimate"}' }])(
    'are estimates else, and cost no request (%j)',
    async form => {
      server.answer(COUNT, counted);
      expect(await count('a', form)).toBeLessThan(100);
      expect(server.requests).toEqual([]);
    },
  );

  it('are estimates where the server does not count, and it is not asked again', async () => {
    server.answer(
      COUNT,
      status(501, { type: 'error', error: { message: 'does not expose token counting' } }),
    );
    for (let time = 0; time < 3; time++) expect(await count('b', { advanced })).toBeLessThan(100);
    expect(server.seen(COUNT)).toHaveLength(1);
  });

  it.each<[string, Handler]>([
    ['c', status(404, { detail: 'Not Found' })],
    ['d', status(200, { tokens: 3 })],
    ['e', status(503, { detail: 'loading' })],
  ])('are estimates after any other trouble (%s)', async (uid, answer) => {
    server.answer(COUNT, answer);
    expect(await count(uid, { advanced })).toBeLessThan(100);
    expect(server.seen(COUNT)).toHaveLength(1);
  });

  it('come from the server again after one prompt that it refuses', async () => {
    server.answer(COUNT, status(400, { type: 'error', error: { message: 'Please specify the prompt' } }));
    expect(await count('f', { advanced })).toBeLessThan(100);
    server.answer(COUNT, counted);
    expect(await count('f', { advanced })).toBe(4711);
  });

  it('come from the server once the key is right', async () => {
    server.answer(COUNT, status(401, { detail: 'Not authenticated' }));
    for (let time = 0; time < 2; time++) await count('h', { advanced, api_key: 'wrong-key' });
    expect(server.seen(COUNT)).toHaveLength(1);
    server.answer(COUNT, counted);
    expect(await count('h', { advanced, api_key: 'right-key' })).toBe(4711);
  });

  it('are estimates for a while after a server has said nothing', async () => {
    server.answer(COUNT, () => {});
    const form = { advanced, invoke_timeout: '0.2' };
    for (let time = 0; time < 3; time++) expect(await count('g', form)).toBeLessThan(100);
    expect(server.seen(COUNT)).toHaveLength(1);
  });
});
