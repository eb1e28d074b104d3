import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEmbeddings } from '../../../../models/openai/embeddings/read-embeddings.ts';
import { ServerError } from '../../../../src/http/errors/errors.ts';
import { answerOf, cutAt } from './answer-of.ts';

const { signal } = new AbortController();

/** The rows of an answer as numbers, and its tokens. */
async function read(pieces: readonly (Buffer | string)[], count: number, start = 0) {
  const { rows, tokens } = await readEmbeddings(answerOf(pieces), { count, start }, signal);
  const numbers = rows.map(row => JSON.parse(`[${Buffer.concat([...row.pieces])}]`) as number[]);
  expect(rows.map(row => row.count)).toEqual(numbers.map(row => row.length));
  return { rows: numbers, tokens };
}

/** What the same answer means to `JSON.parse`; undefined when it is no proper answer. */
function readPlainly(body: Buffer, count: number): number[][] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  const data = (value as { data?: unknown } | null)?.data;
  if (Array.isArray(value) || !Array.isArray(data) || data.length !== count) return undefined;
  const indexes: unknown[] = data.map(entry => entry?.index ?? undefined);
  // As the rules say: rows without any index are in order, and a run without gaps counts from its lowest.
  const sorted = indexes.toSorted((one, other) => Number(one) - Number(other));
  const isRun = sorted.every((index, at) => Number.isInteger(index) && index === Number(sorted[0]) + at);
  const lowest = isRun ? Math.max(0, Number(sorted[0])) : 0;
  const rows: number[][] = [];
  for (const [at, entry] of data.entries()) {
    const index = indexes.every(each => each === undefined) ? at : Number(indexes[at]) - lowest;
    const isPlace = indexes[at] === undefined || Number.isInteger(indexes[at]);
    if (!isPlace || !(index >= 0 && index < count) || rows[index] !== undefined) return undefined;
    const embedding: unknown = entry?.embedding;
    if (!Array.isArray(embedding) || embedding.length === 0 || !embedding.every(Number.isFinite))
      return undefined;
    rows[index] = embedding;
  }
  return rows;
}

const entry = (index: unknown, embedding: unknown) => ({ index, object: 'embedding', embedding });
const bodyOf = (data: unknown, usage?: unknown) =>
  JSON.stringify({ object: 'list', model: 'm', data, usage });

