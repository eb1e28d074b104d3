import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../fake/plugin/plugin.ts';
import { describeUnless, missing, realServer, testUnless } from './server.ts';

/** A model of random weights: its scores mean nothing, but they are always the same. */
const UID = 'tiny-rerank';

const query = 'capital of France';
const docs = ['Paris is the capital of France', 'Bananas are yellow', 'Berlin', '', '日本 😀', 'a\ud800b'];

interface Ranked {
  readonly docs: { readonly index: number; readonly text: string; readonly score: number }[];
}

describeUnless(missing(UID), 'rerank of a real server', () => {
  let plugin: PluginInProcess;
  beforeAll(async () => {
    plugin = await startPlugin();
  });
  afterAll(() => plugin.close());

  const ask = (action: string, data: object, form: object = {}) =>
    plugin.host
      .request(action, {
        model: UID,
        model_type: 'rerank',
        credentials: { server_url: realServer, model_uid: UID, ...form },
        ...data,
      })
      .result();

  async function ranked(data: object): Promise<Ranked['docs']> {
    const { stream, error } = await ask('invoke_rerank', { query, docs, ...data });
    expect(error).toBeUndefined();
    return (stream[0] as Ranked).docs;
  }

  it('is valid, and describes itself', async () => {
    const validated = await ask('validate_model_credentials', {});
    expect(validated.stream).toMatchObject([{ result: true }]);
    const { stream } = await ask('get_ai_model_schemas', {});
    expect(stream).toMatchObject([
      { model_schema: { features: [], model_properties: { context_size: 8192 } } },
    ]);
  });

  it('gives the scores of a direct call, best first, with our own texts', async () => {
    const response = await fetch(`${realServer}/v1/rerank`, {
      method: 'POST',
      body: JSON.stringify({ model: UID, query, documents: docs.map(text => text.toWellFormed()) }),
    });
    const { results } = (await response.json()) as { results: { index: number; relevance_score: number }[] };
    const found = await ranked({});
    expect(found).toHaveLength(docs.length);
    for (const { index, text, score } of found) {
      expect(text).toBe(docs[index]);
      expect(score).toBeCloseTo(
        results.find(result => result.index === index)?.relevance_score ?? Number.NaN,
        6,
      );
    }
    expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).sort((a, b) => b - a));
  });

  it('keeps the best top_n, above the threshold', async () => {
    const all = await ranked({});
    expect((await ranked({ top_n: 2 })).map(doc => doc.index)).toEqual(all.slice(0, 2).map(doc => doc.index));
    const middle = all[2]?.score ?? 0;
    const above = await ranked({ score_threshold: middle - 1e-6 });
    expect(above.length).toBeGreaterThanOrEqual(3);
    expect(above.every(({ score }) => score >= middle - 1e-6)).toBe(true);
  });

  it('leaves it to the server to cut what is too long', async () => {
    expect(await ranked({ docs: ['word '.repeat(20_000), 'short'] })).toHaveLength(2);
  });

  it('says of an image that the model ranks texts only', async () => {
    const { error } = await ask('invoke_multimodal_rerank', {
      query: { content: 'a cat', content_type: 'text' },
      docs: [{ content: 'iVBORw0KGgoAAAANSUhEUg', content_type: 'image' }],
    });
    expect(error).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringContaining('ranks texts only'),
    });
  });

  testUnless(missing('tiny-embedding'), 'says what is wrong with the model', async () => {
    const { error } = await ask('invoke_rerank', { query, docs }, { model_uid: 'tiny-embedding' });
    expect(error).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringContaining('Add it as Text Embedding'),
    });
  });
});
