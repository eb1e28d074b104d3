import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FakeHost } from './host.ts';
import type { HostOptions } from './host-options.ts';

/** A host and the two ends of a plugin that the test plays itself. */
function meet(options?: HostOptions) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const host = new FakeHost({ stdin, stdout }, options);
  const say = (message: object | string) =>
    stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  const answer = (session_id: string, type: string, data: object = {}) =>
    say({ event: 'session', session_id, data: { type, data } });
  const heard = async () =>
    JSON.parse(String((await stdin.iterator({ destroyOnReturn: false }).next()).value));
  const close = () => {
    stdout.end();
    return host.close();
  };
  return { host, stdin, stdout, say, answer, heard, close };
}

const heartbeat = { event: 'heartbeat', session_id: null, data: {} };

describe('a session', () => {
  it('gives its messages as they come and its result at its end', async () => {
    const { host, say, answer, close } = meet();
    say({ type: 'manifest', name: 'a JSON line without an event is borne before the first heartbeat' });
    say(heartbeat);
    await host.ready();
    const session = host.request('invoke_llm');
    const types: string[] = [];
    const reading = (async () => {
      for await (const { type } of session.messages) types.push(type);
    })();
    answer(session.id, 'stream', { n: 1 });
    say('');
    answer(session.id, 'error', { error_type: 'InvokeRateLimitError', message: 'slow down', args: {} });
    answer(session.id, 'end');
    expect(await session.result()).toEqual({
      stream: [{ n: 1 }],
      error: { error_type: 'InvokeRateLimitError', message: 'slow down', args: {} },
      ended: true,
    });
    await reading;
    expect(types).toEqual(['stream', 'error', 'end']);
    await close();
  });

  it('is asked for as a Go host asks: what nobody gave is null, zero or empty', async () => {
    const { host, heard, close } = meet({ credentials: { model_uid: 'm' } });
    host.request('invoke_rerank', { query: 'q', docs: ['a'] }, { sessionId: 's1' });
    expect(await heard()).toMatchObject({
      session_id: 's1',
      conversation_id: null,
      event: 'request',
      data: {
        type: 'model',
        action: 'invoke_rerank',
        model_type: 'rerank',
        model: 'm',
        credentials: { model_uid: 'm' },
        query: 'q',
        docs: ['a'],
        score_threshold: 0,
        top_n: 0,
      },
    });
    await close();
  });

  it('fails when the plugin ends without ending it', async () => {
    const { host, stdout, close } = meet();
    const session = host.request('invoke_llm');
    const result = expect(session.result()).rejects.toThrow('the plugin ended');
    stdout.end();
    await result;
    await expect(host.ready()).rejects.toThrow('the plugin ended');
    await close();
  });
});

