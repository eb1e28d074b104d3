import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ActionTable } from '../../src/dify/actions/actions.ts';
import { Dispatcher } from '../../src/dify/dispatcher.ts';
import {
  FirstTokenTimeoutError,
  InvokeConnectionError,
  InvokeServerUnavailableError,
} from '../../src/dify/protocol/errors.ts';
import type { Session } from '../../src/dify/session.ts';
import { LineReader } from '../../src/dify/transport/lines/line-reader.ts';
import { LineWriter } from '../../src/dify/transport/lines/line-writer.ts';
import { seed } from '../faults/seed.ts';

const MAX_LINE_BYTES = 400_000;
const IDS = ['a', 'b', 'c', 'é"\\\n'];

/** A pipe whose reader a test can stop. */
class Pipe extends Writable {
  text = '';
  #waiting: (() => void) | undefined;
  #isPaused = false;

  constructor() {
    super({ highWaterMark: 500, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    if (this.#isPaused) this.#waiting = done;
    else setImmediate(done);
  }

  pauseReader(): void {
    this.#isPaused = true;
  }

  resumeReader(): void {
    this.#isPaused = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }
}

/** One request whose handler does what the test says. */
interface Running {
  readonly session: Session;
  readonly settle: PromiseWithResolvers<void>;
}

/** The real thing: reader, dispatcher, sessions and writer, with handlers that wait for the test. */
class Plugin {
  readonly pipe = new Pipe();
  readonly writer = new LineWriter(this.pipe, MAX_LINE_BYTES);
  /** The handlers that were started, by session id, the latest last. */
  readonly running = new Map<string, Running[]>();
  readonly dispatcher: Dispatcher;
  readonly #reader: LineReader;

  constructor() {
    const handler = async (_request: unknown, session: Session) => {
      const settle = Promise.withResolvers<void>();
      this.running.set(session.id, [...(this.running.get(session.id) ?? []), { session, settle }]);
      await settle.promise;
    };
    const actions = { invoke_llm: handler } as unknown as ActionTable;
    this.dispatcher = new Dispatcher({ actions, log: pino({ level: 'silent' }) });
    this.#reader = new LineReader({
      onLine: line => void this.dispatcher.receive(line, this.writer),
      onOversizedLine: start => this.dispatcher.receiveOversized(start, this.writer),
    });
  }

  /** One read from the host, of any number of lines. */
  read(...lines: string[]): void {
    this.#reader.push(Buffer.from(`${lines.join('\n')}\n`));
  }

  latest(id: string): Running | undefined {
    return this.running.get(id)?.at(-1);
  }

  /** What came out for each session, in order: `stream 3`, `error InternalError`, `end`. */
  received(): Record<string, string[]> {
    const received: Record<string, string[]> = {};
    for (const line of this.pipe.text.split('\n').filter(line => line !== '')) {
      const { event, session_id, data } = JSON.parse(line);
      if (event !== 'session') continue;
      const what = { stream: data.data.n, error: data.data.error_type, end: undefined }[
        data.type as 'stream'
      ];
      push(received, session_id, what === undefined ? data.type : `${data.type} ${what}`);
    }
    return received;
  }
}

/** What must have come out for each session, and which are open. */
interface Model {
  readonly expected: Record<string, string[]>;
  /** The open sessions. */
  readonly open: Set<string>;
  /** For each handler that was started, by session id: the error its signal must have been aborted with. */
  readonly aborted: Record<string, (string | undefined)[]>;
  count: number;
}

type Command = fc.AsyncCommand<Model, Plugin>;

const request = (id: string, action = 'invoke_llm') =>
  JSON.stringify({
    session_id: id,
    event: 'request',
    data: { type: 'model', action, model_type: 'llm', model: 'm' },
  });
const cancel = (id: string) => JSON.stringify({ session_id: id, event: 'cancel' });

function push<T>(lists: Record<string, T[]>, key: string, ...values: T[]): void {
  lists[key] = [...(lists[key] ?? []), ...values];
}

/** A handler starts; nothing does when the session is open. */
function opens(model: Model, id: string): void {
  if (model.open.has(id)) return;
  model.open.add(id);
  push(model.aborted, id, undefined);
}

function fails(model: Model, id: string, errorType: string): void {
  if (!model.open.delete(id)) return;
  push(model.expected, id, `error ${errorType}`, 'end');
  const aborted = model.aborted[id];
  if (aborted) aborted[aborted.length - 1] = errorType;
}

function ends(model: Model, id: string): void {
  if (model.open.delete(id)) push(model.expected, id, 'end');
}

/** A line that is refused before any handler sees it. */
function isRefused(model: Model, id: string): void {
  if (!model.open.has(id)) push(model.expected, id, 'error InvokeBadRequestError', 'end');
}

/** A command that runs at any time, and compares who is open afterwards. */
function command(name: string, run: (model: Model, plugin: Plugin) => void | Promise<void>): Command {
  return {
    check: () => true,
    async run(model, plugin) {
      await run(model, plugin);
      for (let ticks = 0; ticks < 10; ticks++) await Promise.resolve();
      expect(plugin.dispatcher.sessions.map(({ id }) => id).toSorted()).toEqual([...model.open].toSorted());
    },
    toString: () => name,
  };
}

/** One line, and what it must lead to. */
interface Line {
  readonly name: string;
  readonly text: string;
  apply(model: Model): void;
}

const id = fc.constantFrom(...IDS);
const line: fc.Arbitrary<Line> = fc.oneof(
  id.map(id => ({ name: `request ${id}`, text: request(id), apply: (model: Model) => opens(model, id) })),
  id.map(id => ({
    name: `cancel ${id}`,
    text: cancel(id),
    apply: (model: Model) => fails(model, id, 'RequestCancelledError'),
  })),
  id.map(id => ({
    name: `unknown action ${id}`,
    text: request(id, 'dance'),
    apply: (model: Model) => isRefused(model, id),
  })),
  fc.constantFrom('', '[]', '"x"', '{"event":"request"}', '{"event":"dance","session_id":"a"}').map(text => ({
    name: `noise ${text}`,
    text,
    apply: () => undefined,
  })),
  fc.constantFrom('a', 'b', 'c').map(id => ({
    name: `cut request ${id}`,
    text: request(id).slice(0, -5),
    apply: (model: Model) => isRefused(model, id),
  })),
  fc.constantFrom('a', 'b', 'c').map(id => ({
    name: `cut cancel ${id}`,
    text: cancel(id).slice(0, -1),
    apply: () => undefined,
  })),
);

const commands: fc.Arbitrary<Command>[] = [
  // Several in one read: whatever they lead to, nothing of it waits for a turn of the loop.
  fc.array(line, { minLength: 1, maxLength: 4 }).map(lines =>
    command(`read [${lines.map(({ name }) => name).join(', ')}]`, (model, plugin) => {
      for (const { apply } of lines) apply(model);
      plugin.read(...lines.map(({ text }) => text));
    }),
  ),
  fc.tuple(id, fc.constantFrom(10, 10, 10, 100_000, 300_000)).map(([id, size]) =>
    command(`write ${id} ${size}`, (model, plugin) => {
      const n = ++model.count;
      const write = () => plugin.latest(id)?.session.write({ n, text: 'x'.repeat(size) });
      if (model.open.has(id)) {
        push(model.expected, id, `stream ${n}`);
        void write();
      } else if (plugin.latest(id)) expect(write).toThrow();
    }),
  ),
  id.map(id =>
    command(`write more than a line takes ${id}`, (model, plugin) => {
      const running = plugin.latest(id);
      fails(model, id, 'InvokeBadRequestError');
      try {
        void running?.session.write({ text: 'é'.repeat(MAX_LINE_BYTES / 2) });
      } catch (error) {
        running?.settle.reject(error);
      }
    }),
  ),
  id.map(id =>
    command(`return ${id}`, (model, plugin) => {
      ends(model, id);
      plugin.latest(id)?.settle.resolve();
    }),
  ),
  fc
    .tuple(id, fc.constantFrom(new InvokeConnectionError('down'), new TypeError('bug'), 'no error'))
    .map(([id, thrown]) =>
      command(`throw ${id} ${thrown}`, (model, plugin) => {
        fails(model, id, thrown instanceof InvokeConnectionError ? 'InvokeConnectionError' : 'InternalError');
        plugin.latest(id)?.settle.reject(thrown);
      }),
    ),
  id.map(id =>
    command(`deadline ${id}`, (model, plugin) => {
      fails(model, id, 'FirstTokenTimeoutError');
      plugin
        .latest(id)
        ?.session.fail(new FirstTokenTimeoutError(`too late ${'\u0001'.repeat(MAX_LINE_BYTES)}`));
    }),
  ),
  fc.constant(
    command('fail all', (model, plugin) => {
      for (const id of [...model.open]) fails(model, id, 'InvokeServerUnavailableError');
      plugin.dispatcher.failAll(new InvokeServerUnavailableError('going'));
    }),
  ),
  fc.constant(command('host pauses', (_model, plugin) => plugin.pipe.pauseReader())),
  fc.constant(command('host resumes', (_model, plugin) => plugin.pipe.resumeReader())),
  fc.constant(command('heartbeat', (_model, plugin) => plugin.writer.writeFirst('{"event":"heartbeat"}'))),
  fc.constant(command('a turn passes', () => turn())),
];

describe('the sessions of a process, whatever happens in whatever order', () => {
  it('have one end each, nothing after it, at most one error, their results in order, and a signal that aborts with the error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60 }), async steps => {
        const plugin = new Plugin();
        const model: Model = { expected: {}, open: new Set(), aborted: {}, count: 0 };
        await fc.asyncModelRun(() => ({ model, real: plugin }), steps);
        plugin.pipe.resumeReader();
        for (const id of [...model.open]) {
          ends(model, id);
          plugin.latest(id)?.settle.resolve();
        }
        await plugin.dispatcher.idle();
        await plugin.writer.flush();
        expect(plugin.received()).toEqual(model.expected);
        const aborted = Object.fromEntries(
          [...plugin.running].map(([id, all]) => [
            id,
            all.map(({ session }) => session.signal.reason?.errorType),
          ]),
        );
        expect(aborted).toEqual(model.aborted);
      }),
      { seed, numRuns: 1000 },
    );
  });
});
