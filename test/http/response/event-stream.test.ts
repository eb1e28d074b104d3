import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { HttpResponse } from '../../../src/http/client.ts';
import { EventDecoder, EventTooLongError, readEvents } from '../../../src/http/response/event-stream.ts';
import { FakeClock } from '../../fake/clock.ts';
import { longLine, neverEndingBody } from '../../fake/xinference/faults.ts';
import { bodyBytes, recording, recordingNames } from '../../fake/xinference/recordings/recordings.ts';
import { type Handler, startEvents, write } from '../../fake/xinference/replies.ts';
import { startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../servers.ts';
import { batches } from './batches.ts';

/**
 * What the standard says, done in the simplest way: all bytes at once, line by line. Lines that are of no field are what
 * came, where nothing else did.
 */
function reference(bytes: Buffer, isAll = true): string[] {
  const events: string[] = [];
  const stray: string[] = [];
  let data: string[] = [];
  const lines = bytes
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/);
  for (const line of [...lines, '']) {
    const [field, ...rest] = line.split(':');
    if (line === '') {
      if (data.join('\n') !== '') events.push(data.join('\n'));
      data = [];
    } else if (field === 'data') data.push(rest.join(':').replace(/^ /, ''));
    else if (!['', 'event', 'id', 'retry'].includes(field ?? '')) stray.push(line);
  }
  return isAll && events.length === 0 && stray.length > 0 ? [stray.join('\n')] : events;
}

/** A decoder, and what it gave since that was last asked. */
function collecting() {
  let payloads: string[] = [];
  const sink = { payload: (payload: string) => void payloads.push(payload), flush: () => undefined };
  const taken = () => {
    const given = payloads;
    payloads = [];
    return given;
  };
  return { decoder: new EventDecoder(sink), taken };
}

function decode(pieces: Iterable<Buffer>): string[] {
  const { decoder, taken } = collecting();
  for (const piece of pieces) decoder.push(piece);
  decoder.end();
  return taken();
}

/** `bytes` cut at `offsets`, each taken modulo the length. */
function cut(bytes: Buffer, offsets: readonly number[]): Buffer[] {
  const ends = offsets.map(offset => offset % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

/** Begins with a brace, and is no object. */
const BRACE = '{"a":1';
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const word = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replace(/[\r\n]/g, '')),
  fc.constantFrom(BRACE, '模型', '😀', ':', ' ', '  x', '', '\ufeff', '\u2028', '[DON', 'data: x'),
);
const line = fc.oneof(
  { weight: 5, arbitrary: word.map(text => `data: ${text}`) },
  word.map(text => `data:${text}`),
  word.map(text => `: ${text}`),
  fc.constantFrom('data', 'dat', 'datax: 1', 'event: x', 'id: 1', 'retry: 5', 'nonsense', ' data: x'),
  { weight: 4, arbitrary: fc.constant('') },
);
const streamOf = (line: fc.Arbitrary<string>) =>
  fc
    .tuple(
      fc.boolean(),
      fc.oneof(
        fc.array(fc.tuple(line, lineEnd)),
        lineEnd.chain(end => fc.array(line.map(text => [text, end] as const))),
      ),
      fc.oneof(fc.constant(''), line),
    )
    .map(([bom, lines, rest]) =>
      Buffer.from((bom ? '\ufeff' : '') + lines.map(([text, end]) => text + end).join('') + rest),
    );
const stream = streamOf(line);
/** What leaves the standard. */
const oddLine = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom('data: {"a":1}', 'data: {"b":2}', 'data:[DONE]', 'data: {', 'data: }', ''),
  },
  fc.constantFrom(
    'event: error',
    'event: message',
    'error: {"c":3}',
    'error: boom',
    'error',
    '{"d":4}',
    'id: 1',
  ),
  line,
);

