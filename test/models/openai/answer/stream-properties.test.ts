import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadStream } from '../chunks.ts';
import { model } from '../samples.ts';

/** What a model may say, piece by piece, a chunk each. */
type Said = { content: string } | { reasoning: string } | { call: number; piece: string };

const text = fc
  .array(fc.constantFrom('a', 'Wort ', '\n', '文', '😀', '<', '<b>', '<tool', '"', '\u2028', '\r\n'))
  .map(parts => parts.join(''));
const said: fc.Arbitrary<Said[]> = fc.array(
  fc.oneof(
    text.map(content => ({ content })),
    text.map(reasoning => ({ reasoning })),
    fc.record({ call: fc.nat(2), piece: text }),
  ),
);

/** The bytes of the stream in which a server says it. */
function bytesOf(all: readonly Said[], lineEnd: string): Buffer {
  const begun = new Set<number>();
  const deltas = all.map(one => {
    if ('content' in one) return { content: one.content };
    if ('reasoning' in one) return { reasoning_content: one.reasoning, content: null };
    const named = begun.has(one.call) ? {} : { name: `f${one.call}` };
    begun.add(one.call);
    return { tool_calls: [{ index: one.call, function: { ...named, arguments: one.piece } }] };
  });
  const events = deltas.map(delta => JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }));
  const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  const lines = [...events, end, '[DONE]'].map(event => `data: ${event}${lineEnd}${lineEnd}`);
  return Buffer.from(lines.join(''), 'utf8');
}

function read(pieces: readonly Buffer[]) {
  const stream = new ReadStream(model(), { tools: true });
  let out = '';
  for (const piece of pieces) out += stream.pushBytes(piece);
  out += stream.pushBytes();
  const end = stream.end();
  return { text: out + end.text, calls: end.toolCalls.map(call => call.function), finish: end.finishReason };
}

function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map(place => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const lineEnds = fc.constantFrom('\n', '\r\n', '\r');

test('wherever the bytes are cut, the answer is the same', () => {
  fc.assert(
    fc.property(said, lineEnds, fc.array(fc.nat(), { maxLength: 20 }), (all, lineEnd, places) => {
      const bytes = bytesOf(all, lineEnd);
      expect(read(cutAt(bytes, places))).toEqual(read([bytes]));
    }),
  );
});

test('without calls, every character that was said comes through, in order, but for blanks around a block', () => {
  const visible = (given: string) => given.replace(/\s/g, '');
  const talk = said.map(all => [...all.filter(one => !('call' in one)), { content: 'end' }]);
  fc.assert(
    fc.property(talk, all => {
      const given = all.map(one =>
        'content' in one ? one.content : 'reasoning' in one ? one.reasoning : '',
      );
      const { text: out } = read([bytesOf(all, '\r\n')]);
      expect(visible(out.replace(/<\/?think>/g, ''))).toBe(visible(given.join('')));
    }),
  );
});

test('each call comes once, with all its pieces in order', () => {
  fc.assert(
    fc.property(said, all => {
      const pieces = new Map<number, string>();
      for (const one of all)
        if ('call' in one) pieces.set(one.call, (pieces.get(one.call) ?? '') + one.piece);
      const expected = [...pieces].map(([call, args]) => ({
        name: `f${call}`,
        arguments: args.trim() === '' ? '{}' : args,
      }));
      expect(read([bytesOf(all, '\n')]).calls).toEqual(expected);
    }),
  );
});

/** The answer of these payloads, each read by itself: the plain way. */
function readOneByOne(payloads: readonly string[]) {
  const stream = new ReadStream(model(), { tools: true });
  const out = payloads.map(payload => stream.push(payload)).join('');
  return `${out}${stream.end().text}`;
}

const escaped = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }).map(text => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom(
    'a',
    ' b',
    '\\n',
    '\\"',
    '\\\\',
    '\\ud83d',
    '\\ude00',
    '\\u0041',
    '<',
    '<think>',
    '</think>',
    '", "b": "',
    '\t',
    '\\x',
  ),
);

test('texts of chunks that repeat are those that come of each by itself, whatever stands in them', () => {
  fc.assert(
    fc.property(
      fc.array(escaped, { maxLength: 40 }),
      lineEnds,
      fc.constantFrom('data: ', 'data:'),
      fc.array(fc.nat(), { maxLength: 5 }),
      (insides, lineEnd, field, places) => {
        const chunk = (inside: string) =>
          `{"id":"c","choices":[{"index":0,"delta":{"content":"${inside}"},"finish_reason":null}]}`;
        // Ten that teach it what repeats come first.
        const all = [...Array.from({ length: 10 }, (_, at) => `w${at} `), ...insides].map(chunk);
        const end = JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
        const payloads = [...all, end, '[DONE]'];
        const bytes = Buffer.from(payloads.map(payload => `${field}${payload}${lineEnd}${lineEnd}`).join(''));
        expect(outcomeOf(() => read(cutAt(bytes, places)).text)).toBe(
          outcomeOf(() => readOneByOne(payloads)),
        );
      },
    ),
    { numRuns: 2_000 },
  );
});

function outcomeOf(read: () => string): string {
  try {
    return read();
  } catch (error) {
    return String(error);
  }
}
