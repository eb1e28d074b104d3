import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ActionTable, Handler } from '../../src/dify/actions/actions.ts';
import { Dispatcher } from '../../src/dify/dispatcher.ts';
import { InternalError, InvokeRateLimitError } from '../../src/dify/protocol/errors.ts';
import { requestSchemas } from '../../src/dify/protocol/requests.schemas.ts';
import { LineWriter } from '../../src/dify/transport/lines/line-writer.ts';

interface Sent {
  session_id: string;
  data: { type: string; data: Record<string, unknown> };
}

/** A dispatcher whose `invoke_llm` is the given handler, and what it wrote. */
function setUp(handler: Handler<'invoke_llm'> = async () => {}, translate?: (thrown: unknown) => unknown) {
  const out = new PassThrough();
  let written = '';
  out.on('data', (bytes: Buffer) => {
    written += bytes.toString('utf8');
  });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: line => void logged.push(line) });
  const actions = Object.fromEntries(Object.keys(requestSchemas).map(action => [action, handler])) as unknown;
  const dispatcher = new Dispatcher({
    actions: actions as ActionTable,
    log,
    ...(translate && { translate }),
  });
  const writer = new LineWriter(out, 10_000);
  const receive = (line: unknown) =>
    dispatcher.receive(Buffer.from(typeof line === 'string' ? line : JSON.stringify(line)), writer);
  const sent = async () => {
    await dispatcher.idle();
    await writer.flush();
    await new Promise(resolve => setImmediate(resolve));
    return written
      .split('\n')
      .filter(line => line !== '')
      .map(line => JSON.parse(line) as Sent);
  };
  const kinds = async () => (await sent()).map(({ data }) => data.type);
  return { dispatcher, receive, sent, kinds, logged, writer };
}

const request = (data: Record<string, unknown> = {}, id = 's1') => ({
  session_id: id,
  event: 'request',
  data: { type: 'model', action: 'invoke_llm', model_type: 'llm', model: 'm', credentials: null, ...data },
});

describe('a request ends exactly once', () => {
  const never = new Promise<void>(() => {});

  it.each<[string, Handler<'invoke_llm'>, string[]]>([
    ['when the handler returns', async () => {}, ['end']],
    ['when it streams and returns', async (_, session) => void session.write({ a: 1 }), ['stream', 'end']],
    [
      'when it throws',
      async () => {
        throw new InvokeRateLimitError('slow down');
      },
      ['error', 'end'],
    ],
    [
      'when it throws after streaming',
      async (_, session) => {
        session.write({});
        throw new Error('bug');
      },
      ['stream', 'error', 'end'],
    ],
    [
      'when it throws at once, not as a promise',
      () => {
        throw new Error('bug');
      },
      ['error', 'end'],
    ],
    ['when it rejects with something that is no error', () => Promise.reject('text'), ['error', 'end']],
    [
      'when it writes after its end',
      async (_, session) => {
        session.end();
        session.write({});
      },
      ['end'],
    ],
    [
      'when it ends and fails twice',
      async (_, session) => {
        session.fail(new InternalError('one'));
        session.fail(new InternalError('two'));
        session.end();
      },
      ['error', 'end'],
    ],
    [
      'when a result is longer than a line',
      async (_, session) => void session.write({ text: 'x'.repeat(20_000) }),
      ['error', 'end'],
    ],
  ])('%s', async (_name, handler, expected) => {
    const { receive, kinds } = setUp(handler);
    receive(request());
    expect(await kinds()).toEqual(expected);
  });

  it('when it never returns and is cancelled', async () => {
    let aborted: unknown;
    const { receive, sent } = setUp(async (_, session) => {
      session.signal.addEventListener('abort', () => {
        aborted = session.signal.reason;
      });
      await never;
    });
    receive(request());
    receive({ event: 'cancel', session_id: 's1' });
    receive({ event: 'cancel', session_id: 's1' });
    const lines = await sent();
    expect(lines.map(({ data }) => data.type)).toEqual(['error', 'end']);
    expect(lines[0]?.data.data['error_type']).toBe('RequestCancelledError');
    expect(aborted).toMatchObject({ errorType: 'RequestCancelledError' });
  });

  it('when the process has to go', async () => {
    const { dispatcher, receive, sent } = setUp(async () => never);
    for (let id = 0; id < 3; id++) receive(request({}, `s${id}`));
    dispatcher.failAll(new InternalError('crash'));
    expect((await sent()).map(({ session_id, data }) => `${session_id} ${data.type}`)).toEqual(
      ['s0', 's1', 's2'].flatMap(id => [`${id} error`, `${id} end`]),
    );
  });
});