describe('EventDecoder', () => {
  test('finds what the standard says, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (bytes, offsets) => {
        expect(decode(cut(bytes, offsets))).toEqual(reference(bytes));
      }),
      { numRuns: 3_000 },
    );
  });

  test('finds the same in single bytes', () => {
    fc.assert(
      fc.property(stream, bytes => {
        expect(decode(Array.from(bytes, byte => Buffer.of(byte)))).toEqual(reference(bytes));
      }),
      { numRuns: 1_000 },
    );
  });

  test('finds the same in a stream that leaves the standard, wherever it is cut', () => {
    fc.assert(
      fc.property(streamOf(oddLine), fc.array(fc.nat(), { maxLength: 12 }), (bytes, offsets) => {
        const whole = decode([bytes]);
        expect(decode(cut(bytes, offsets))).toEqual(whole);
        expect(decode(Array.from(bytes, byte => Buffer.of(byte)))).toEqual(whole);
      }),
      { numRuns: 2_000 },
    );
  });

  test('gives an event as soon as its blank line is there', () => {
    fc.assert(
      fc.property(stream, bytes => {
        const { decoder, taken } = collecting();
        let seen = 0;
        const events: string[] = [];
        for (const byte of bytes) {
          decoder.push(Buffer.of(byte));
          events.push(...taken());
          seen++;
          const blank = /(?:\r\n|\n|\r(?!\n))(?:\r\n|\r|\n)$/.test(
            bytes.subarray(0, seen).toString('latin1'),
          );
          if (blank) expect(events).toEqual(reference(bytes.subarray(0, seen), false));
        }
      }),
      { numRuns: 500 },
    );
  });

  const a = '{"a":1}';
  const b = '{"b":2}';
  const [multi, pretty] = ['data: {\ndata: "a":1\ndata: }\n', '{\n"a":1\n}'];
  const boom = '{"error":"boom"}';

  test.each<[string, string, string[]]>([
    [
      'proxies that drop blank lines: a line after a whole object is an event',
      `data: ${a}\ndata: ${b}\ndata: [DONE]\n`,
      [a, b, '[DONE]'],
    ],
    [
      'the same with CRLF, other fields and comments',
      `event: m\r\ndata: ${a}\r\n: ping\r\nid: 1\r\nevent: m\r\ndata: ${b}\r\n`,
      [a, b],
    ],
    ['the same after [DONE]', `data: [DONE]\ndata: ${a}\n`, ['[DONE]', a]],
    ['an object over several lines is one', `${multi}\ndata: ${a}\n\n`, [pretty, a]],
    ['an object over several lines after one on one line', `data: ${a}\n${multi}\n`, [a, pretty]],
    ['a field error', 'error: boom\n\n', [boom]],
    [
      'a field error with an object (llama.cpp)',
      `data: ${a}\n\nerror: {"code":500,"message":"boom"}\n\n`,
      [a, '{"error":{"code":500,"message":"boom"}}'],
    ],
    ['a field error that holds one', `error: ${boom}\n`, [boom]],
    ['a field error right after a payload', `data: ${a}\nerror: boom\n`, [a, boom]],
    ['an event error with a text', 'event: error\ndata: boom\n\n', [boom]],
    ['an event error with an object', `event: error\ndata: ${a}\n\n`, ['{"error":{"a":1}}']],
    ['an event error with an error', `event:error\ndata: ${boom}\n\n`, [boom]],
    ['an event error without data', 'event: error\n\n', ['{"error":""}']],
    ['an event error that is named after its data', 'data: boom\nevent: error\n\n', [boom]],
    ['an event by another such name', 'event: response.failed\ndata: boom\n\n', [boom]],
    [
      'an event error between others, and no blank lines',
      `data: ${a}\nevent: error\ndata: boom\n\ndata: ${b}\n`,
      [a, boom, b],
    ],
    ['an event of another name', `event: error\nevent: message\ndata: ${a}\n\n`, [a]],
    ['an object without a field', `${a}\n`, [a]],
    ['objects line by line (NDJSON)', `${a}\n${b}\n`, [a, b]],
    ['an object over several lines without a field', `${pretty}\n`, [pretty]],
    ['an object without a field after events', `data: ${a}\n\n${boom}\n`, [a, boom]],
    ['a text without a field', 'Internal Server Error', ['Internal Server Error']],
    ['a text without a field beside events', `data: ${a}\n\nnonsense\n`, [a]],
  ])('%s', (_name, text, events) => {
    expect(decode([Buffer.from(text)])).toEqual(events);
    for (let at = 1; at < text.length; at++) expect(decode(cut(Buffer.from(text), [at]))).toEqual(events);
  });

  test('without blank lines, an event is given when the next line begins, and from then on at once', () => {
    const { decoder, taken } = collecting();
    const given = [a, b, a].map(payload => {
      decoder.push(Buffer.from(`data: ${payload}\n`));
      return taken();
    });
    expect(given).toEqual([[], [a, b], [a]]);
  });

  test.each([
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['LF', 'data: a\n\ndata: b\n\n', ['a', 'b']],
    ['CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['mixed', 'data: a\r\n\ndata: b\n\r\ndata: c\r\n\r', ['a', 'b', 'c']],
    ['no blank after the colon', 'data:a\n\ndata:  b\n\n', ['a', ' b']],
    ['several lines', 'data: a\ndata\ndata: b\n\n', ['a\n\nb']],
    ['comments', ': ping - 2026\r\n\r\ndata: a\r\n: x\r\n\r\n', ['a']],
    ['other fields', 'event: x\nid: 7\nretry: 1\ndata: a\n\n', ['a']],
    ['an empty payload', 'data:\n\ndata: \n\ndata: a\n\n', ['a']],
    ['a byte order mark', '\ufeffdata: a\n\ndata: \ufeffb\n\n', ['a', '\ufeffb']],
    ['an end without a blank line', 'data: a\n\ndata: b', ['a', 'b']],
    ['an end in the middle of a line end', 'data: a\r', ['a']],
    ['line separators of Unicode', 'data: {"a":"\u2028\u0085"}\n\n', ['{"a":"\u2028\u0085"}']],
    ['nothing', '', []],
  ])('%s', (_what, text, events) => {
    expect(decode([Buffer.from(text)])).toEqual(events);
    expect(reference(Buffer.from(text))).toEqual(events);
  });

  const streams = recordingNames().filter(name =>
    recording(name).response.headers.some(header => /^content-type: text\/event-stream/i.test(header)),
  );

  test.each(streams)('recording %s is whole in any cut', name => {
    const bytes = bodyBytes(recording(name));
    const events = reference(bytes);
    expect(events.length).toBeGreaterThan(0);
    for (const size of [1, 7, 64, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
        bytes.subarray(at * size, (at + 1) * size),
      );
      expect(decode(pieces)).toEqual(events);
    }
  });

  test.each([
    ['CR before a LF', '\r', '\n'],
    ['LF before a CR', '\n', '\r'],
  ])('millions of %s take no time', (_what, many, one) => {
    const bytes = Buffer.from(`data: a${many.repeat(2 ** 22)}${one}data: b${one}${one}`);
    expect(decode([bytes])).toEqual(['a', 'b']);
  });

  test('a line that comes byte by byte is kept as its bytes, not as a buffer for each (issue 16, point 3)', () => {
    const { decoder } = collecting();
    const byte = Buffer.from('x');
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().external;
    const before = held();
    for (let count = 0; count < 2_000_000; count++) decoder.push(byte);
    expect(held() - before).toBeLessThan(64 * 2 ** 20);
  });

  test('the lines of one event are bounded in number too', () => {
    const lines = (count: number) => Buffer.from(`${'data: x\n'.repeat(count)}\n`);
    expect(decode([lines(5_000), lines(5_000)])).toHaveLength(2);
    expect(() => decode([lines(20_000)])).toThrow(EventTooLongError);
  });

  test('an event may have 8 MiB, and no more', () => {
    const block = Buffer.alloc(2 ** 20, 'x');
    const take = (blocks: number, newline = '') => {
      const { decoder, taken } = collecting();
      decoder.push(Buffer.from('data: '));
      for (let count = 0; count < blocks; count++) decoder.push(Buffer.from(`${block}${newline}`));
      decoder.push(Buffer.from('\n\n'));
      decoder.end();
      return taken();
    };
    expect(take(7)[0]).toHaveLength(7 * 2 ** 20);
    expect(() => take(9)).toThrow(EventTooLongError);
    expect(() => take(9, '\ndata: ')).toThrow(EventTooLongError);
  });
});

