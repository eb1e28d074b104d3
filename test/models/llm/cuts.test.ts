import { describe, expect, test } from 'vitest';
import { llmModel } from '../../../models/llm/model.ts';
import { parseDescription } from '../../../src/xinference/description.ts';
import { bodyBytes, recording, requestBody } from '../../fake/xinference/recordings/recordings.ts';
import { ReadStream } from '../openai/chunks.ts';
import { emptyForm } from '../openai/samples.ts';
import { namesOf } from './recorded/table.ts';
import { tables } from './recorded/tables.ts';

/** Every recorded stream, with the way to read it from these pieces of its bytes: its end, or the error that it is. */
const streams = tables.flatMap(([, { model, rows }]) =>
  Object.keys(rows)
    .map(row => namesOf(row)[0] ?? row)
    .filter(name => /text\/event-stream/.test(recording(name).response.headers.join()))
    .map(name => {
      const asked = requestBody(recording(name)) as { tools?: unknown[] };
      const given = llmModel('m', model && parseDescription(model.description), emptyForm);
      const read = (pieces: readonly Buffer[]): string => {
        const stream = new ReadStream(given, { tools: (asked.tools ?? []).length > 0 });
        let text = '';
        try {
          for (const piece of pieces) text += stream.pushBytes(piece);
          text += stream.pushBytes();
          const end = stream.end();
          // An id that the server did not give is another each time.
          const toolCalls = end.toolCalls.map(call => ({ ...call, id: call.id.slice(0, 5) }));
          return JSON.stringify({ ...end, toolCalls, text: text + end.text });
        } catch (error) {
          return String(error);
        }
      };
      return [name, bodyBytes(recording(name)), read] as const;
    }),
);

/** So many bytes are read for one body: of longer ones every second, third… cut in two. Byte by byte all are cut. */
const BYTES_READ = 15_000_000;

describe.each(streams)('%s', (_name, body, read) => {
  const whole = read([body]);

  test('cut in two', () => {
    expect(whole).not.toBe('');
    const step = Math.ceil(body.length ** 2 / BYTES_READ);
    for (let at = 1; at < body.length; at += step) {
      const cut = read([body.subarray(0, at), body.subarray(at)]);
      if (cut !== whole) expect(cut, `cut at byte ${at}`).toBe(whole);
    }
  });

  test('byte by byte', () => {
    expect(read(Array.from(body, (_byte, at) => body.subarray(at, at + 1)))).toBe(whole);
  });
});

test('there are streams', () => {
  expect(streams.length).toBeGreaterThan(70);
});