describe('lines of the host', () => {
  it('tells of an error in the words that Dify knows, with a bug named as one', async () => {
    const bug = setUp(() => Promise.reject(new TypeError('x is not a function')));
    bug.receive(request());
    expect((await bug.sent())[0]?.data.data).toMatchObject({
      error_type: 'InternalError',
      message: expect.stringContaining('x is not a function'),
      args: {},
    });
    expect(bug.logged.join()).toContain('"stack"');

    const translated = setUp(
      () => Promise.reject('busy'),
      () => new InvokeRateLimitError('busy'),
    );
    translated.receive(request());
    expect((await translated.sent())[0]?.data.data).toEqual({
      error_type: 'InvokeRateLimitError',
      message: 'busy',
      args: {},
    });
  });

  it.each<[string, unknown, string]>([
    ['another type', request({ type: 'tool' }), 'requests of type "model" only, not "tool"'],
    ['no data', { session_id: 's1', event: 'request' }, 'has no data'],
    ['data that is a list', { session_id: 's1', event: 'request', data: [] }, 'has no data'],
    ['an unknown action', request({ action: 'invoke_moon' }), 'does not know the action "invoke_moon"'],
    ['no action', request({ action: null }), 'does not know the action'],
    [
      'an action of the object prototype',
      request({ action: 'toString' }),
      'does not know the action "toString"',
    ],
    ['a model that is no text', request({ model: 7 }), 'invoke_llm is malformed: /model must be string'],
    ['an unknown role', request({ prompt_messages: [{ role: 'king' }] }), '/prompt_messages/0/role'],
  ])('answers %s with an error', async (_name, line, message) => {
    const { receive, sent } = setUp();
    receive(line);
    const lines = await sent();
    expect(lines.map(({ data }) => data.type)).toEqual(['error', 'end']);
    expect(lines[0]?.data.data).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(lines[0]?.data.data['message']).toContain(message);
  });

  it('says of an answer that is too long for a line what to do', async () => {
    const { receive, sent } = setUp(async (_, session) => void session.write({ text: 'x'.repeat(20_000) }));
    receive(request());
    expect((await sent())[0]?.data.data).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/2\d{4} of at most 10000 bytes/),
    });
  });

  it('answers a line that is not JSON where its session can be told, and logs it', async () => {
    const { receive, sent, logged } = setUp();
    receive('{"session_id":"s9","event":"request","data":{');
    receive('no JSON at all');
    const lines = await sent();
    expect(lines.map(({ session_id, data }) => `${session_id} ${data.type}`)).toEqual(['s9 error', 's9 end']);
    expect(logged).toHaveLength(2);
  });

  it('reads an id that is not ASCII or escaped out of a line that is not JSON, and takes no cancel for a request', async () => {
    const { receive, sent } = setUp();
    receive('{"session_id":"h\u00e9\\n\u65e5","event":"request","data":{');
    receive('{"event":"cancel","session_id":"s9"');
    receive('{"session_id":"\\x","event":"request"');
    const lines = await sent();
    expect(lines.map(({ session_id }) => session_id)).toEqual(['h\u00e9\n\u65e5', 'h\u00e9\n\u65e5']);
  });

  it('takes a request whose id was used in the same read by one that was refused', async () => {
    const { receive, kinds } = setUp();
    receive(request({ action: 'dance' }));
    receive(request());
    expect(await kinds()).toEqual(['error', 'end', 'end']);
  });

  it('cuts the text of an error that would not fit into a line', async () => {
    const { receive, sent } = setUp(() => Promise.reject(new InvokeRateLimitError('x'.repeat(20_000))));
    receive(request());
    const lines = await sent();
    expect(lines.map(({ data }) => data.type)).toEqual(['error', 'end']);
    expect(lines[0]?.data.data['message']).toMatch(/^x{800,4000}$/);
  });

  it.each([
    ['a text', '"hello"'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a request without session', '{"event":"request","data":{}}'],
    ['a request whose session has no end', `{"event":"request","session_id":"${'x'.repeat(5000)}"}`],
  ])('skips %s with a log line', async (_name, line) => {
    const { receive, kinds, logged } = setUp();
    receive(line);
    expect(await kinds()).toEqual([]);
    expect(logged).toHaveLength(1);
  });

  it('ignores events that it does not know, and cancels of nobody', async () => {
    const { receive, kinds, logged } = setUp();
    receive({ event: 'dance', session_id: 's1', data: {} });
    receive({ event: 'backwards_response', session_id: 's1', data: {} });
    receive({ event: 'cancel', session_id: 'nobody' });
    receive({ event: 'cancel' });
    expect(await kinds()).toEqual([]);
    expect(logged).toEqual([]);
  });

  it('drops a second request for an open session, and takes the id again afterwards', async () => {
    const gate = Promise.withResolvers<void>();
    const { receive, kinds, logged } = setUp(() => gate.promise);
    receive(request());
    receive(request());
    expect(logged.join()).toContain('second request');
    gate.resolve();
    expect(await kinds()).toEqual(['end']);
    receive(request());
    expect(await kinds()).toEqual(['end', 'end']);
  });

  it('answers a line that was too long to be read', async () => {
    const { dispatcher, writer, sent } = setUp();
    dispatcher.receiveOversized(
      Buffer.from('{"session_id": "big", "event": "request", "data": {"file": "00'),
      writer,
    );
    expect((await sent()).map(({ session_id, data }) => `${session_id} ${data.type}`)).toEqual([
      'big error',
      'big end',
    ]);
  });

  it('takes what a Go host leaves out or sends as null', async () => {
    let got: unknown;
    const { receive, kinds } = setUp(async asked => {
      got = asked;
    });
    receive(
      request({
        prompt_messages: null,
        tools: null,
        stop: null,
        model_parameters: null,
        stream: false,
        json_schema: null,
      }),
    );
    expect(await kinds()).toEqual(['end']);
    expect(got).toMatchObject({ model: 'm', tools: null });
  });

  it('holds a handler back while the host does not read', async () => {
    let rounds = 0;
    const stuck = new LineWriter(new PassThrough({ highWaterMark: 1000 }), 10_000);
    const { dispatcher } = setUp(async (_, session) => {
      for (; rounds < 1000; rounds++) {
        const backlog = session.write({ text: 'x'.repeat(9_000) });
        if (backlog) await backlog;
        else await new Promise(resolve => setImmediate(resolve));
      }
    });
    dispatcher.receive(Buffer.from(JSON.stringify(request())), stuck);
    for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve));
    expect(rounds).toBeLessThan(5);
  });
});
