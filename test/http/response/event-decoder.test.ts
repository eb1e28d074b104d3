import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventDecoder, EventTooLongError } from '../../../src/http/response/event-decoder.ts';
import { bodyBytes, recording, recordingNames } from '../../fake/xinference/recordings/recordings.ts';

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
