import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, test } from 'vitest';
import { DescriptionFile } from '../../../src/xinference/description-file.ts';
import type { SessionResult } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { status } from '../../fake/xinference/faults.ts';
import { rerank } from '../../fake/xinference/models.ts';
import { sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/rerank';
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [
      rerank('gguf', { model_engine: 'llama.cpp', model_format: 'ggufv2' }),
      rerank('gguf-qwen', { model_name: 'Qwen3-Reranker-0.6B', model_engine: 'llama.cpp' }),
      rerank('gguf-old', { model_engine: null, model_format: 'ggufv2' }),
      rerank('gemma', { model_name: 'bge-reranker-v2-gemma', type: 'LLM-based' }),
      rerank('layers', { model_name: 'bge-reranker-v2-minicpm-layerwise', type: 'LLM-based layerwise' }),
      rerank('cross'),
      rerank('cross-2'),
      rerank('qwen', { model_name: 'Qwen3-Reranker-0.6B' }),
      rerank('qwen-vllm', { model_name: 'Qwen3-Reranker-4B', model_engine: 'vllm' }),
      rerank('qwen-old', { model_name: 'Qwen3-Reranker-0.6B', model_engine: null }),
      rerank('qwen-old-2', { model_name: 'Qwen3-Reranker-0.6B', model_engine: null }),
      rerank('qwen-gguf-old', {
        model_name: 'Qwen3-Reranker-0.6B',
        model_engine: null,
        model_format: 'ggufv2',
      }),
      rerank('m0', { model_name: 'jina-reranker-m0', model_ability: ['rerank', 'rerank_vision'] }),
    ],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

async function ranked(
  uid: string,
  scores: readonly number[],
  {
    form = {},
    action = 'invoke_rerank',
    ...data
  }: { form?: object; action?: string; [field: string]: unknown } = {},
): Promise<SessionResult & { docs: { index: number; score: number }[] }> {
  server.answer(ROUTE, (_request, response) =>
    sendJson(response, 200, {
      results: scores.map((relevance_score, index) => ({ index, relevance_score, document: null })),
    }),
  );
  const credentials = { server_url: server.url, model_uid: uid, max_retries: '0', ...form };
  const docs = scores.map((_score, index) => `document ${index}`);
  const session = plugin.host.request(action, {
    model: uid,
    model_type: 'rerank',
    credentials,
    query: 'q',
    docs,
    ...data,
  });
  const result = await session.result();
  return { ...result, docs: (result.stream[0] as { docs: { index: number; score: number }[] })?.docs ?? [] };
}

const given = async (...call: Parameters<typeof ranked>) =>
  (await ranked(...call)).docs.map(({ score }) => score);

describe('issue 20, 1: scores from 0 to 1', () => {
  test.each(['gguf', 'gguf-old', 'gemma', 'layers'])('auto knows that %s gives logits', async uid => {
    expect(await given(uid, [0.2, 0.9])).toEqual([sigmoid(0.9), sigmoid(0.2)]);
    expect(await given(uid, [0.2], { form: { rerank_scores: 'auto' } })).toEqual([sigmoid(0.2)]);
  });

  test.each(['cross', 'gguf-qwen', 'qwen-vllm'])('auto leaves what %s gives from 0 to 1', async uid => {
    expect(await given(uid, [0, 1, 0.5])).toEqual([1, 0.5, 0]);
  });

  it('auto sees logits by the first score outside, and remembers it with the model', async () => {
    expect(await given('cross-2', [0.5])).toEqual([0.5]);
    expect(await given('cross-2', [0.5, -3])).toEqual([sigmoid(0.5), sigmoid(-3)]);
    expect(await given('cross-2', [0.5])).toEqual([sigmoid(0.5)]);
    expect(await given('cross', [0.5])).toEqual([0.5]);
  });

  it('keeps with the description what scores have shown, for the next process too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'scores-'));
    const before = plugin;
    const start = () => startPlugin({ file: new DescriptionFile([join(folder, 'models.json')]) });
    try {
      plugin = await start();
      expect(await given('cross', [0.5, -3])).toEqual([sigmoid(0.5), sigmoid(-3)]);
      await plugin.close();
      plugin = await start();
      expect(await given('cross', [0.5])).toEqual([sigmoid(0.5)]);
      expect(await given('cross-2', [0.5])).toEqual([0.5]);
      await plugin.close();
      const { description } = rerank('cross', { model_engine: 'vllm' });
      server.answer('GET /v1/models/cross', (_request, response) => sendJson(response, 200, description));
      plugin = await start();
      expect(await given('cross', [0.5])).toEqual([0.5]);
      await plugin.close();
    } finally {
      plugin = before;
      rmSync(folder, { recursive: true });
    }
  });

  it('raw leaves everything, unit changes everything', async () => {
    expect(await given('gguf', [-2, 7], { form: { rerank_scores: 'raw' } })).toEqual([7, -2]);
    expect(await given('cross', [0, 2], { form: { rerank_scores: 'unit' } })).toEqual([sigmoid(2), 0.5]);
  });

  it('never changes an order, not even of scores that become the same number', async () => {
    const { docs } = await ranked('gguf', [50, -2, 80, 60]);
    expect(docs.map(({ index }) => index)).toEqual([2, 3, 0, 1]);
  });

  it('the threshold counts on what is given back', async () => {
    expect(await given('gguf', [1, -1, 0.3], { score_threshold: 0.5 })).toEqual([sigmoid(1), sigmoid(0.3)]);
    expect(
      await given('gguf', [1, -1, 0.3], { score_threshold: 0.5, form: { rerank_scores: 'raw' } }),
    ).toEqual([1]);
  });

  it('another value of the field is refused', async () => {
    const { error } = await ranked('cross', [1], { form: { rerank_scores: 'sigmoid' } });
    expect(error?.message).toMatch(/"Scores from 0 to 1" must be one of auto, raw, unit/);
  });
});

