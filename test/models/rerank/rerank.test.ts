import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SessionError } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { engineFailure, html200, status, wrongJson } from '../../fake/xinference/faults.ts';
import { embedding, rerank } from '../../fake/xinference/models.ts';
import {
  bodyBytes,
  recording,
  recordingNames,
  requestBody,
} from '../../fake/xinference/recordings/recordings.ts';
import type { Cut } from '../../fake/xinference/recordings/replay.ts';
import { type Handler, sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/rerank';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [
      rerank('ranker'),
      rerank('m0', { model_name: 'jina-reranker-m0', model_ability: ['rerank', 'rerank_vision'] }),
      rerank('vl', { model_name: 'Qwen3-VL-Reranker-2B', model_ability: ['rerank', 'rerank_vision'] }),
      embedding('embedder'),
    ],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

interface Ranked {
  readonly model: string;
  readonly docs: { readonly index: number; readonly text: string; readonly score: number }[];
}

function ask(action: string, data: object, uid = 'ranker', form: object = {}) {
  const credentials = { server_url: server.url, model_uid: uid, max_retries: '0', ...form };
  return plugin.host.request(action, { model: uid, model_type: 'rerank', credentials, ...data });
}

async function succeed(action: string, data: object, uid?: string, form?: object): Promise<Ranked> {
  const { stream, error } = await ask(action, data, uid, form).result();
  expect(error).toBeUndefined();
  return stream[0] as Ranked;
}

async function fail(action: string, data: object, uid?: string, form?: object): Promise<SessionError> {
  const { stream, error } = await ask(action, data, uid, form).result();
  expect(stream).toEqual([]);
  return error as SessionError;
}

const bodies = () => server.seen(ROUTE).map(({ body }) => body as Record<string, unknown>);

/** An answer with these scores, in the order of the documents. */
const scored =
  (...scores: unknown[]): Handler =>
  (_request, response) =>
    sendJson(response, 200, {
      results: scores.map((relevance_score, index) => ({ index, relevance_score, document: null })),
    });

const query = 'capital of France';
const docs = ['Bananas are yellow', 'Paris is the capital of France', 'Berlin'];

