import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkParser } from '../../../../models/openai/answer/chunk-parser.ts';
import { growthOver8 } from '../../../growth.ts';

/** A chunk as servers write them: the text of a JSON object, its spacing and its order of fields their own. */
const frame = (content: string) =>
  `{"id": "chat1", "created": 17, "choices": [{"index": 0, "delta": {"content": ${content}}, "finish_reason": null}], "usage": null}`;

/** Every event, parsed. The objects are copied, because the parser may use one again. */
function parseAll(events: readonly string[]): unknown[] {
  const parser = new ChunkParser();
  return events.map(event => structuredClone(outcome(() => parser.parse(event))));
}

const parsedPlainly = (events: readonly string[]) => events.map(event => outcome(() => JSON.parse(event)));

function outcome(parse: () => unknown): unknown {
  try {
    return { value: parse() };
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Enough chunks for the parser to have learned what they look like. */
const learnable = Array.from({ length: 20 }, (_, at) => frame(JSON.stringify(` word${at}`)));

describe('ChunkParser', () => {
  it('parses as JSON.parse, whatever stands around and in the texts', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        '',
        ' a',
        'content',
        'choices',
        '"',
        '\\',
        '\n',
        '\u2028',
        '\ud800',
        '你好',
        '(the text of a chunk)',
      ),
    );
    // How a text may be written: as JavaScript does, and with any character escaped.
    const escaped = (value: string) =>
      `"${[...value].map(c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`;
    const written = fc.oneof(
      { weight: 6, arbitrary: text.map(value => JSON.stringify(value)) },
      { weight: 1, arbitrary: text.map(escaped) },
      // Not a JSON string: more fields, another type, or nothing that can be parsed.
      fc.constantFrom(
        'null',
        '"a", "reasoning": "b"',
        '"a", "content": "b"',
        '"a\\q"',
        '"a\u0001"',
        '"a',
        '"',
        '["a"]',
      ),
      text.map(value => `"${value}"`),
    );
    const surroundings = fc.record({
      id: fc.constantFrom('chat1', 'chat2', ' a', 'content'),
      field: fc.constantFrom('content', 'reasoning_content', 'reasoning', 'role'),
      place: fc.constantFrom('delta', 'choice'),
      rest: fc.constantFrom(
        '',
        ', "content": null',
        ', "tool_calls": []',
        ', "tool_calls": [{"index": 0, "id": " a"}]',
      ),
      finish: fc.constantFrom('null', '"stop"'),
      end: fc.constantFrom(
        '}',
        ', "usage": null}',
        ', "usage": {"prompt_tokens": 1}}',
        ', "error": " a"}',
        '',
      ),
    });
    const run = fc
      .tuple(surroundings, fc.array(written, { minLength: 1, maxLength: 30 }))
      .map(([{ id, field, place, rest, finish, end }, texts]) =>
        texts.map(value =>
          place === 'delta'
            ? `{"id": "${id}", "choices": [{"delta": {"${field}": ${value}${rest}}, "finish_reason": ${finish}}]${end}`
            : `{"id": "${id}", "choices": [{"text": ${value}${rest}, "finish_reason": ${finish}}]${end}`,
        ),
      );
    fc.assert(
      fc.property(fc.array(run, { minLength: 1, maxLength: 8 }), runs => {
        const events = [...learnable, ...runs.flat(), ...learnable];
        expect(parseAll(events)).toEqual(parsedPlainly(events));
      }),
      { numRuns: 500 },
    );
  });

  it('is not misled by a text that stands in another field too', () => {
    for (const text of ['content', ' a', '(the text of a chunk)']) {
      const alike = Array.from({ length: 20 }, () => frame(JSON.stringify(text)).replace('chat1', text));
      const events = [...alike, frame(JSON.stringify(text)), ...learnable, ...alike];
      expect(parseAll(events)).toEqual(parsedPlainly(events));
    }
  });

  it('gives the texts of a long answer one for one', () => {
    const texts = Array.from(
      { length: 5000 },
      (_, at) => [' a', '\n', ' "b"', ' ü', '\\', '', '\u{1f600}'][at % 7],
    );
    const events = texts.map((text, at) => frame(JSON.stringify(text)).replace('17', String(17 + (at >> 8))));
    const parser = new ChunkParser();
    const read = events.map(event => {
      const { choices } = parser.parse(event) as { choices: [{ delta: { content: string } }] };
      return choices[0].delta.content;
    });
    expect(read).toEqual(texts);
  });

  it('reads chunks that repeat without parsing them', () => {
    const parser = new ChunkParser();
    const objects = new Set(learnable.map(event => parser.parse(event)));
    expect(objects.size).toBeLessThan(12); // one object for each that was parsed, and one for all others
  });

  it('learns again when what stands around the text changes', () => {
    const parser = new ChunkParser();
    const later = learnable.map(event => event.replace('"created": 17', '"created": 18'));
    for (const event of learnable) parser.parse(event);
    const objects = new Set(later.map(event => parser.parse(event)));
    expect(objects.size).toBeLessThan(4);
  });

  it('refuses what is no JSON as JSON.parse does', () => {
    const parser = new ChunkParser();
    for (const event of learnable) parser.parse(event);
    expect(() => parser.parse(frame('" a\\"'))).toThrow(SyntaxError);
    expect(() => parser.parse(frame('" a\n"'))).toThrow(SyntaxError);
    expect(() => parser.parse('[DONE')).toThrow(SyntaxError);
  });

  it('learns in linear time, wherever the same text stands in a chunk (issue 16, point 4)', () => {
    const chunk = (places: number) =>
      `{"x":[${'"a",'.repeat(places)}0],"choices":[{"delta":{"content":"a"},"finish_reason":null}]}`;
    const growth = growthOver8(1_000, places => {
      const event = chunk(places);
      return () => {
        const parser = new ChunkParser();
        for (let count = 0; count < 12; count++) parser.parse(event);
      };
    });
    expect(growth).toBeLessThan(20);
  });

  it('refuses a chunk with more lists and objects than any chunk has (issue 16, point 2)', () => {
    const chunk = (content: string, rest: string) =>
      `{"choices":[{"delta":{"content":${content}}}],"x":[${rest}0]}`;
    const parser = new ChunkParser();
    expect(() => parser.parse(chunk('"a"', '{},'.repeat(10_000)))).toThrow(
      /more than 5,000 lists and objects/,
    );
    expect(() => parser.parse(chunk('"a"', '{},'.repeat(100_000)))).toThrow(
      /more than 5,000 lists and objects/,
    );
    expect(() => parser.parse(chunk('"a"', '"b",'.repeat(100_000)))).toThrow(/more than 25,000 strings/);
    expect(parser.parse(chunk(JSON.stringify('{},[]"'.repeat(100_000)), '{},'.repeat(1_000)))).toBeInstanceOf(
      Object,
    );
  });
});

it('parses a chunk of 7 MB, with escapes in it', () => {
  const parser = new ChunkParser();
  for (const event of learnable) parser.parse(event);
  const long = frame(JSON.stringify(`\n${'x'.repeat(7_000_000)}\n`));
  expect(outcome(() => parser.parse(long))).toEqual(outcome(() => JSON.parse(long)));
});
