import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { status } from '../../fake/xinference/faults.ts';
import { defaultModels } from '../../fake/xinference/models.ts';
import { type Handler, sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const EMBED = 'POST /v1/embeddings';
const CHAT = 'POST /v1/chat/completions';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({ models: defaultModels });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

/** Embeds slowly, and counts how many requests are open. */
function counting(answer?: Handler) {
  const seen = { open: 0, most: 0, texts: [] as string[] };
  const handler: Handler = async (request, response, reply) => {
    const { input } = request.body as { input: string[] };
    seen.texts.push(...input);
    seen.most = Math.max(seen.most, ++seen.open);
    await sleep(20);
    seen.open--;
    if (answer !== undefined) return answer(request, response, reply);
    const data = input.map((_text, index) => ({ index, object: 'embedding', embedding: [0.5] }));
    sendJson(response, 200, { data, usage: { prompt_tokens: 1, total_tokens: 1 } });
  };
  server.answer(EMBED, handler);
  return seen;
}

function embed(text: string, max_concurrency?: string, rest: object = {}) {
  return plugin.host.request('invoke_text_embedding', {
    model: 'M',
    model_type: 'text-embedding',
    credentials: { server_url: server.url, model_uid: 'embedding', max_concurrency, ...rest },
    texts: [text],
  });
}

const crowd = (most: string | undefined, size = 12) =>
  Promise.all(Array.from({ length: size }, (_one, index) => embed(`${index}`, most).result()));

describe('issue 20, 4: requests at once', () => {
  it('are bounded over all sessions, and all are answered in the order of their coming', async () => {
    const seen = counting();
    const results = await crowd('3');
    expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
    expect(seen.most).toBe(3);
    expect(seen.texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(
      results.map((_result, index) => `${index}`),
    );
  });

  it('are not bounded where the form has no number', async () => {
    const all = Promise.withResolvers<void>();
    const answers = crowd(undefined);
    let open = 0;
    server.answer(EMBED, async (_request, response) => {
      if (++open === 12) all.resolve();
      await all.promise;
      sendJson(response, 200, { data: [{ index: 0, embedding: [0.5] }] });
    });
    expect((await answers).map(({ error }) => error)).toEqual(Array.from({ length: 12 }, () => undefined));
  });

  it('the smaller of two forms counts', async () => {
    const seen = counting();
    await Promise.all(
      Array.from({ length: 10 }, (_one, index) => embed('a', index % 2 ? '8' : '2').result()),
    );
    expect(seen.most).toBe(2);
  });

  it('wait without limit: to wait is no silence of the server', async () => {
    counting();
    const results = await Promise.all(
      Array.from({ length: 6 }, () => embed('a', '1', { invoke_timeout: '0.08', max_retries: '0' }).result()),
    );
    expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
  });

  it('a busy server gets fewer, and its 429s are tried again in their turn', async () => {
    let busy = 8;
    const seen = counting(async (request, response, reply) => {
      if (busy-- > 0)
        return status(429, { detail: 'Rate limit reached' }, { 'retry-after': '0' })(
          request,
          response,
          reply,
        );
      seen.most = seen.open + 1; // from here on
      sendJson(response, 200, {
        data: [{ index: 0, embedding: [1] }],
        usage: { prompt_tokens: 1, total_tokens: 1 },
      });
    });
    const results = await Promise.all(
      Array.from({ length: 8 }, (_one, i) => embed(`${i}`, undefined).result()),
    );
    expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
    expect(seen.most).toBeLessThanOrEqual(4);
  });

  it('count for chats too, until the answer has been read', async () => {
    let open = 0;
    let most = 0;
    server.answer(CHAT, async (_request, response) => {
      most = Math.max(most, ++open);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}\n\n');
      await sleep(30);
      open--;
      response.end('data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
    });
    const credentials = { server_url: server.url, model_uid: 'chat', max_concurrency: '1' };
    const asked = {
      model: 'M',
      prompt_messages: [{ role: 'user', content: 'Hi', name: '' }],
      stream: true,
      credentials,
    };
    const results = await Promise.all(
      Array.from({ length: 4 }, () => plugin.host.request('invoke_llm', asked).result()),
    );
    expect(results.map(({ error }) => error)).toEqual(results.map(() => undefined));
    expect(most).toBe(1);
  });

  it.each(['0', '1.5', 'many', '1001', '0x10', '1e2'])('%s is no number of requests', async most => {
    const { error } = await embed('a', most).result();
    expect(error?.message).toMatch(/"Requests at once" must be a whole number from 1 up to 1000/);
  });
});

describe('issue 20, 5: headers on the way', () => {
  it('go with each request, and are struck out of what the server says', async () => {
    const headers = 'X-Gateway-Token: gateway-secret-1\nX-Short: abc';
    server.answer(EMBED, status(400, { detail: 'bad token gateway-secret-1 of abc' }));
    const { error } = await embed('a', undefined, { headers, max_retries: '0' }).result();
    expect(error?.message).toContain('bad token *** of abc');
    expect(JSON.stringify(error)).not.toContain('gateway-secret-1');
    for (const request of server.requests) {
      expect(request.headers).toMatchObject({ 'x-gateway-token': 'gateway-secret-1', 'x-short': 'abc' });
    }
    expect(server.requests.length).toBeGreaterThan(1);
  });

  it.each([
    ['X-Token: gateway-secret-1', 'gateway-secret-1'],
    ['X-Token:gateway-secret-1', 'gateway-secret-1'],
    ['{"X-Token":"gateway-secret-1"}', 'gateway-secret-1'],
    ['Authorization: Bearer gateway-secret-1', 'gateway-secret-1'],
    ['Cookie: theme=dark; session=gateway-secret-1', 'gateway-secret-1'],
  ])('of %s the server may repeat no secret part', async (headers, secret) => {
    server.answer(EMBED, status(400, { detail: `bad token ${secret} here` }));
    const { error } = await embed('a', undefined, { headers, max_retries: '0' }).result();
    expect(error?.message).toContain('bad token *** here');
  });

  it.each(['Content-Length: 4', 'Transfer-Encoding: chunked', '{"Proxy-Connection": "close"}'])(
    'of a refused one the message tells the name (%s)',
    async headers => {
      const [name = ''] = /[\w-]+/.exec(headers) ?? [];
      const { error } = await embed('a', undefined, { headers }).result();
      expect(error?.message).toContain(`The header ${name.toLowerCase()} is made by the plugin itself`);
    },
  );

  it('the name of one that the API key takes is told too', async () => {
    const headers = 'Authorization: Bearer gateway-secret-1';
    const { error } = await embed('a', undefined, { headers, api_key: 'sk-1' }).result();
    expect(error?.message).toContain('The header authorization is made of the API key');
  });

  it('two forms with different headers do not share what is known of a model', async () => {
    await embed('a', undefined, { headers: 'X-A: 1' }).result();
    await embed('a', undefined, { headers: 'X-A: 2' }).result();
    await embed('a', undefined, { headers: 'X-A: 2' }).result();
    expect(server.seen('GET /v1/models/embedding')).toHaveLength(2);
  });
});