describe('invoke_rerank', () => {
  it('gives our own texts, best first, under Dify’s name of the model', async () => {
    const answer = await succeed('invoke_rerank', { query, docs, model: 'My model' });
    expect(answer.model).toBe('My model');
    expect(answer.docs[0]).toMatchObject({ index: 1, text: docs[1] });
    expect(answer.docs.map(({ index }) => index).sort()).toEqual([0, 1, 2]);
    expect(answer.docs.every(({ index, text }) => docs[index] === text)).toBe(true);
    expect(bodies()).toEqual([{ model: 'ranker', query, documents: docs }]);
  });

  it.each([[[]], [null]])('answers %j with nothing, and asks nobody', async docs => {
    expect(await succeed('invoke_rerank', { query, docs })).toEqual({ model: 'ranker', docs: [] });
    expect(server.requests).toEqual([]);
  });

  it('makes one request for a call when the model is known', async () => {
    await succeed('invoke_rerank', { query, docs });
    server.clear();
    await succeed('invoke_rerank', { query, docs });
    expect(server.requests.map(request => request.route)).toEqual([ROUTE]);
  });

  it('keeps the best top_n, above the threshold, whatever the server sends', async () => {
    server.answer(ROUTE, scored(0.2, 0.9, 0.5));
    const best = async (fields: object) =>
      (await succeed('invoke_rerank', { query, docs, ...fields })).docs.map(({ index }) => index);
    expect(await best({ top_n: 2 })).toEqual([1, 2]);
    expect(await best({ score_threshold: 0.5 })).toEqual([1, 2]);
    expect(await best({ top_n: 1, score_threshold: 0.3 })).toEqual([1]);
    expect(await best({ top_n: 0, score_threshold: 0 })).toEqual([1, 2, 0]);
    expect(await best({ top_n: null, score_threshold: null })).toEqual([1, 2, 0]);
    expect(await best({ score_threshold: 2 })).toEqual([]);
    expect(bodies().map(body => body['top_n'])).toEqual([2, undefined, 1, undefined, undefined, undefined]);
  });

  it('reads scores in lists and texts, and logits', async () => {
    server.answer(ROUTE, scored([-7.5], '3.25', 0));
    const { docs: ranked } = await succeed('invoke_rerank', { query, docs }, 'ranker', {
      rerank_scores: 'raw',
    });
    expect(ranked.map(({ index, score }) => [index, score])).toEqual([
      [1, 3.25],
      [2, 0],
      [0, -7.5],
    ]);
  });

  it('takes texts of every kind, and gives them back as they came', async () => {
    const odd = ['', '\u0000', '😀 日本', 'x'.repeat(1_000_000), '\u2028\n"\\'];
    const answer = await succeed('invoke_rerank', { query: '', docs: odd });
    expect(answer.docs.every(({ index, text }) => odd[index] === text)).toBe(true);
    expect(bodies()).toMatchObject([{ query: '', documents: odd }]);
  });

  it.each<[string, Handler, RegExp]>([
    ['a missing score', scored(0.1, null, 0.2), /no score for document 2/],
    ['an index beyond', scored(0.1, 0.2, 0.3, 0.4), /a document with the index 3, and 3 were sent/],
    ['a page', html200, /no JSON object/],
    ['another answer', wrongJson, /has no results/],
    ['an engine’s failure', engineFailure, /CUDA out of memory/],
  ])('%s is an error', async (_, handler, message) => {
    server.answer(ROUTE, handler);
    expect(await fail('invoke_rerank', { query, docs })).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringMatching(message),
    });
  });

  it('says so when the documents are longer than a line of the host', async () => {
    server.answer(ROUTE, scored(0.1, 0.2, 0.3));
    const long = ['x', 'y', 'z'].map(letter => letter.repeat(2_000_000));
    expect(await fail('invoke_rerank', { query, docs: long })).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/longer than the \d+ bytes.*top N/),
    });
    expect((await succeed('invoke_rerank', { query, docs: long, top_n: 2 })).docs).toHaveLength(2);
  });

  it('names the empty document for which a server refuses all', async () => {
    server.answer(ROUTE, status(422, { detail: 'inputs cannot be empty' }));
    const { message } = await fail('invoke_rerank', { query, docs: ['a', '', 'c'] });
    expect(message).toContain('The document 2 of those that were sent is empty');
  });

  it('says of a score that is NaN that it is none', async () => {
    server.answer(ROUTE, (_request, response) => {
      response.end('{"results":[{"index":0,"relevance_score":NaN}]}');
    });
    expect((await fail('invoke_rerank', { query, docs })).message).toContain('holds NaN');
    server.answer(ROUTE, scored(0.5, null, 0.1));
    expect((await fail('invoke_rerank', { query, docs })).message).toContain(
      'no score for document 2 but null',
    );
  });

  it('refuses a model of another type before it is asked', async () => {
    expect(await fail('invoke_rerank', { query, docs }, 'embedder')).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/Add it as Text Embedding/),
    });
    expect(server.seen(ROUTE)).toEqual([]);
  });

  it('aborts the request when the host cancels', async () => {
    server.answer(ROUTE, () => undefined);
    const session = ask('invoke_rerank', { query, docs });
    const request = await server.arrival(ROUTE);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    expect((await request.outcome).aborted).toBe(true);
  });
});

describe('invoke_multimodal_rerank', () => {
  const text = (content: string) => ({ content, content_type: 'text' });
  const image = { content: PNG, content_type: 'image' };
  const uri = `data:image/png;base64,${PNG}`;

  it('ranks texts and images of a model that takes them apart in one list', async () => {
    server.answer(ROUTE, (request, response, socket) => {
      const { kwargs } = request.body as { kwargs: string };
      const isImages = (JSON.parse(kwargs) as { doc_type: string }).doc_type === 'image';
      return (isImages ? scored(0.7, 0.1) : scored(0.5))(request, response, socket);
    });
    const answer = await succeed(
      'invoke_multimodal_rerank',
      { query: text('q'), docs: [image, text('a'), image] },
      'm0',
    );
    expect(answer.docs).toEqual([
      { index: 0, text: PNG, score: 0.7 },
      { index: 1, text: 'a', score: 0.5 },
      { index: 2, text: PNG, score: 0.1 },
    ]);
  });

  it('ranks them in one request of a model that takes objects', async () => {
    server.answer(ROUTE, scored(0.1, 0.2));
    const answer = await succeed(
      'invoke_multimodal_rerank',
      { query: image, docs: [text('a'), image] },
      'vl',
    );
    expect(answer.docs.map(({ index }) => index)).toEqual([1, 0]);
    expect(bodies()).toEqual([{ model: 'vl', query: { image: uri }, documents: ['a', { image: uri }] }]);
  });

  it('ranks texts alone with any model', async () => {
    const answer = await succeed('invoke_multimodal_rerank', { query: text(query), docs: docs.map(text) });
    expect(answer.docs[0]).toMatchObject({ index: 1, text: docs[1] });
  });

  it('says of a model for texts that it is one', async () => {
    expect(await fail('invoke_multimodal_rerank', { query: image, docs: [text('a')] })).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringContaining('ranker ranks texts only'),
    });
  });

  it('says which servers take images when one refuses them', async () => {
    const complaint =
      'Internal Server Error: 1 validation error for RerankRequest\nquery\n  str type expected (type=type_error.str)';
    server.answer(ROUTE, status(500, complaint));
    expect(await fail('invoke_multimodal_rerank', { query: image, docs: [text('a')] }, 'vl')).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/str type expected.*from Xinference 4 on/),
    });
  });

  it('leaves the images out of an answer that would be too long with them', async () => {
    server.answer(ROUTE, scored(0.1, 0.2, 0.3));
    const large = { content: `${PNG}${'A'.repeat(3_000_000)}`, content_type: 'image' };
    const answer = await succeed(
      'invoke_multimodal_rerank',
      { query: text('q'), docs: [large, large, text('a')] },
      'vl',
    );
    expect(answer.docs.map(doc => doc.text)).toEqual(['a', '', '']);
  });

  it.each([[[]], [null]])('answers %j with nothing, and asks nobody', async docs => {
    expect(await succeed('invoke_multimodal_rerank', { query: text('q'), docs })).toMatchObject({ docs: [] });
    expect(server.requests).toEqual([]);
  });
});

