import { PassThrough, Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { ActionTable, Handler } from '../../src/dify/actions/actions.ts';
import { Dispatcher } from '../../src/dify/dispatcher.ts';
import {
  createLogger,
  hostLogDestination,
  jsonLogDestination,
  textLogDestination,
} from '../../src/dify/log.ts';
import { InvokeConnectionError, InvokeRateLimitError } from '../../src/dify/protocol/errors.ts';
import { LineWriter } from '../../src/dify/transport/lines/line-writer.ts';

const MAX_LINE_BYTES = 100_000;

/** What a host gets, of which a test decides when it is read. */
class Reader extends Writable {
  text = '';
  isReading = true;
  #taken: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 1024, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.text += chunk;
    if (this.isReading) done();
    else this.#taken = done;
  }

  read(): void {
    this.isReading = true;
    this.#taken?.();
  }
}

/** A log of which the host reads the lines. */
function setUp(level = 'debug') {
  const reader = new Reader();
  const writer = new LineWriter(reader, MAX_LINE_BYTES);
  const log = createLogger(hostLogDestination(writer), level);
  const lines = async () => {
    await writer.flush();
    return reader.text
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line))
      .filter(({ event }) => event === 'log')
      .map(({ data }) => data as { level: string; message: string; timestamp: number });
  };
  return { reader, writer, log, lines };
}

/** The lines about one `invoke_llm`, carried out by the handler. */
async function linesOf(handler: Handler<'invoke_llm'>, level?: string) {
  const { writer, log, lines } = setUp(level);
  const actions = { invoke_llm: handler } as unknown as ActionTable;
  const dispatcher = new Dispatcher({ actions, log });
  const data = { type: 'model', action: 'invoke_llm', model_type: 'llm', model: 'qwen' };
  dispatcher.receive(Buffer.from(JSON.stringify({ event: 'request', session_id: 's1', data })), writer);
  await dispatcher.idle();
  return lines();
}

describe('the log', () => {
  it('goes to the host as log events, with the facts in the message', async () => {
    const { log, lines } = setUp();
    log.warn({ tries: 3 }, 'hello');
    log.info('plain');
    const [first, second] = await lines();
    expect(first).toEqual({ level: 'WARN', message: 'hello {"tries":3}', timestamp: expect.any(Number) });
    expect(second).toMatchObject({ level: 'INFO', message: 'plain' });
    expect(Math.abs(Date.now() / 1000 - (first?.timestamp ?? 0))).toBeLessThan(60);
  });

  it.each([
    ['warn', ['WARN']],
    ['DEBUG', ['DEBUG', 'INFO', 'WARN']],
    ['silent', []],
    ['loud', ['INFO', 'WARN']],
  ])('of the level %s has %s', async (level, expected) => {
    const { log, lines } = setUp(level);
    log.debug('a');
    log.info('b');
    log.warn('c');
    expect((await lines()).map(line => line.level)).toEqual(expected);
  });

  it('cuts what is longer than a line of the host', async () => {
    const { log, lines } = setUp();
    log.error({ model: '\u0001'.repeat(1_000_000) }, 'long');
    expect((await lines())[0]?.message).toHaveLength(8000);
  });

  it('tells of an error and its causes, but not what was called with what', async () => {
    const { log, lines } = setUp();
    const cause = Object.assign(new Error('inner'), { input: 'sk-secret' });
    log.error(
      { err: Object.assign(new TypeError('outer is not a function', { cause }), { headers: 'sk-secret' }) },
      'failed',
    );
    const [line] = await lines();
    expect(line?.message).toMatch(
      /^failed .*"type":"TypeError","message":"outer is not a function","stack":".*"cause":{"type":"Error","length":5,/,
    );
    expect(line?.message).not.toContain('sk-secret');
  });

  it('shows no start of a text that is no JSON: it can be a prompt (issue 16, 8)', async () => {
    const { log, lines } = setUp();
    try {
      JSON.parse('my diary of Monday');
    } catch (err) {
      log.error({ err }, 'failed');
    }
    expect((await lines())[0]?.message).not.toMatch(/diary|my d/);
  });

  it('shows what would do something to a terminal, on one line (issue 16, 9)', async () => {
    const { log, lines } = setUp();
    log.warn({ model: '\u001b]0;title\u0007' }, 'one\n12:00:00 ERROR two\u001b[2J\u202e');
    expect((await lines())[0]?.message).toBe(
      'one 12:00:00 ERROR two\\u001b[2J\\u202e {"model":"\\\\u001b]0;title\\\\u0007"}',
    );
  });

  it('in a storm that nobody reads keeps some lines, counts the others, and says so when it is read again', async () => {
    const { reader, log, lines } = setUp();
    reader.isReading = false;
    for (let storm = 0; storm < 200; storm++) {
      for (let line = 0; line < 100; line++) log.warn(`line ${storm} ${line} ${'x'.repeat(500)}`);
      await turn();
    }
    reader.read();
    const seen = await lines();
    await turn();
    expect(seen.length).toBeLessThan(1200);
    const last = (await lines()).at(-1)?.message ?? '';
    expect(last).toBe(`${20_000 - seen.length} log lines were left out, because nobody read them.`);
    log.warn('calm');
    expect((await lines()).at(-1)?.message).toBe('calm');
  });
});

