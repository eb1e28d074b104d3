import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import type { ActionTable } from '../../../src/dify/actions/actions.ts';
import { Dispatcher } from '../../../src/dify/dispatcher.ts';
import { type ProcessLike, superviseProcess } from '../../../src/dify/serve/supervise.ts';
import type { Session } from '../../../src/dify/session.ts';
import { StdioTransport } from '../../../src/dify/transport/stdio.ts';

const REQUEST = {
  session_id: 's1',
  event: 'request',
  data: { type: 'model', action: 'invoke_llm', model_type: 'llm', model: 'm' },
};

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const clean of cleanUp.splice(0)) clean();
});

/** A plugin process of which the test holds both ends; its one handler waits for `finish`. */
function startProcess(drainMs = 50, close?: () => Promise<void>) {
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  let output = '';
  stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString('utf8');
  });
  const finish = Promise.withResolvers<void>();
  cleanUp.push(finish.resolve);
  const sessions: Session[] = [];
  const actions = {
    invoke_llm: async (_: unknown, session: Session) => {
      sessions.push(session);
      await finish.promise;
    },
  } as unknown as ActionTable;
  const dispatcher = new Dispatcher({ actions, log: pino({ level: 'silent' }) });
  const transport = new StdioTransport(stdin, stdout, 10_000);
  transport.start(dispatcher);
  const exited = Promise.withResolvers<number>();
  let stderr = '';
  const signals = new EventEmitter();
  const process = Object.assign(signals, {
    exit: (code: number) => exited.resolve(code),
    stderr: {
      write: (text: string) => {
        stderr += text;
      },
    },
  }) as unknown as ProcessLike;
  superviseProcess(dispatcher, transport, { name: 'xinference', process, drainMs, ...(close && { close }) });
  const send = async (message: unknown) => {
    stdin.write(`${JSON.stringify(message)}\n`);
    await new Promise(resolve => setImmediate(resolve));
  };
  const kinds = () =>
    output
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line).data)
      .map(({ type, data }) => (type === 'error' ? `error ${data.error_type}` : type));
  return {
    stdin,
    stdout,
    signals,
    send,
    kinds,
    finish,
    exit: exited.promise,
    stderr: () => stderr,
    sessions,
  };
}

