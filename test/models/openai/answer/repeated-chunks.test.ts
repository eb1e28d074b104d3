import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReadStream } from '../chunks.ts';
import { model } from '../samples.ts';

type Fields = Record<string, unknown>;

/** Some chunks alike: what they say, and what stands around it. */
interface Run {
  readonly id: string;
  readonly created: number;
  readonly field: 'content' | 'reasoning_content' | 'text';
  readonly beside: Fields;
  readonly texts: readonly string[];
  readonly finish: string | null;
  readonly isEscaped: boolean;
}

const text = fc.oneof(
  fc.constantFrom(' a', ' few', '', '\n', '"', '\\', '</think>', '<tool_call>', '文', '😀', 'stop', 'chat'),
  fc.string({ unit: 'grapheme' }),
);
const run: fc.Arbitrary<Run> = fc.record({
  id: fc.constantFrom('chat1', 'chat2', ' a'),
  created: fc.integer({ min: 1, max: 3 }),
  field: fc.constantFrom('content', 'reasoning_content', 'text'),
  beside: fc.constantFrom<Fields>(
    {},
    { role: 'assistant' },
    { content: null },
    { tool_calls: [] },
    { tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: ' a' } }] },
  ),
  texts: fc.array(text, { minLength: 1, maxLength: 25 }),
  finish: fc.constantFrom(null, null, null, 'stop', 'length'),
  isEscaped: fc.boolean(),
});

/** What the host is sent for these bytes, read by read, or the error. */
function read(payloads: readonly string[], reads: readonly number[]) {
  const stream = new ReadStream(model(), { tools: true });
  const texts: string[] = [];
  try {
    let from = 0;
    for (const count of [...reads, payloads.length]) {
      const bytes = payloads.slice(from, from + count).map(payload => `data: ${payload}\r\n\r\n`);
      from += count;
      texts.push(stream.pushBytes(Buffer.from(bytes.join(''))));
    }
    return { texts, end: stream.end() };
  } catch (error) {
    return { texts, error: String(error) };
  }
}

function payloadsOf({ id, created, field, beside, texts, finish, isEscaped }: Run): string[] {
  return texts.map(said => {
    const delta = field === 'text' ? { text: said } : { delta: { ...beside, [field]: said } };
    const json = JSON.stringify({ id, created, choices: [{ index: 0, ...delta, finish_reason: finish }] });
    return isEscaped
      ? json.replace(/[^\x20-\x7e]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      : json;
  });
}

test('chunks that repeat give what the same chunks give when each looks different', () => {
  const reads = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 20 });
  const end = fc.constantFrom(
    ['[DONE]'],
    [],
    ['{"error": {"message": "CUDA out of memory"}}'],
    ['{"choices": ['],
  );
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 10 }), reads, end, (runs, counts, last) => {
      const payloads = [...runs.flatMap(payloadsOf), ...last];
      const different = payloads.map((payload, at) => payload.replace(/^\{"id"/, `{"n": ${at}, "id"`));
      const errorless = (outcome: object) =>
        JSON.parse(JSON.stringify(outcome).replace(/\\"n\\": \d+, /g, ''));
      expect(errorless(read(payloads, counts))).toEqual(errorless(read(different, counts)));
    }),
    { numRuns: 500 },
  );
});