describe('the log of a plugin that has stdout for itself', () => {
  function logTo(destination: typeof jsonLogDestination, level?: string): string {
    const out = new PassThrough();
    const log = createLogger(destination(out), level);
    log.debug('not shown');
    log.warn({ session: 's1' }, 'A line was skipped.');
    log.info('Plain.');
    return String(out.read() ?? '');
  }

  it('writes a line for a person', () => {
    expect(logTo(textLogDestination)).toMatch(
      /^\d\d:\d\d:\d\d WARN A line was skipped\. \{"session":"s1"\}\n\d\d:\d\d:\d\d INFO Plain\.\n$/,
    );
  });

  it('writes a line for a program', () => {
    const [first = ''] = logTo(jsonLogDestination).split('\n');
    expect(JSON.parse(first)).toEqual({
      level: 40,
      time: expect.any(Number),
      session: 's1',
      msg: 'A line was skipped.',
    });
  });

  it.each([
    ['error', 0],
    ['WARN', 1],
    ['debug', 3],
    ['loud', 2],
  ])('with LOG_LEVEL %s shows %i of three lines', (level, count) => {
    expect(logTo(jsonLogDestination, level).split('\n').filter(Boolean)).toHaveLength(count);
  });

  it.each([textLogDestination, jsonLogDestination])(
    'keeps some lines of a storm that nobody reads',
    async destination => {
      const reader = new Reader();
      reader.isReading = false;
      const log = createLogger(destination(reader), 'info');
      for (let line = 0; line < 20_000; line++) log.warn(`line ${line} ${'x'.repeat(500)}`);
      expect(reader.writableLength).toBeLessThan(1_000_000);
      reader.read();
      await turn();
      log.warn('calm');
      expect(reader.text).toMatch(/left out.*\n.*calm.*\n$/);
    },
  );
});

describe('a finished request', () => {
  it('is one line at debug: action, model, status, times, chunks and bytes', async () => {
    const lines = await linesOf(async (_, session) => {
      await session.writeJson('{"a":"é"}');
      await session.writeJson('{}');
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.level).toBe('DEBUG');
    expect(lines[0]?.message).toMatch(
      /^request finished {"session":"s1","action":"invoke_llm","model":"qwen","status":"ok","firstMs":\d+,"ms":\d+,"chunks":2,"bytes":152}$/,
    );
  });

  it('has no time of a first chunk when there was none', async () => {
    const [line] = await linesOf(async () => {});
    expect(line?.message).not.toContain('firstMs');
    expect(line?.message).toContain('"chunks":0,"bytes":0');
  });

  it('that was cancelled is there when the session ends, not when its handler does', async () => {
    const lines = await linesOf((_, session) => {
      session.cancel();
      return new Promise(() => undefined);
    });
    expect(lines.map(({ message }) => message).join()).toContain('"status":"RequestCancelledError"');
  });

  it('says nothing above debug when it went well, or when the request itself was wrong', async () => {
    expect(await linesOf(async () => {}, 'info')).toEqual([]);
    expect(await linesOf(() => Promise.reject(new InvokeRateLimitError('slow')), 'info')).toEqual([]);
  });

  it('warns of a failure that came from elsewhere by what of it is for a log, with its kind and length (issue 16, 8)', async () => {
    const cause = new Error('You asked: my diary');
    const logged = 'Nothing listens there.';
    const thrown = new InvokeConnectionError('Nothing listens there. You asked: my diary', { cause, logged });
    const lines = await linesOf(() => Promise.reject(thrown), 'warn');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'WARN' });
    expect(lines[0]?.message).toMatch(
      /^Nothing listens there\. {.*"status":"InvokeConnectionError","length":42}$/,
    );
    expect(JSON.stringify(lines)).not.toContain('diary');
  });

  it('tells of a bug as an error with its stack', async () => {
    const lines = await linesOf(() => Promise.reject(new TypeError('x.map is not a function')), 'warn');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'ERROR' });
    expect(lines[0]?.message).toMatch(
      /"type":"TypeError","message":"x.map is not a function","stack":" {4}at /,
    );
  });
});
