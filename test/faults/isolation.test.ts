import { describe, expect, it } from 'vitest';
import { connectBlackHole, refused, silent } from '../fake/network/connections.ts';
import { startPlugin } from '../fake/plugin/plugin.ts';
import { longLine, neverEndingBody } from '../fake/xinference/faults.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';

const CHAT = 'POST /v1/chat/completions';
const question = { prompt_messages: [{ role: 'user', content: 'hi' }], stream: true };
const words = (bytes: number) => 'The quick brown fox jumps over the lazy dog. '.repeat(bytes / 45);

/** What a session asks of one model of one server. */
const asking = (server_url: string, data: object = question, model_uid = 'chat') => ({
  ...data,
  model: 'm',
  credentials: { server_url, model_uid, invoke_timeout: '30', max_retries: '10' },
});

describe('a request beside others in trouble', () => {
  it('is answered while hundreds wait for servers that are gone, silent or out of reach', async () => {
    await using good = await startFakeXinference();
    await using plugin = await startPlugin({ logLevel: 'silent' });
    await using dropped = await connectBlackHole();
    await using dead = await refused();
    await using mute = await silent();
    const { host } = plugin;
    const stuck = [dropped, dead, mute].flatMap(({ url }) =>
      Array.from({ length: 100 }, () => host.request('invoke_llm', asking(url))),
    );
    for (let round = 0; round < 20; round++) {
      const { error, stream } = await host.request('invoke_llm', asking(good.url)).result();
      expect(error).toBeUndefined();
      expect(stream.length).toBeGreaterThan(0);
    }
    const { error } = await host
      .request('validate_model_credentials', { ...asking(good.url, {}), model_type: 'llm' })
      .result();
    expect(error).toBeUndefined();
    // None of the others has come to its end meanwhile: nobody waited for them.
    expect(stuck.filter(session => session.open)).toHaveLength(300);
    for (const { id } of stuck) host.cancel(id);
    for (const session of stuck)
      expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
  });

  it('is answered on a server of which other models are silent', async () => {
    await using server = await startFakeXinference();
    await using plugin = await startPlugin();
    const { host } = plugin;
    server.answer('GET /v1/models/completion', () => undefined);
    const stuck = Array.from({ length: 50 }, () =>
      host.request('invoke_llm', asking(server.url, question, 'completion')),
    );
    await server.arrival('GET /v1/models/completion');
    expect((await host.request('invoke_llm', asking(server.url)).result()).error).toBeUndefined();
    expect(stuck.every(session => session.open)).toBe(true);
    for (const { id } of stuck) host.cancel(id);
  });

  it('is answered before a long count that began earlier', async () => {
    await using server = await startFakeXinference();
    await using plugin = await startPlugin();
    const { host } = plugin;
    const content = words(20_000_000);
    const long = host.request(
      'get_llm_num_tokens',
      asking(server.url, { prompt_messages: [{ role: 'user', content }] }),
    );
    const short = host.request('get_llm_num_tokens', asking(server.url));
    await short.result();
    expect(long.open).toBe(true);
    expect((await long.result()).stream).toEqual([{ num_tokens: expect.any(Number) }]);
  });

  it.each([
    ['pours text out', neverEndingBody],
    ['sends a line of a gigabyte', longLine()],
  ])('is answered while a server %s', async (_what, handler) => {
    await using bad = await startFakeXinference();
    await using good = await startFakeXinference();
    await using plugin = await startPlugin();
    const { host } = plugin;
    bad.answer(CHAT, handler);
    const flood = Array.from({ length: 5 }, () => host.request('invoke_llm', asking(bad.url)));
    await bad.arrival(CHAT, 5);
    for (let round = 0; round < 3; round++) {
      expect((await host.request('invoke_llm', asking(good.url)).result()).error).toBeUndefined();
    }
    for (const { id } of flood) host.cancel(id);
    for (const session of flood) await session.result();
  });
});
