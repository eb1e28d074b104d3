import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../../fake/clock.ts';
import { type DeadEnd, refused } from '../../fake/network/connections.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { badGateway, banned, engineFailure, rateLimited, status } from '../../fake/xinference/faults.ts';
import { defaultModels } from '../../fake/xinference/models.ts';
import type { Handler } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const CHAT = 'POST /v1/chat/completions';

let first: FakeXinference;
let second: FakeXinference;
let away: DeadEnd;
let plugin: PluginInProcess;

beforeAll(async () => {
  first = await startFakeXinference({ models: defaultModels, reply: 'from the first' });
  second = await startFakeXinference({ models: defaultModels, reply: 'from the second' });
  away = await refused();
  plugin = await startPlugin();
});
afterEach(() => {
  first.clear();
  second.clear();
});
afterAll(async () => {
  await plugin.close();
  await first.close();
  await second.close();
});

function form(server_url = first.url, rest: object = {}) {
  return { server_url, model_uid: 'chat', max_retries: '0', fallback_url: second.url, ...rest };
}

async function ask(credentials: object, from = plugin) {
  const { stream, error } = await from.host
    .request('invoke_llm', {
      model: 'M',
      prompt_messages: [{ role: 'user', content: 'Hello', name: '' }],
      stream: true,
      credentials,
    })
    .result();
  const chunks = stream as { delta: { message: { content: string } } }[];
  return { text: chunks.map(({ delta }) => delta.message.content).join(''), error };
}

/** All in one piece. */
function inStream(...events: object[]): Handler {
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map(event => `data: ${JSON.stringify(event)}\r\n\r\n`).join(''));
  };
}

describe('issue 20, 11: a second server', () => {
  it('is not asked while the first serves', async () => {
    expect((await ask(form())).text).toBe('from the first');
    expect(second.requests).toEqual([]);
  });

  it.each<[string, Handler]>([
    ['429', rateLimited],
    ['502', badGateway],
    ['503', status(503, { detail: 'Model is loading' })],
    ['504', status(504, 'Gateway Time-out')],
  ])('is asked when the first says %s', async (_code, answer) => {
    first.answer(CHAT, answer);
    expect(await ask(form())).toEqual({ text: 'from the second', error: undefined });
    expect(first.seen(CHAT)).toHaveLength(1);
  });

  it('is asked after the retries at the first', async () => {
    first.answer(CHAT, status(503, { detail: 'x' }, { 'retry-after': '0' }));
    expect((await ask(form(first.url, { max_retries: '2' }))).text).toBe('from the second');
    expect(first.seen(CHAT)).toHaveLength(3);
  });

  it.each<[string, Handler]>([
    ['500', engineFailure],
    ['400', status(400, { detail: 'no' })],
    ['a ban', banned],
  ])('is not asked when the first says %s', async (_code, answer) => {
    first.answer(CHAT, answer);
    expect((await ask(form())).error).toBeDefined();
    expect(second.requests).toEqual([]);
  });

  it('is not asked once an answer has begun', async () => {
    first.answer(CHAT, async (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}\n\n');
      setTimeout(() => response.destroy(), 50);
    });
    const { text, error } = await ask(form());
    expect(text).toBe('Hel');
    expect(error).toBeDefined();
    expect(second.requests).toEqual([]);
  });

  it('is asked when a stream says that there are too many requests, and nothing else', async () => {
    for (const frame of ['429: Rate limit reached for the model.', 'Rate limit reached']) {
      first.answer(CHAT, inStream({ error: frame }));
      expect(await ask(form())).toEqual({ text: 'from the second', error: undefined });
    }
    second.clear();
    const text = { choices: [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }] };
    first.answer(CHAT, inStream(text, { error: 'Rate limit reached' }));
    const { text: said, error } = await ask(form());
    expect([said, error?.error_type]).toEqual(['Hel', 'InvokeRateLimitError']);
    expect(second.requests).toEqual([]);
  });

  it('stands in for one that cannot be reached, with a description of its own, the key and the headers', async () => {
    const rest = { api_key: 'xf-secret-key', headers: '{"X-Tenant": "tenant-a"}' };
    expect((await ask(form(away.url, rest))).text).toBe('from the second');
    expect(second.seen('GET /v1/models/chat')).toHaveLength(1);
    for (const { headers } of second.requests) {
      expect(headers).toMatchObject({ authorization: 'Bearer xf-secret-key', 'x-tenant': 'tenant-a' });
    }
  });

  it('is asked first for 30 s after that', async () => {
    const clock = new FakeClock();
    await using own = await startPlugin({ clock });
    const gone = await startFakeXinference({ models: defaultModels });
    const credentials = form(gone.url);
    await gone.close();
    expect((await ask(credentials, own)).text).toBe('from the second');
    second.clear();
    const tries = async () => {
      const before = performance.now();
      await ask(credentials, own);
      return performance.now() - before;
    };
    await tries();
    expect(second.seen(CHAT)).toHaveLength(1);
    clock.advance(30_001);
    expect((await ask(credentials, own)).text).toBe('from the second');
  });

  it('serves validation and schemas', async () => {
    const request = (action: string) =>
      plugin.host.request(action, { model: 'M', model_type: 'llm', credentials: form(away.url) }).result();
    expect((await request('validate_model_credentials')).error).toBeUndefined();
    expect((await request('get_ai_model_schemas')).error).toBeUndefined();
  });

  it('tells the voices of a model', async () => {
    const voices = async (server_url: string) => {
      const asked = { model: 'M', model_type: 'tts', credentials: form(server_url, { model_uid: 'tts' }) };
      return (await plugin.host.request('get_tts_model_voices', asked).result()).stream;
    };
    expect(await voices(away.url)).toEqual(await voices(first.url));
    expect(second.seen('GET /v1/models/tts')).toHaveLength(1);
  });

  it.each<[string, RegExp]>([
    ['192.168.1.10:9997', /URL in the field "Second server".*http:\/\//],
    ['ftp://host', /URL in the field "Second server" must begin with/],
  ])('%s is no server', async (fallback_url, message) => {
    expect((await ask(form(first.url, { fallback_url }))).error?.message).toMatch(message);
  });

  it('is not the first once more', async () => {
    const { error } = await ask(form(first.url, { fallback_url: `${first.url}/v1/` }));
    expect(error?.message).toMatch(/"Second server" names the first server once more/);
  });
});
