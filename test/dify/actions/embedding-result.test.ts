import { describe, expect, it } from 'vitest';
import { embeddingResult } from '../../../src/dify/actions/embedding-result.ts';
import type { NumberText } from '../../../src/dify/index.ts';
import type { TooManyRowsError } from '../../../src/dify/protocol/errors.ts';
import { InvokeBadRequestError } from '../../../src/dify/protocol/errors.ts';
import { embeddingUsage } from '../../../src/dify/protocol/results.ts';
import { embed } from '../../fake/xinference/endpoints/vectors.ts';

const usage = embeddingUsage(3, 0.1);

/** A row as it comes from a server, cut into pieces of some bytes. */
function row(json: string, pieceLength = 1000): NumberText {
  const bytes = Buffer.from(json.slice(1, -1));
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceLength) }, (_, at) =>
    bytes.subarray(at * pieceLength, (at + 1) * pieceLength),
  );
  return { pieces, count: (JSON.parse(json) as number[]).length };
}

async function result(rows: readonly NumberText[], maxBytes: number, name = 'm') {
  const bytes = Buffer.concat(await embeddingResult(name, rows, usage, maxBytes));
  const text = bytes.toString('utf8');
  return { length: bytes.length, text, parsed: JSON.parse(text) as { embeddings: number[][] } };
}

describe('embeddingResult', () => {
  it('keeps the digits of the server', async () => {
    const { text } = await result([row('[0.10,-2e-05]'), row('[1,0.03447725996375084]')], 1000, 'mödel "x"');
    expect(text).toBe(
      `{"model":"mödel \\"x\\"","embeddings":[[0.10,-2e-05],[1,0.03447725996375084]],"usage":${JSON.stringify(usage)}}`,
    );
  });

  it('is not rewritten when it fits to the byte, and is when it is one longer', async () => {
    const rows = [row('[0.1234567890123456,0.5]'), row('[0.25,-0.00012345678901234567]')];
    const { length } = await result(rows, 1000, '模型');
    expect((await result(rows, length, '模型')).text).toContain('[[0.1234567890123456,0.5],[0.25,');
    const shorter = await result(rows, length - 1, '模型');
    expect(shorter.text).toContain('[[0.123456789,0.5],[0.25,-0.000123456789]]');
    expect(shorter.length).toBeLessThan(length);
  });

  it('rewrites with every digit that a float32 has', async () => {
    const vectors = Array.from({ length: 64 }, (_, n) => embed(`text ${n}`, 4096));
    const rows = vectors.map(vector => row(JSON.stringify(vector), 65_536));
    const whole = (await result(rows, 10_000_000)).length;
    expect(whole).toBeGreaterThan(5_000_000);
    const { length, parsed } = await result(rows, 5_000_000);
    expect(length).toBeLessThan(5_000_000);
    expect(parsed.embeddings.map(values => values.map(Math.fround))).toEqual(vectors);
  });

  it('rewrites blanks, exponents and zeros into no more than they were', async () => {
    const numbers = '[ 0, -0.0 , 1e-05, 123456789012, 1.2345678901234567e-8, 0.30000001192092896]';
    const { length } = await result([row(numbers)], 1000);
    const { parsed, text } = await result([row(numbers)], length - 1);
    expect(parsed.embeddings).toEqual([[0, -0, 1e-5, 123456789012, 1.23456789e-8, 0.300000012]]);
    expect(text.length).toBeLessThan(length);
  });

  it('says how many texts would fit, and as many do', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => row(JSON.stringify(embed(`text ${n}`, 256))));
    const error = await embeddingResult('m', rows, usage, 40_000).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InvokeBadRequestError);
    const { fitting } = error as TooManyRowsError;
    expect(fitting).toBeGreaterThan(8);
    expect((error as Error).message).toContain('50 texts, 256 numbers each');
    await result(rows.slice(0, fitting), 40_000);
    await expect(embeddingResult('m', rows.slice(0, fitting + 2), usage, 40_000)).rejects.toThrow();
  });

  it('says so when not even one text fits, however long the rest is', async () => {
    const rows = Array.from({ length: 50 }, () => row(JSON.stringify(embed('text', 256))));
    for (const count of [1, 2, 50]) {
      await expect(embeddingResult('m', rows.slice(0, count), usage, 2000)).rejects.toThrow(
        /Not even one does/,
      );
    }
  });

  it('lets others have their turn while megabytes are rewritten', async () => {
    const rows = Array.from({ length: 64 }, (_, n) => row(JSON.stringify(embed(`${n}`, 4096)), 65_536));
    let turns = 0;
    let timer = setImmediate(function turn() {
      turns++;
      timer = setImmediate(turn);
    });
    await result(rows, 5_000_000);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(10);
  });
});
