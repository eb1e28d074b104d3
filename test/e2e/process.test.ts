import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import { FakeHost } from '../fake/host/host.ts';
import { hostRequest } from '../fake/host/host-request.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

let server: FakeXinference;
beforeAll(async () => {
  server = await startFakeXinference({ reply: 'Hello there, general. ', chunkCount: 50 });
});
afterAll(() => server.close());

const credentials = () => ({ server_url: server.url, model_uid: 'chat' });
const question = { prompt_messages: [{ role: 'user', content: 'hi' }], stream: true };

function start(env: NodeJS.ProcessEnv = {}): FakeHost {
  return FakeHost.spawn(process.execPath, [MAIN], {
    env: { ...process.env, INSTALL_METHOD: 'local', ...env },
    credentials: credentials(),
  });
}

function textOf(stream: readonly unknown[]): string {
  return stream.map(chunk => (chunk as LlmChunk).delta.message.content).join('');
}

describe('the plugin as a process', () => {
  it('is ready by its first line, answers, and exits with 0 when stdin ends', async () => {
    const host = start();
    await host.ready();
    const { stream, error } = await host.request('invoke_llm', question).result();
    expect(error).toBeUndefined();
    expect(textOf(stream)).toMatch(/^Hello there, general\. /);
    expect(await host.close()).toEqual({ code: 0, signal: null });
    expect(host.stderr).toBe('');
  });

  it('answers a request whose host has closed stdin behind it', async () => {
    const host = start();
    const session = host.request('invoke_llm', question);
    host.closeStdin();
    const { stream } = await session.result();
    expect(textOf(stream)).toContain('general');
    expect(await host.exit).toEqual({ code: 0, signal: null });
  });

  it('exits with 0 when the host closes stdin at once', async () => {
    const host = start();
    host.closeStdin();
    expect(await host.exit).toEqual({ code: 0, signal: null });
  });

  it('keeps a long answer whole for a host that does not read for a while', async () => {
    await using slow = await startFakeXinference({ reply: 'word '.repeat(10), chunkCount: 20_000 });
    await using host = start();
    await host.ready();
    host.pause();
    const session = host.request('invoke_llm', {
      ...question,
      credentials: { server_url: slow.url, model_uid: 'chat' },
    });
    await slow.arrival('POST /v1/chat/completions');
    await new Promise(resolve => setTimeout(resolve, 10_000));
    host.resume();
    const { stream } = await session.result();
    expect(textOf(stream).split(' ').filter(Boolean)).toHaveLength(20_000);
  });

  it('prints nothing but protocol lines, whatever it is sent', async () => {
    const host = start({ LOG_LEVEL: 'debug' });
    await host.ready();
    for (const line of ['', 'hello', '[]', '{"event":"request"}', '\u0000']) host.send(line);
    const session = host.expect('x2');
    host.send(
      JSON.stringify({ event: 'request', session_id: 'x2', data: { type: 'model', action: 'nothing' } }),
    );
    expect((await session.result()).error?.error_type).toBe('InvokeBadRequestError');
    const unreadable = host.expect('x');
    host.send('{"event":"request","session_id":"x"');
    expect((await unreadable.result()).error?.message).toContain('not valid JSON');
    expect((await host.close()).code).toBe(0);
  });

  it('answers every open session before it goes, without more patience on a second signal', async () => {
    await using silent = await startFakeXinference();
    silent.answer('POST /v1/chat/completions', () => undefined);
    const host = start();
    await host.ready();
    const sessions = [1, 2, 3].map(() =>
      host.request('invoke_llm', { ...question, credentials: { server_url: silent.url, model_uid: 'chat' } }),
    );
    await silent.arrival('POST /v1/chat/completions', 3);
    host.kill('SIGTERM');
    host.kill('SIGINT'); // two of a kind can arrive as one
    for (const session of sessions) {
      expect((await session.result()).error?.error_type).toBe('InvokeServerUnavailableError');
    }
    expect(await host.exit).toEqual({ code: 0, signal: null });
  });

  it('exits when its output is closed', async () => {
    const env = { ...process.env, INSTALL_METHOD: 'local' };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const request = hostRequest('s1', 'invoke_llm', question, credentials());
    child.stdin.on('error', () => undefined);
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
  });
});