describe('schema and validation', () => {
  it.each([
    ['ranker', {}, [], 8192],
    ['ranker', { context_size: '512' }, [], 512],
    ['m0', {}, ['vision'], 8192],
    ['vl', {}, ['vision'], 8192],
  ])('describes %s with the form %j', async (uid, form, features, context_size) => {
    const { stream } = await ask('get_ai_model_schemas', {}, uid, form).result();
    expect(stream).toMatchObject([
      { model_schema: { model: uid, model_type: 'rerank', features, model_properties: { context_size } } },
    ]);
  });

  it('takes a running rerank model', async () => {
    const { stream } = await ask('validate_model_credentials', {}).result();
    expect(stream).toMatchObject([{ result: true }]);
    expect(server.seen(ROUTE)).toEqual([]);
  });

  it.each([
    ['a model of another type', 'embedder', {}, /of the type embedding/],
    [
      'a form that makes no sense',
      'ranker',
      { context_size: 'big' },
      /"Context size" must be a whole number/,
    ],
  ])('refuses %s', async (_, uid, form, message) => {
    expect(await fail('validate_model_credentials', {}, uid, form)).toMatchObject({
      error_type: 'CredentialsValidateFailedError',
      message: expect.stringMatching(message),
    });
  });
});

describe('recorded answers of a real server', () => {
  /** Sends the documents of a recorded request, and has the server answer as recorded. */
  async function replay(name: string, cut: Cut) {
    const recorded = recording(name);
    const request = requestBody(recorded) as { query: string | null; documents: unknown[]; top_n?: number };
    server.clear();
    server.replay(recorded, { cut });
    const texts = request.documents.map(document =>
      typeof document === 'string' ? document : JSON.stringify(document),
    );
    const data = { query: request.query ?? '', docs: texts, top_n: request.top_n ?? 0 };
    const { stream, error } = await ask('invoke_rerank', data, 'recorded').result();
    return { answer: stream[0] as Ranked | undefined, error, recorded, texts };
  }

  const errors: Readonly<Record<string, string>> = {
    'rerank-dict-documents': 'InvokeServerUnavailableError',
    'rerank-max-chunks': 'InvokeServerUnavailableError',
    'rerank-null-query': 'InvokeBadRequestError',
    'rerank-on-embedding': 'InvokeServerUnavailableError',
    'rerank-unknown-model': 'InvokeBadRequestError',
  };
  const good = recordingNames('rerank-').filter(name => errors[name] === undefined);

  it.each(good)('%s: the same scores', async name => {
    for (const cut of ['recorded', 'bytes'] satisfies Cut[]) {
      const { answer, error, recorded, texts } = await replay(name, cut);
      const { results } = JSON.parse(bodyBytes(recorded).toString()) as {
        results: { index: number; relevance_score: number }[];
      };
      expect(error).toBeUndefined();
      expect(answer?.docs).toEqual(
        results.map(({ index, relevance_score }) => ({ index, text: texts[index], score: relevance_score })),
      );
    }
  });

  it.each(Object.entries(errors))('%s: %s', async (name, type) => {
    const { answer, error } = await replay(name, 'recorded');
    expect(answer).toBeUndefined();
    expect(error?.error_type).toBe(type);
    expect(error?.message).not.toContain('[address=');
  });
});