describe('readEmbeddings', () => {
  it('puts rows into the order of the texts', async () => {
    const body = bodyOf([entry(2, [5, 6]), entry(0, [1, 2]), entry(1, [3, 4])], {
      prompt_tokens: 5,
      total_tokens: 5,
    });
    expect(await read([body], 3)).toEqual({
      rows: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
      tokens: 5,
    });
  });

  it.each([
    ['count on over all requests that 1.13.0 to 3.0.0 computes together', [9, 10, 11], [0, 1, 2]],
    ['count on, and are not in order', [5, 4, 6], [1, 0, 2]],
    ['are missing', [undefined, undefined, undefined], [0, 1, 2]],
    ['are null', [null, null, null], [0, 1, 2]],
  ])('indexes that %s tell the order of the texts', async (_what, indexes, places) => {
    const rows = places.map(place => [place, 0.5]);
    const body = bodyOf(indexes.map((index, at) => entry(index, rows[at])));
    expect((await read([body], 3)).rows).toEqual([
      [0, 0.5],
      [1, 0.5],
      [2, 0.5],
    ]);
  });

  it.each([
    [undefined, undefined],
    [{}, undefined],
    [null, undefined],
    [{ prompt_tokens: -1, total_tokens: -1 }, undefined],
    [{ prompt_tokens: 0, total_tokens: 0 }, undefined],
    [{ prompt_tokens: 7 }, 7],
    [{ prompt_tokens: null, total_tokens: 8 }, 8],
    [{ prompt_tokens: '9' }, undefined],
  ])('takes from the usage %j the count %j', async (usage, tokens) => {
    expect((await read([bodyOf([entry(0, [1])], usage)], 1)).tokens).toBe(tokens);
  });

  it.each<[string, string | object[], RegExp]>([
    ['too few rows', [entry(0, [1]), entry(2, [1])], /has 2 embeddings for 3 texts: the one of text 12 is/],
    ['a row twice', [entry(0, [1]), entry(1, [1]), entry(1, [1])], /two embeddings for text 12/],
    ['an index beyond', [entry(0, [1]), entry(3, [1])], /an embedding with the index 3 for 3 texts/],
    ['an index below', [entry(-1, [1])], /index -1/],
    ['half an index', [entry(0.5, [1])], /index 0.5/],
    ['a text as index', [entry('0', [1])], /index 0 for/],
    ['a row without an index', [entry(0, [1]), { embedding: [1] }], /an embedding without an index/],
    ['more rows than texts', Array(4).fill({ embedding: [1] }), /has 4 embeddings for 3 texts/],
    ['indexes with a gap', [entry(3, [1]), entry(5, [1]), entry(6, [1])], /index 3 for 3 texts/],
    ['too few that count on', [entry(3, [1]), entry(4, [1])], /index 3 for 3 texts/],
    ['a null in a row', [entry(0, [1]), entry(1, [1, null])], /finite number in the embedding of text 12/],
    ['a text in a row', [entry(0, [1, '2'])], /embedding of text 11/],
    ['a row in a row', [entry(0, [[1]])], /embedding of text 11/],
    ['an infinite number', '{"data":[{"index":1,"embedding":[1e999,1]}]}', /embedding of text 12/],
    ['NaN', '{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[0.5,NaN]}]}', /of text 12/],
    ['-Infinity', '{"data":[{"index":0,"embedding":[-Infinity,1]}]}', /embedding of text 11/],
    ['an empty row', [entry(0, [])], /no list of numbers for text 11/],
    ['a null row', [entry(0, [1]), entry(1, null)], /no list of numbers for text 12/],
    ['base64', [entry(0, 'p6A3vUvfCb6AN0g+')], /no list of numbers for text 11/],
    ['a sparse row', [entry(0, { 12: 0.5 })], /no list of numbers for text 11/],
    ['no entries', [{}, {}, {}], /no list of numbers for text 11/],
    ['nulls as entries', '{"data":[null]}', /no list of numbers for text 11/],
    ['no list of rows', '{"data":{"0":[1]}}', /lists no embeddings/],
    ['another answer', '{"hello":"world"}', /lists no embeddings/],
    ['a page', '<html><body>Sign in</body></html>', /is no JSON object/],
    ['a list', '[1,2]', /is no JSON object/],
    ['half an answer', '{"data":[{"index":0,"embedding":[0.5,0.2', /is no JSON object/],
    ['nothing', '', /embeddings is empty/],
  ])('refuses %s, and says where', async (_, answer, message) => {
    const body = typeof answer === 'string' ? answer : bodyOf(answer);
    const error = await read([body], 3, 10).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServerError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect((error as Error).message).toContain('http://xinference.example:9997/v1/embeddings');
  });

  it('takes rows that are written in unusual ways', async () => {
    const body =
      '{"data":[{"index":0,"\\u0065mbedding":[1,2]},{"index":1,"embedding":[\n  1e-320,\n  1E2\n]}]}';
    expect((await read([body], 2)).rows).toEqual([
      [1, 2],
      [1e-320, 100],
    ]);
  });

  it('lets others have their turn while a long row is printed', async () => {
    let turns = 0;
    let timer = setImmediate(function turn() {
      turns++;
      timer = setImmediate(turn);
    });
    // Line breaks are not taken as they stand, so the row is parsed and printed.
    await read([`{"data":[{"index":0,"embedding":[\n${'0.5,\n'.repeat(200_000)}1]}]}`], 1);
    clearImmediate(timer);
    expect(turns).toBeGreaterThan(10);
  });

  it('gives up an answer that cannot fit into a line whatever comes', async () => {
    const numbers = Buffer.from(`${'0.5,'.repeat(262_144)}`);
    const body = ['{"data":[{"index":0,"embedding":[', ...Array.from({ length: 70 }, () => numbers)];
    await expect(read(body, 1)).rejects.toThrow(/is longer than 64 MiB/);
  });

  it('gives up a text that goes on without numbers', async () => {
    const noise = Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024, 'x'));
    await expect(read(['{"error":"', ...noise], 1)).rejects.toThrow(/too long to be of use/);
  });
});