describe('a process that ends', () => {
  it('finishes what runs when stdin ends, then exits with 0', async () => {
    const { stdin, send, kinds, finish, exit } = startProcess();
    await send(REQUEST);
    stdin.end();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(kinds()).toEqual([]);
    finish.resolve();
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['end']);
  });

  it('lets go of what the plugin owns before it exits, and waits no more than 2 s for that', async () => {
    const closed = Promise.withResolvers<void>();
    let closes = 0;
    const { signals, exit } = startProcess(50, () => {
      closes++;
      return closed.promise;
    });
    signals.emit('SIGTERM');
    signals.emit('SIGTERM');
    const waiting = new Promise(resolve => setImmediate(() => resolve('waiting')));
    expect(await Promise.race([exit, waiting])).toBe('waiting');
    closed.resolve();
    expect(await exit).toBe(0);
    expect(closes).toBe(1);

    const stuck = startProcess(50, () => new Promise(() => undefined));
    stuck.signals.emit('SIGTERM');
    expect(await stuck.exit).toBe(0);
  });

  it('exits with its code although what the plugin owns cannot be let go of', async () => {
    const { signals, exit } = startProcess(50, () => Promise.reject(new Error('stuck')));
    signals.emit('SIGTERM');
    expect(await exit).toBe(0);
  });

  it('takes a last request without newline', async () => {
    const { stdin, kinds, finish, exit } = startProcess();
    finish.resolve();
    stdin.end(JSON.stringify(REQUEST));
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['end']);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'])('exits at once on %s when nothing is open', async signal => {
    const { signals, exit } = startProcess(60_000);
    signals.emit(signal);
    expect(await exit).toBe(0);
  });

  it('answers what runs before it goes on SIGHUP (issue 16, point 13)', async () => {
    const { signals, send, kinds, finish, exit } = startProcess(60_000);
    await send(REQUEST);
    signals.emit('SIGHUP');
    finish.resolve();
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['end']);
  });

  it('lets what runs finish on SIGTERM, and takes nothing new', async () => {
    const { signals, send, kinds, finish, exit } = startProcess(60_000);
    await send(REQUEST);
    signals.emit('SIGTERM');
    await send({ ...REQUEST, session_id: 's2' });
    finish.resolve();
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['end']);
  });

  it('answers what is left when the time to drain is over', async () => {
    const { signals, send, kinds, exit, sessions } = startProcess(20);
    await send(REQUEST);
    signals.emit('SIGTERM');
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['error InvokeServerUnavailableError', 'end']);
    expect(sessions[0]?.signal.aborted).toBe(true);
  });

  it('goes at once on a second SIGTERM, with every session answered', async () => {
    const { signals, send, kinds, exit } = startProcess(60_000);
    await send(REQUEST);
    signals.emit('SIGTERM');
    signals.emit('SIGTERM');
    expect(await exit).toBe(0);
    expect(kinds()).toEqual(['error InvokeServerUnavailableError', 'end']);
  });

  it.each(['uncaughtException', 'unhandledRejection'])(
    'answers every session after an %s, says so in one line and exits with 1',
    async event => {
      const { signals, send, kinds, exit, stderr } = startProcess();
      await send(REQUEST);
      await send({ ...REQUEST, session_id: 's2' });
      signals.emit(event, new Error('sk-a key, and the words of a server'));
      expect(await exit).toBe(1);
      expect(kinds()).toEqual(['error InternalError', 'end', 'error InternalError', 'end']);
      expect(stderr()).toMatch(
        /^xinference plugin: uncaught Error: \(a message of 35 characters\) \| at .*supervise\.test\.ts:\d+:\d+.*\n$/,
      );
      expect(stderr()).not.toMatch(/sk-a|server/);
    },
  );

  it('says of a crash that tears down more only what came first', async () => {
    const { signals, send, kinds, exit, stderr } = startProcess();
    await send(REQUEST);
    signals.emit('uncaughtException', new RangeError('first'));
    signals.emit('unhandledRejection', new TypeError('second'));
    expect(await exit).toBe(1);
    expect(stderr()).toMatch(/^[^\n]*RangeError[^\n]*\n$/);
    expect(kinds()).toEqual(['error InternalError', 'end']);
  });

  it('takes nothing new after a crash: nobody would answer it', async () => {
    const { signals, send, kinds, exit, sessions, stdout } = startProcess();
    stdout.pause();
    signals.emit('uncaughtException', new Error('boom'));
    await send(REQUEST);
    stdout.resume();
    expect(await exit).toBe(1);
    expect(sessions).toEqual([]);
    expect(kinds()).toEqual([]);
  });

  it('exits with 1 after a crash also when stdin has ended', async () => {
    const { signals, send, stdin, exit } = startProcess();
    await send(REQUEST);
    stdin.end();
    await new Promise(resolve => setTimeout(resolve, 20));
    signals.emit('uncaughtException', new Error('boom'));
    expect(await exit).toBe(1);
  });

  it('cancels what runs and exits when the host no longer reads', async () => {
    const { stdout, send, exit, sessions } = startProcess();
    await send(REQUEST);
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await exit).toBe(0);
    expect(sessions[0]?.signal.reason).toMatchObject({ errorType: 'RequestCancelledError' });
  });

  it('cancels what runs when the host stops reading after stdin has ended', async () => {
    const { stdin, stdout, send, exit, sessions } = startProcess();
    await send(REQUEST);
    stdin.end();
    await new Promise(resolve => setTimeout(resolve, 20));
    expect(sessions[0]?.signal.aborted).toBe(false);
    stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(await exit).toBe(0);
    expect(sessions[0]?.signal.reason).toMatchObject({ errorType: 'RequestCancelledError' });
  });
});