describe('issue 20, 2: the instruction', () => {
  const sent = async (uid: string, instruction: string) => {
    await ranked(uid, [0.5], { form: { instruction } });
    return server.seen(ROUTE).at(-1)?.body as { query: string; kwargs?: string };
  };

  it.each(['qwen', 'qwen-old'])('goes to Xinference’s own engine as an argument (%s)', async uid => {
    expect(await sent(uid, ' By date ')).toMatchObject({
      query: 'q',
      kwargs: JSON.stringify({ instruction: 'By date' }),
    });
  });

  it.each(['qwen-vllm', 'gguf-qwen', 'qwen-gguf-old'])(
    'stands before the query in the template of the family on %s',
    async uid => {
      const { query, kwargs } = await sent(uid, 'By date');
      expect(query).toBe('<Instruct>: By date\n<Query>: q');
      expect(kwargs).toBeUndefined();
    },
  );

  it.each(['cross', 'm0'])('stands before the query where the family has no template (%s)', async uid => {
    const body = await sent(uid, 'By date');
    expect(body.query).toBe('By date\nq');
    expect(body).not.toHaveProperty('kwargs');
  });

  it('is put before the query once an engine that no server names refuses the argument', async () => {
    const refusal = { detail: "Unexpected keyword arguments: {'instruction': 'By date'}" };
    server.answer(ROUTE, status(500, refusal), { times: 1 });
    for (const requests of [2, 1]) {
      server.requests.length = 0;
      const { error } = await ranked('qwen-old-2', [0.5], { form: { instruction: 'By date' } });
      expect(error).toBeUndefined();
      expect(server.seen(ROUTE)).toHaveLength(requests);
      expect(server.seen(ROUTE).at(-1)?.body).toEqual({
        model: 'qwen-old-2',
        query: '<Instruct>: By date\n<Query>: q',
        documents: ['document 0'],
      });
    }
  });

  it('leaves a query that is an image as it is', async () => {
    const query = { content: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ', content_type: 'image' };
    await ranked('m0', [0.5], {
      form: { instruction: 'By date' },
      action: 'invoke_multimodal_rerank',
      query,
      docs: [{ content: 'a', content_type: 'text' }],
    });
    expect(server.seen(ROUTE).at(-1)?.body).toMatchObject({
      query: `data:image/png;base64,${query.content}`,
      kwargs: '{"query_type":"image","doc_type":"text"}',
    });
  });

  it.each([{ batch_size: 2 }, '{"batch_size": 2}'])(
    'goes along with the user’s own arguments %j',
    async kwargs => {
      const advanced = JSON.stringify({ extra_body: { kwargs } });
      await ranked('qwen', [0.5], { form: { instruction: 'By date', advanced } });
      expect(server.seen(ROUTE).at(-1)?.body).toMatchObject({
        kwargs: '{"batch_size":2,"instruction":"By date"}',
      });
    },
  );

  it('is not there when the field is empty', async () => {
    const body = await sent('qwen', '  ');
    expect(body.query).toBe('q');
    expect(body).not.toHaveProperty('kwargs');
  });
});

it('issue 20: extra_body goes into each request, its arguments as text', async () => {
  const advanced = '{"extra_body": {"return_len": true, "kwargs": {"batch_size": 2}, "query": "other"}}';
  await ranked('cross', [0.5], { form: { advanced } });
  expect(server.seen(ROUTE).at(-1)?.body).toMatchObject({
    return_len: true,
    kwargs: '{"batch_size":2}',
    query: 'q',
  });
});