/** Numbers as servers print them, and some that they should not. */
const number = fc.oneof(
  { weight: 6, arbitrary: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 2, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 2, arbitrary: fc.integer().map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '-0',
      '0.0',
      '1e-05',
      '-2.5E+7',
      '1e0',
      '12345678901234567890',
      '1e308',
      '1e-400',
      '0.1e1',
    ),
  },
);
const oddity = fc.constantFrom('1e400', 'null', 'NaN', '01', '1.', '"1"', '[]', 'true', '-', '', '1 2', '{}');
const blank = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r\n  ');

const row = (value: fc.Arbitrary<string>) =>
  fc
    .array(fc.tuple(blank, value, blank), { maxLength: 12 })
    .map(values => `[${values.map(([before, text, after]) => before + text + after).join(',')}]`);

/** Members that may stand beside the embedding, in any order; a doubled key is legal JSON, and the last one counts. */
const extra = fc.constantFrom(
  '"object":"embedding"',
  '"embedding":[9]',
  '"embedding":"x"',
  '"note":"\\"embedding\\":[1,2]"',
  '"an \\"embedding":[3]',
  '"more":{"embedding":[4,5]}',
  '"ü":"日本 \\u0000"',
  '"\\u0065mbedding":[6]',
);

const answer = (value: fc.Arbitrary<string>) =>
  fc
    .array(
      fc.tuple(
        row(value),
        fc.array(extra, { maxLength: 2 }),
        fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
        blank,
      ),
      { minLength: 1, maxLength: 4 },
    )
    .chain(entries =>
      fc.tuple(
        fc.constant(entries),
        fc.shuffledSubarray([...entries.keys()], { minLength: entries.length }),
        fc.array(extra, { maxLength: 1 }),
      ),
    )
    .map(([entries, order, around]) => {
      const data = order.map(index => {
        const [embedding, extras, ranks, space] = entries[index] ?? ['', [], [], ''];
        const members = [`"index":${space}${index}`, `"embedding"${space}:${space}${embedding}`, ...extras];
        const sorted = members
          .map((member, at) => [ranks[at] ?? 0, member] as const)
          .sort(([a], [b]) => a - b);
        return `{${space}${sorted.map(([, member]) => member).join(`,${space}`)}}`;
      });
      const members = [...around, `"data":[${data.join(',')}]`, '"usage":{"prompt_tokens":3}'];
      return { body: Buffer.from(`{${members.join(',')}}`), count: entries.length };
    });

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

/** Holds what is read against the plain reading. */
async function compare(body: Buffer, count: number, places: readonly number[]): Promise<void> {
  const expected = readPlainly(body, count);
  const rows = await read(cutAt(body, places), count).then(
    result => result.rows,
    error => {
      if (error instanceof ServerError) return undefined;
      throw error;
    },
  );
  // A zero that had to be printed anew has lost its sign, which says nothing.
  const unsigned = (list: number[][] | undefined) => list?.map(values => values.map(value => value + 0));
  expect(unsigned(rows)).toEqual(unsigned(expected));
}

describe('readEmbeddings, held against JSON.parse', () => {
  it('gives the same numbers for every good answer, however its bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(answer(number), cuts, ({ body, count }, places) => compare(body, count, places)),
      { numRuns: 500 },
    );
  });

  it('takes and refuses the same answers when some of their numbers are none', async () => {
    await fc.assert(
      fc.asyncProperty(
        answer(fc.oneof({ weight: 9, arbitrary: number }, { weight: 1, arbitrary: oddity })),
        cuts,
        ({ body, count }, places) => compare(body, count, places),
      ),
      { numRuns: 500 },
    );
  });

  it('takes and refuses the same answers when single bytes of them are lost, doubled or others', async () => {
    const change = fc.tuple(
      fc.constantFrom('lose', 'double', 'replace'),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.constantFrom(...'"[]{},:.\\-e0 \n'),
    );
    await fc.assert(
      fc.asyncProperty(
        answer(number),
        cuts,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        ({ body, count }, places, changes) => {
          let bytes = body;
          for (const [how, place, byte] of changes) {
            const at = Math.floor(place * bytes.length);
            const middle = { lose: '', double: bytes.subarray(at, at + 1), replace: byte }[how];
            bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(at + 1)]);
          }
          return compare(bytes, count, places);
        },
      ),
      {
        numRuns: 1500,
        examples: [
          [
            { body: Buffer.from('{"data":[{"index":0,"embedding":[1,2]}]}'), count: 1 },
            [],
            [['lose', 0.28, '"']],
          ],
        ],
      },
    );
  });
});
