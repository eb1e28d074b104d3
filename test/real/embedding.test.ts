import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../fake/plugin/plugin.ts';
import { cosine } from '../fake/xinference/endpoints/vectors.ts';
import { describeUnless, missing, realServer, testUnless, tooOld } from './server.ts';

/** The real all-MiniLM-L6-v2. */
const UID = 'tiny-embedding';

const sentences = [
  'A cat sits on the mat.',
  'A kitten is resting on a rug.',
  'The stock market fell sharply today.',
  'Shares lost much of their value this afternoon.',
  "Don't stop, Mr. O'Neil: it's 3.14 €!",
  'party 😀 time',
  '今天天气很好，我们去公园。',
  'x',
];

interface Embedded {
  readonly embeddings: number[][];
  readonly usage: { readonly tokens: number };
}

describeUnless(missing(UID), 'embeddings of a real server', () => {
  let plugin: PluginInProcess;
  beforeAll(async () => {
    plugin = await startPlugin();
  });
  afterAll(() => plugin.close());

  const ask = (action: string, data: object, form: object = {}) =>
    plugin.host
      .request(action, {
        model: UID,
        model_type: 'text-embedding',
        credentials: { server_url: realServer, model_uid: UID, ...form },
        ...data,
      })
      .result();

  async function embedded(texts: readonly string[], form?: object): Promise<Embedded> {
    const { stream, error } = await ask('invoke_text_embedding', { texts }, form);
    expect(error).toBeUndefined();
    return stream[0] as Embedded;
  }

  async function direct(input: readonly string[]): Promise<number[][]> {
    const response = await fetch(`${realServer}/v1/embeddings`, {
      method: 'POST',
      body: JSON.stringify({ model: UID, input }),
    });
    const { data } = (await response.json()) as { data: { embedding: number[] }[] };
    return data.map(row => row.embedding);
  }

  it('is valid, and describes itself', async () => {
    const validated = await ask('validate_model_credentials', {});
    expect(validated.stream).toMatchObject([{ result: true }]);
    const { stream } = await ask('get_ai_model_schemas', {});
    expect(stream).toMatchObject([
      { model_schema: { features: [], model_properties: { context_size: 512, max_chunks: 64 } } },
    ]);
  });

  it('gives the numbers of a direct call', async () => {
    expect((await embedded(sentences)).embeddings).toEqual(await direct(sentences));
  });

  testUnless(
    tooOld('4.1.0', 'base64 is not known'),
    'gives the float32 of the model, bit for bit',
    async () => {
      const response = await fetch(`${realServer}/v1/embeddings`, {
        method: 'POST',
        body: JSON.stringify({ model: UID, input: sentences, encoding_format: 'base64' }),
      });
      const { data } = (await response.json()) as { data: { embedding: string }[] };
      const rows = (await embedded(sentences)).embeddings.map(row =>
        Buffer.from(Float32Array.from(row).buffer).toString('base64'),
      );
      expect(rows).toEqual(data.map(row => row.embedding));
    },
  );

  it.each([
    ['7 digits, in one request', '64', 7],
    // The server pads what it computes together, which makes a text come out different by 1e-8 or so.
    ['6 digits, in parts that it puts together as they come', '3', 6],
    ['6 digits, one by one', '1', 6],
  ])('finds the cosine similarities of a direct call to %s', async (_, max_chunks, digits) => {
    const similarities = (rows: readonly number[][]) =>
      rows.flatMap(left => rows.map(right => cosine(left, right)));
    const expected = similarities(await direct(sentences));
    const { embeddings, usage } = await embedded(sentences, { max_chunks });
    expect(usage.tokens).toBeGreaterThan(50);
    for (const [at, similarity] of similarities(embeddings).entries()) {
      expect(similarity).toBeCloseTo(expected[at] ?? Number.NaN, digits);
    }
  });

  it('puts what means the same close together', async () => {
    const [cat, kitten, market, shares] = (await embedded(sentences)).embeddings as [
      number[],
      number[],
      number[],
      number[],
    ];
    expect(cosine(cat, kitten)).toBeGreaterThan(0.5);
    expect(cosine(market, shares)).toBeGreaterThan(0.5);
    expect(cosine(cat, market)).toBeLessThan(0.2);
  });

  it('embeds texts that are empty, too long or broken', async () => {
    const texts = ['', '\u0000', 'a\ud800b', 'word '.repeat(100_000)];
    const { embeddings } = await embedded(texts);
    expect(embeddings.map(row => row.length)).toEqual([384, 384, 384, 384]);
  });

  it('embeds many texts in parts', async () => {
    const texts = Array.from({ length: 150 }, (_, n) => `${n}: ${sentences[n % sentences.length]}`);
    const { embeddings } = await embedded(texts, { max_chunks: '16' });
    const expected = await direct(texts.slice(140));
    for (const [at, row] of expected.entries()) {
      expect(cosine(row, embeddings[140 + at] ?? [])).toBeCloseTo(1, 5);
    }
  });

  it('answers ten callers at once, each with its own (1.13.0 to 3.0.0 number them together)', async () => {
    const callers = Array.from({ length: 10 }, (_none, caller) =>
      sentences.slice(0, 3).map(text => `${text} ${caller}`),
    );
    const answers = await Promise.all(callers.map(texts => embedded(texts)));
    for (const [caller, texts] of callers.entries()) {
      for (const [at, row] of (await direct(texts)).entries()) {
        expect(cosine(row, answers[caller]?.embeddings[at] ?? [])).toBeCloseTo(1, 5);
      }
    }
  });

  testUnless(missing('tiny-rerank'), 'says what is wrong with the model', async () => {
    const wrong = await ask('invoke_text_embedding', { texts: ['a'] }, { model_uid: 'tiny-rerank' });
    expect(wrong.error).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringContaining('Add it as Rerank'),
    });
    const missing = await ask('invoke_text_embedding', { texts: ['a'] }, { model_uid: 'no-such-model' });
    expect(missing.error?.error_type).toBe('InvokeBadRequestError');
  });
});