describe('readEvents', () => {
  const chat = {
    method: 'POST',
    path: '/v1/chat/completions',
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'x' }], stream: true }),
  } as const;

  async function open(client: TestClient, url: string): Promise<HttpResponse> {
    return client.send(serverAt(url), { ...chat, signal: patient() });
  }

  async function all(client: TestClient, url: string): Promise<string[]> {
    const events: string[] = [];
    await readEvents(
      await open(client, url),
      patient(),
      batches(payloads => {
        events.push(...payloads);
      }),
    );
    return events;
  }

  test('gives the events of an answer, and leaves the connection to the next', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    for (let count = 0; count < 3; count++) expect((await all(client, server.url)).at(-1)).toBe('[DONE]');
    expect(server.connections).toBe(1);
  });

  describe('once nothing more has to come (a finish reason came)', () => {
    /** Sends these writes, and then nothing; breaks off when it is told to. */
    const says =
      (writes: readonly string[], breaks?: Promise<void>): Handler =>
      async (_request, response) => {
        startEvents(response);
        for (const text of writes) await write(response, text);
        void breaks?.then(() => response.destroy());
      };

    async function readOf(handler: Handler, isFinished: (events: string[]) => boolean) {
      const server = await startFakeXinference();
      const client = new TestClient();
      const clock = new FakeClock();
      server.answer('POST /v1/chat/completions', handler);
      const events: string[] = [];
      const onPayloads = (payloads: string[]) => void events.push(...payloads);
      const answer = await open(client, server.url);
      const over = readEvents(answer, patient(), batches(onPayloads), () => isFinished(events), clock);
      const close = async () => {
        client[Symbol.dispose]();
        await server.close();
      };
      return { events, clock, over, [Symbol.asyncDispose]: close };
    }

    const isSaid = (event: string) => (events: string[]) => events.includes(event);

    test('the stream is over after 5 s of silence without [DONE] or end', async () => {
      await using read = await readOf(says(['data: finish\n\n', 'data: counts\n\n']), isSaid('finish'));
      await vi.waitFor(() => expect(read.events).toEqual(['finish', 'counts']));
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(4_999);
      expect(read.clock.pending).toBe(1);
      read.clock.advance(1);
      await read.over;
    });

    test('comments are silence, and an event without its blank line counts', async () => {
      await using read = await readOf(
        says(['data: finish\n\n', ': ping\n\ndata: counts\n']),
        isSaid('finish'),
      );
      await vi.waitFor(() => expect(read.clock.pending).toBe(1));
      read.clock.advance(5_000);
      await read.over;
      expect(read.events).toEqual(['finish', 'counts']);
    });

    test('an end that breaks off is one; before that it is an error', async () => {
      for (const event of ['finish', 'a']) {
        const { promise, resolve } = Promise.withResolvers<void>();
        await using read = await readOf(says([`data: ${event}\n\n`], promise), isSaid('finish'));
        const over = read.over.then(() => 'over', String);
        await vi.waitFor(() => expect(read.events).toEqual([event]));
        resolve();
        expect(await over).toMatch(event === 'finish' ? 'over' : 'broke off in the middle');
      }
    });

    test('before that there is no such limit', async () => {
      await using read = await readOf(says(['data: a\n\n']), isSaid('finish'));
      void read.over.catch(() => undefined);
      await vi.waitFor(() => expect(read.events).toEqual(['a']));
      expect(read.clock.pending).toBe(0);
    });
  });

  test('is over at [DONE] and leaves the connection too, though the end comes later', async () => {
    let end: (() => void) | undefined;
    const late: Handler = (_request, response) => {
      startEvents(response);
      response.write('data: {}\r\n\r\ndata: [DONE]\r\n\r\n');
      end = () => response.end();
    };
    await using server = await startFakeXinference();
    server.answer('*', late);
    using client = new TestClient();
    for (let count = 0; count < 3; count++) {
      expect(await all(client, server.url)).toEqual(['{}', '[DONE]']);
      end?.();
      await pause(20);
    }
    expect(server.connections).toBe(1);
  });

  test.each<[string, (response: Parameters<Handler>[1]) => void]>([
    ['never comes', () => undefined],
    ['is followed by more', response => response.write('data: more\r\n\r\n')],
  ])('a connection whose end after [DONE] %s is closed', async (_what, after) => {
    await using server = await startFakeXinference();
    server.answer('*', async (_request, response) => {
      startEvents(response);
      response.write('data: [DONE]\r\n\r\n');
      await pause(20);
      after(response);
    });
    using client = new TestClient();
    expect(await all(client, server.url)).toEqual(['[DONE]']);
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
    while (client.connections.size > 0) await pause(10);
  });

  test('a reader that fails closes the connection, so that the server stops', async () => {
    await using server = await startFakeXinference();
    server.answer('*', neverEndingBody);
    using client = new TestClient();
    const failure = new Error('no chunk');
    const read = readEvents(
      await open(client, server.url),
      patient(),
      batches(() => {
        throw failure;
      }),
    );
    await expect(read).rejects.toBe(failure);
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
    expect(client.connections.size).toBe(0);
  });

  test('what a reader returns is awaited, and meanwhile the server is kept waiting', async () => {
    await using server = await startFakeXinference();
    server.answer('*', neverEndingBody);
    using client = new TestClient();
    const slow = Promise.withResolvers<void>();
    const enough = new Error('enough');
    let reads = 0;
    const read = readEvents(
      await open(client, server.url),
      patient(),
      batches(() => {
        if (++reads === 3) throw enough;
        return slow.promise;
      }),
    );
    await pause(200);
    expect(reads).toBe(1);
    slow.resolve();
    await expect(read).rejects.toBe(enough);
  });

  test('lets others have their turn while more comes than is read (issue 16, point 2)', async () => {
    await using server = await startFakeXinference();
    const many = 'data: {"choices":[{},{},{},{}]}\n\n'.repeat(50_000);
    server.answer('*', async (_request, response) => {
      startEvents(response);
      await write(response, many);
      response.end('data: [DONE]\n\n');
    });
    using client = new TestClient();
    const answer = await client.send(serverAt(server.url), { ...chat, signal: patient() });
    let hadTurn = true;
    let calls = 0;
    await readEvents(
      answer,
      patient(),
      batches(() => {
        calls++;
        expect(hadTurn).toBe(true);
        hadTurn = false;
        setImmediate(() => {
          hadTurn = true;
        });
        for (const until = performance.now() + 25; performance.now() < until; );
        return undefined;
      }),
    );
    expect(calls).toBeGreaterThan(5);
  });

  test('a line without an end is given up at 8 MiB', async () => {
    await using server = await startFakeXinference();
    server.answer('*', longLine(2 ** 26));
    using client = new TestClient();
    await expect(all(client, server.url)).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringContaining(`${server.url}/v1/chat/completions sent an event of more than 8 MiB`),
    });
    expect(await server.requests[0]?.outcome).toMatchObject({ aborted: true });
  });

  test('an answer that breaks off is an error after the events that came', async () => {
    const broken = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: a\n\ndata: b');
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>(resolve => broken.listen(0, '127.0.0.1', resolve));
    using client = new TestClient();
    const url = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`;
    const events: string[] = [];
    const read = readEvents(
      await open(client, url),
      patient(),
      batches(payloads => {
        events.push(...payloads);
      }),
    );
    await expect(read).rejects.toMatchObject({
      code: 'broke-off',
      message: expect.stringContaining('broke off in the middle'),
    });
    expect(events).toEqual(['a']);
    broken.close();
  });
});