describe('a broken rule is seen', () => {
  it.each<[string, (plugin: ReturnType<typeof meet>, id: string) => void, RegExp]>([
    [
      'a second end',
      ({ answer }, id) => [answer(id, 'end'), answer(id, 'end')],
      /end for a session that has ended/,
    ],
    [
      'a message after the end',
      ({ answer }, id) => [answer(id, 'end'), answer(id, 'stream')],
      /stream for a session that has ended/,
    ],
    [
      'a message after the error',
      ({ answer }, id) => [answer(id, 'error', oops), answer(id, 'stream')],
      /stream after the error/,
    ],
    [
      'a second error',
      ({ answer }, id) => [answer(id, 'error', oops), answer(id, 'error', oops)],
      /error after the error/,
    ],
    ['an unknown session', ({ answer }) => answer('nobody', 'stream'), /was never asked for/],
    [
      'an unknown event',
      ({ say }) => say({ event: 'error', session_id: null, data: {} }),
      /no host knows \(error\)/,
    ],
    ['an unknown type', ({ answer }, id) => answer(id, 'done'), /unknown type done/],
    [
      'an error without a name',
      ({ answer }, id) => answer(id, 'error', { message: 'm', args: {} }),
      /without error_type/,
    ],
    [
      'an error with many args',
      ({ answer }, id) =>
        answer(id, 'error', { ...oops, args: Object.fromEntries('abcdefghijk'.split('').entries()) }),
      /more than 10/,
    ],
    ['a line that is no JSON', ({ say }) => say('starting...'), /no JSON object/],
    ['two messages in one line', ({ say }) => say(JSON.stringify(heartbeat).repeat(2)), /no JSON object/],
    [
      'an eventless line once ready',
      ({ say }) => [say(heartbeat), say({ name: 'x' })],
      /no data|without data/,
    ],
    [
      'a log without text',
      ({ say }) => say({ event: 'log', session_id: null, data: { level: 'INFO' } }),
      /a log without/,
    ],
    [
      'a line with the key of a request',
      ({ answer, host }) => {
        const { id } = host.request('invoke_llm', { credentials: { api_key: 'sk-12345' } });
        answer(id, 'error', { ...oops, message: 'Wrong key: sk-12345' });
      },
      /a line with the key sk-12345/,
    ],
  ])('%s', async (_name, misbehave, rule) => {
    const plugin = meet();
    const { id } = plugin.host.request('invoke_llm');
    misbehave(plugin, id);
    await expect(plugin.close()).rejects.toThrow(rule);
    expect(plugin.host.violations).toHaveLength(1);
  });

  it('no line in which a validation gives credentials back', async () => {
    const { host, answer, close } = meet();
    const credentials = { api_key: 'sk-12345' };
    const session = host.request('validate_model_credentials', { credentials });
    answer(session.id, 'stream', { result: true, credentials });
    answer(session.id, 'end');
    await session.result();
    await close();
  });

  it('a line over the limit, for which a host kills the plugin; not one of just that length', async () => {
    const { host, stdout, answer, close } = meet();
    const session = host.request('invoke_llm');
    const frame = JSON.stringify({
      event: 'session',
      session_id: session.id,
      data: { type: 'stream', data: { t: '' } },
    });
    answer(session.id, 'stream', { t: 'a'.repeat(5_242_880 - 1 - frame.length) });
    await sleep(50);
    expect(host.violations).toEqual([]);
    expect(host.bytesRead).toBe(5_242_880);
    answer(session.id, 'stream', { t: 'a'.repeat(5_242_880 - frame.length) });
    await expect(session.result()).rejects.toThrow('the plugin ended');
    expect(stdout.destroyed).toBe(true);
    await expect(close()).rejects.toThrow('a line over 5242880 bytes');
  });

  it('an answer that Dify could not read, where answers are checked', async () => {
    const { host, answer, close } = meet({ checkAnswers: true });
    const [good, bad, none] = [
      host.request('invoke_tts'),
      host.request('invoke_tts'),
      host.request('invoke_tts'),
    ];
    answer(good.id, 'stream', { result: 'fff3' });
    answer(good.id, 'end');
    expect((await good.result()).stream).toEqual([{ result: 'fff3' }]);
    answer(bad.id, 'stream', { result: 'no hex' });
    await expect(bad.result()).rejects.toThrow('cannot read: {"result":"no hex"} (invoke_tts)');
    answer(none.id, 'end');
    await expect(none.result()).rejects.toThrow('an end without an answer or an error');
    await expect(close()).rejects.toThrow('cannot read');
  });
});

const oops = { error_type: 'InternalError', message: 'oops', args: {} };

describe('a slow host', () => {
  it('reads nothing while paused, and no faster than told', async () => {
    const { host, stdout, answer, close } = meet();
    const session = host.request('invoke_llm');
    host.pause();
    answer(session.id, 'stream');
    await sleep(20);
    expect(host.bytesRead).toBe(0);
    host.resume();
    while (host.bytesRead === 0) await sleep(1);
    host.readRate = 1000;
    answer(session.id, 'stream', { text: 'x'.repeat(60_000) });
    answer(session.id, 'end');
    await sleep(50);
    // A minute's worth of bytes was read; what follows it waits in the pipe, and the plugin sees that it does.
    expect(session.open).toBe(true);
    expect(stdout.readableLength).toBeGreaterThan(0);
    host.readRate = undefined;
    host.resume();
    await session.result();
    await close();
  });
});

describe('a plugin that is a process', () => {
  const node = (script: string) => FakeHost.spawn(process.execPath, ['-e', script], { checkAnswers: false });

  it('is ready at its first heartbeat, is ended by the end of its input, and its exit is known', async () => {
    const host = node(
      `console.log('${JSON.stringify(heartbeat)}'); process.stdin.resume().on('end', () => process.exit(3))`,
    );
    await host.ready();
    expect(await host.close()).toEqual({ code: 3, signal: null });
  });

  it('that dies before its first heartbeat leaves its last words', async () => {
    const host = node('console.error("no node here"); process.exit(1)');
    await expect(host.ready()).rejects.toThrow('the plugin ended (code 1): no node here');
    await host.close();
  });

  it('that does not exist is said to be missing', async () => {
    const host = FakeHost.spawn('/nowhere/node', []);
    await expect(host.ready()).rejects.toThrow('ENOENT');
    await host.close();
  });

  it('that does not end is killed', async () => {
    const host = node('setInterval(() => undefined, 1000)');
    expect(await host.close(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
