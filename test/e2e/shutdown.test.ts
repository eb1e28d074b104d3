import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import { FakeHost } from '../fake/host/host.ts';
import type { SessionResult } from '../fake/host/host-session.ts';
import { blackHole } from '../fake/xinference/faults.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';

const BUGGY = fileURLToPath(new URL('buggy-plugin.ts', import.meta.url));
const CHAT = 'POST /v1/chat/completions';
const KEY = 'sk-shutdown-7c1f';
const question = { prompt_messages: [{ role: 'user', content: 'hi' }], stream: true };

async function start(server: FakeXinference): Promise<FakeHost> {
  const credentials = { server_url: server.url, model_uid: 'chat', api_key: KEY };
  const host = FakeHost.spawn(process.execPath, [BUGGY], { credentials });
  await host.ready();
  return host;
}

/** Asks for so many streams that do not end by themselves, and waits until each has begun. */
async function openStreams(host: FakeHost, count: number) {
  const sessions = Array.from({ length: count }, () => host.request('invoke_llm', question));
  for (const session of sessions) for await (const _ of session.messages) break;
  return sessions;
}

const textOf = ({ stream }: SessionResult) =>
  stream.map(chunk => (chunk as LlmChunk).delta.message.content).join('');

describe.concurrent('a process that has to go', { timeout: 60_000 }, () => {
  it('lets a stream come to its end on SIGTERM, takes nothing new, and exits with 0', async () => {
    await using server = await startFakeXinference({ reply: 'one two three', chunkDelay: 200 });
    const host = await start(server);
    const [session] = await openStreams(host, 1);
    host.kill('SIGTERM');
    await new Promise(resolve => setTimeout(resolve, 50));
    const late = host.request('invoke_llm', question);
    const result = await session?.result();
    expect(result && textOf(result)).toBe('one two three');
    expect(await host.exit).toEqual({ code: 0, signal: null });
    await expect(late.result()).rejects.toThrow('the plugin ended');
    expect(server.seen(CHAT)).toHaveLength(1);
  });

  it('after 10 s answers what is left, and lets the server know', async () => {
    await using server = await startFakeXinference({ chunkDelay: 100, chunkCount: 10_000 });
    const host = await start(server);
    const sessions = await openStreams(host, 3);
    const signalledAt = performance.now();
    host.kill('SIGTERM');
    for (const session of sessions) {
      expect((await session.result()).error).toMatchObject({
        error_type: 'InvokeServerUnavailableError',
        message: expect.stringContaining('Try again'),
      });
    }
    expect(await host.exit).toEqual({ code: 0, signal: null });
    expect(performance.now() - signalledAt).toBeGreaterThan(9_900);
    for (const request of server.seen(CHAT)) expect((await request.outcome).aborted).toBe(true);
  });

  it('ends one session on a bug in its handler, and goes on', async () => {
    await using server = await startFakeXinference({ reply: 'one two three', chunkDelay: 50 });
    const host = await start(server);
    const [stream] = await openStreams(host, 1);
    const buggy = await host.request('invoke_moderation', { text: 'throw' }).result();
    expect(buggy.error).toMatchObject({
      error_type: 'InternalError',
      message: expect.stringContaining('bug'),
    });
    const result = await stream?.result();
    expect(result && textOf(result)).toBe('one two three');
    expect(await host.close()).toEqual({ code: 0, signal: null });
  });

  it.each([
    [
      'an uncaught exception',
      'uncaught',
      /^xinference plugin: uncaught SyntaxError: \(a message of \d+ characters\) \| at JSON\.parse [^\n]+buggy-plugin\.ts:\d+:\d+\)?[^\n]*\n$/,
    ],
    [
      'a rejection that nobody handles',
      'rejected',
      /^xinference plugin: uncaught TypeError: \(a message of \d+ characters\) \| at [^\n]+buggy-plugin\.ts:\d+:\d+\)?[^\n]*\n$/,
    ],
  ])(
    'answers every session after %s, says so in one line on stderr, and exits with 1',
    async (_name, text, said) => {
      await using server = await startFakeXinference({ chunkDelay: 100, chunkCount: 10_000 });
      const host = await start(server);
      const sessions = await openStreams(host, 20);
      sessions.push(host.request('invoke_moderation', { text }));
      for (const session of sessions) {
        expect((await session.result()).error).toMatchObject({
          error_type: 'InternalError',
          message: expect.stringContaining('Try again'),
        });
      }
      expect(await host.exit).toEqual({ code: 1, signal: null });
      expect(host.stderr).toMatch(said);
      expect(host.stderr).not.toMatch(/a bug in|"a bug/);
      for (const request of server.seen(CHAT)) expect((await request.outcome).aborted).toBe(true);
    },
  );

  it('gives a host that does not read two seconds to take the last words', async () => {
    await using server = await startFakeXinference({ chunkCount: 20_000, reply: 'word '.repeat(50) });
    const host = await start(server);
    const sessions = await openStreams(host, 5);
    host.pause();
    host.request('invoke_moderation', { text: 'uncaught' });
    await new Promise(resolve => setTimeout(resolve, 500));
    host.resume();
    for (const session of sessions) expect((await session.result()).error?.error_type).toBe('InternalError');
    expect((await host.exit).code).toBe(1);

    const deaf = await start(server);
    await openStreams(deaf, 5);
    deaf.pause();
    await new Promise(resolve => setTimeout(resolve, 500)); // the pipe fills
    const crashedAt = performance.now();
    deaf.request('invoke_moderation', { text: 'uncaught' });
    expect((await deaf.exit).code).toBe(1);
    expect(performance.now() - crashedAt).toBeGreaterThan(1_900);
  });

  it('stops the server when the host has gone', async () => {
    await using server = await startFakeXinference();
    server.answer(CHAT, blackHole);
    const host = await start(server);
    host.request('invoke_llm', question);
    const request = await server.arrival(CHAT);
    host.kill('SIGKILL');
    expect((await request.outcome).aborted).toBe(true);
    await host.exit;
  });
});
