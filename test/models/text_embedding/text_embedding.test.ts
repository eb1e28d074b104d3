import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { SessionError } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { embed } from '../../fake/xinference/endpoints/vectors.ts';
import {
  engineFailure,
  html200,
  resetMidBody,
  status,
  truncatedJson,
  wrongJson,
} from '../../fake/xinference/faults.ts';
import { embedding, llm } from '../../fake/xinference/models.ts';
import { type Handler, sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/embeddings';
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [
      embedding('small', { dimensions: 8 }),
      embedding('wide', { dimensions: 4096, max_tokens: 32_768 }),
      embedding('jina', { model_name: 'jina-embeddings-v3', dimensions: 8 }),
      embedding('clip', {
        model_name: 'jina-clip-v2',
        dimensions: 8,
        model_ability: ['embed', 'embed_vision'],
      }),
      ...['old', 'odd', 'upgraded'].map(uid => embedding(uid, { dimensions: 8 })),
      llm('chat'),
    ],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

interface Embedded {
  readonly model: string;
  readonly embeddings: number[][];
  readonly usage: { readonly tokens: number; readonly total_tokens: number };
}

/** Asks the plugin; fields of the form go into `form`. */
function ask(action: string, data: object, uid = 'small', form: object = {}) {
  const credentials = { server_url: server.url, model_uid: uid, max_retries: '0', ...form };
  return plugin.host.request(action, { model: uid, model_type: 'text-embedding', credentials, ...data });
}

async function succeed(action: string, data: object, uid?: string, form?: object): Promise<Embedded> {
  const { stream, error } = await ask(action, data, uid, form).result();
  expect(error).toBeUndefined();
  return stream[0] as Embedded;
}

async function fail(action: string, data: object, uid?: string, form?: object): Promise<SessionError> {
  const { stream, error } = await ask(action, data, uid, form).result();
  expect(stream).toEqual([]);
  return error as SessionError;
}

const embedTexts = (texts: readonly string[], uid?: string, form?: object) =>
  succeed('invoke_text_embedding', { texts }, uid, form);
const failTexts = (texts: readonly string[], uid?: string, form?: object) =>
  fail('invoke_text_embedding', { texts }, uid, form);

const numbered = (count: number) => Array.from({ length: count }, (_, n) => `text number ${n}`);
const inputs = () => server.seen(ROUTE).map(({ body }) => (body as { input: string[] }).input);
const bodies = () => server.seen(ROUTE).map(({ body }) => body as Record<string, unknown>);

/** An answer in which row `n` is `[n]` unless `row` says otherwise. */
const answerWith =
  (row: (n: number) => unknown = n => [n], usage: unknown = undefined): Handler =>
  (request, response) => {
    const { input } = request.body as { input: string[] };
    const data = input.map((_, index) => ({ index, object: 'embedding', embedding: row(index) }));
    sendJson(response, 200, { object: 'list', data, usage });
  };

describe('invoke_text_embedding', () => {
  it('gives each text the row of the server, under Dify’s name of the model', async () => {
    const texts = ['a cat', 'a dog', ''];
    const answer = await succeed('invoke_text_embedding', { texts, model: 'My model' });
    expect(answer.model).toBe('My model');
    expect(answer.embeddings).toEqual(texts.map(text => embed(text, 8)));
    expect(answer.usage).toMatchObject({ tokens: 10, total_tokens: 10, currency: 'USD', total_price: '0' });
    expect(bodies()).toEqual([{ model: 'small', input: texts }]);
  });

  it.each([[[]], [null]])('answers %j with nothing, and asks nobody', async texts => {
    const answer = await succeed('invoke_text_embedding', { texts });
    expect(answer).toMatchObject({ model: 'small', embeddings: [], usage: { tokens: 0 } });
    expect(server.requests).toEqual([]);
  });

  it('makes one request for a call when the model is known', async () => {
    await embedTexts(['warm']);
    server.clear();
    await embedTexts(['a', 'b']);
    expect(server.requests.map(request => request.route)).toEqual([ROUTE]);
  });

  it('splits a call that is larger than max_chunks, and answers in order', async () => {
    server.answer(ROUTE, async (request, response) => {
      const { input } = request.body as { input: string[] };
      await sleep(input.includes('text number 0') ? 60 : 0);
      const data = input.map((text, index) => ({ index, embedding: [Number(text.split(' ')[2])] })).reverse();
      sendJson(response, 200, { data, usage: { total_tokens: 10 } });
    });
    const answer = await embedTexts(numbered(23), 'small', { max_chunks: '5' });
    expect(answer.embeddings).toEqual(numbered(23).map((_, n) => [n]));
    expect(answer.usage.tokens).toBe(50);
    expect(inputs().map(input => input.length)).toEqual(expect.arrayContaining([5, 5, 5, 5, 3]));
  });

  it('has at most four parts of a call at the server at once', async () => {
    let atWork = 0;
    let most = 0;
    server.answer(ROUTE, async (request, response, socket) => {
      most = Math.max(most, ++atWork);
      await sleep(15);
      atWork--;
      await answerWith()(request, response, socket);
    });
    await embedTexts(numbered(20), 'small', { max_chunks: '2' });
    expect(most).toBe(4);
    expect(server.seen(ROUTE)).toHaveLength(10);
  });

  it('aborts the other parts when one fails, and tells one error', async () => {
    const slow: Handler = async (request, response, socket) => {
      if (await sleep(5000, true, { signal: request.signal }).catch(() => false)) {
        await answerWith()(request, response, socket);
      }
    };
    server.answer(ROUTE, async (request, response, socket) => {
      const { input } = request.body as { input: string[] };
      if (!input.includes('text number 3')) return slow(request, response, socket);
      await server.arrival(ROUTE, 4);
      return engineFailure(request, response, socket);
    });
    const error = await failTexts(numbered(40), 'small', { max_chunks: '2' });
    expect(error).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringContaining('CUDA out of memory'),
    });
    const outcomes = await Promise.all(server.seen(ROUTE).map(request => request.outcome));
    expect(outcomes.map(outcome => outcome.aborted).sort()).toEqual([false, true, true, true]);
  });

  it('aborts all parts when the host cancels', async () => {
    server.answer(ROUTE, () => undefined);
    const session = ask('invoke_text_embedding', { texts: numbered(10) }, 'small', { max_chunks: '2' });
    await server.arrival(ROUTE, 4);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    const outcomes = await Promise.all(server.seen(ROUTE).map(request => request.outcome));
    expect(outcomes.map(outcome => outcome.aborted)).toEqual([true, true, true, true]);
  });

  it('tries a busy server again, each part for itself', async () => {
    server.answer(ROUTE, status(503, 'busy'), { times: 1 });
    const answer = await embedTexts(numbered(4), 'small', { max_chunks: '2', max_retries: '2' });
    expect(answer.embeddings).toEqual(numbered(4).map(text => embed(text, 8)));
    expect(server.seen(ROUTE)).toHaveLength(3);
  });

  it('answers 64 × 4096 numbers in one line, exact to the float32', async () => {
    const texts = numbered(64);
    const answer = await embedTexts(texts, 'wide');
    expect(answer.embeddings.map(row => row.map(Math.fround))).toEqual(texts.map(text => embed(text, 4096)));
    expect(inputs().map(input => input.length)).toEqual([42, 22]);
  });

  it('says how many texts would fit into a line, and so many do', async () => {
    const error = await failTexts(numbered(100), 'wide');
    expect(error).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/100 texts, 4096 numbers each, do not fit/),
    });
    const fitting = Number(/ to (\d+) or less/.exec(error.message)?.[1]);
    expect(fitting).toBeGreaterThan(64);
    expect((await embedTexts(numbered(fitting), 'wide')).embeddings).toHaveLength(fitting);
  });

  it('takes texts of every kind', async () => {
    const texts = ['', ' ', 'x'.repeat(1_000_000), '\ud83d', 'a\udc00b', '\u0000', '😀 日本', '\u2028\n"\\'];
    const answer = await embedTexts(texts);
    expect(answer.embeddings).toHaveLength(texts.length);
    expect(inputs()).toEqual([texts.map(text => text.toWellFormed())]);
  });

  it('refuses a model of another type before it is asked', async () => {
    expect(await failTexts(['a'], 'chat')).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(/of the type LLM.*not Text Embedding. Add it as LLM/),
    });
    expect(server.seen(ROUTE)).toEqual([]);
  });

  it('embeds without a description', async () => {
    server.answer('GET /v1/models/odd', status(500, 'no'));
    expect((await embedTexts(['a'], 'odd')).embeddings).toEqual([embed('a', 8)]);
  });
});

describe('query and document', () => {
  it('puts the prefix before queries only', async () => {
    const form = { query_prefix: 'query: ' };
    await succeed('invoke_text_embedding', { texts: ['a', 'b'], input_type: 'query' }, 'small', form);
    await succeed('invoke_text_embedding', { texts: ['a'], input_type: 'document' }, 'small', form);
    await succeed('invoke_text_embedding', { texts: ['a'], input_type: '' }, 'small', form);
    expect(inputs()).toEqual([['query: a', 'query: b'], ['a'], ['a']]);
  });

  it('names the task to a model that has tasks', async () => {
    await succeed('invoke_text_embedding', { texts: ['a'], input_type: 'query' }, 'jina');
    await succeed('invoke_text_embedding', { texts: ['a'], input_type: 'document' }, 'jina');
    await succeed('invoke_text_embedding', { texts: ['a'], input_type: 'query' }, 'small');
    expect(bodies().map(body => body['task'])).toEqual(['retrieval.query', 'retrieval.passage', undefined]);
  });
});

describe('texts that may be too long', () => {
  const long = 'word '.repeat(103);

  it('asks the server to cut them, and only then', async () => {
    await embedTexts(['short', long]);
    await embedTexts(['x'.repeat(504), '']);
    await embedTexts(['語'.repeat(170)]);
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([-1, undefined, -1]);
  });

  it('asks always when the longest length is not known', async () => {
    server.answer('GET /v1/models/unknown', status(500, 'no'));
    server.answer(ROUTE, answerWith());
    await embedTexts(['a'], 'unknown');
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([-1]);
  });

  it('has them cut to the context that the form knows to be less', async () => {
    await embedTexts(['x'.repeat(300)], 'small', { context_size: '256' });
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([256]);
  });

  /** A server of an age in which nobody knew the field. */
  const old: Handler = (request, response, socket) => {
    const { truncate_prompt_tokens } = request.body as Record<string, unknown>;
    if (truncate_prompt_tokens === undefined) return answerWith()(request, response, socket);
    const detail =
      "[address=127.0.0.1:1, pid=2] encode() got an unexpected keyword argument 'truncate_prompt_tokens'";
    sendJson(response, 500, { detail });
  };

  it('asks an old server once more without, and the next time at once', async () => {
    server.answer(ROUTE, old);
    expect((await embedTexts([long], 'old')).embeddings).toEqual([[0]]);
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([-1, undefined]);
    await embedTexts([long], 'old');
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([-1, undefined, undefined]);
  });

  it('names the empty text for which a server refuses a batch, by its place among all', async () => {
    server.answer(ROUTE, status(400, { detail: 'input cannot be an empty string' }));
    const error = await failTexts(['a', 'b', ' ', 'd'], 'old');
    expect(error?.message).toMatch(/empty string\..*The text 3 of those that were sent is empty/);
  });

  it('does not remember a refusal when the field was not the cause', async () => {
    server.answer(ROUTE, status(500, { detail: 'truncate_prompt_tokens: tokenizer not loaded' }), {
      times: 2,
    });
    expect(await failTexts([long], 'upgraded')).toMatchObject({ error_type: 'InvokeServerUnavailableError' });
    await embedTexts([long], 'upgraded');
    expect(bodies().map(body => body['truncate_prompt_tokens'])).toEqual([-1, undefined, -1]);
  });

  it('drops the task and the length one after the other when a server knows neither', async () => {
    server.answer(ROUTE, (request, response, socket) => {
      const { task } = request.body as Record<string, unknown>;
      if (task === undefined) return old(request, response, socket);
      sendJson(response, 500, { detail: "encode() got an unexpected keyword argument 'task'" });
    });
    await embedTexts([long], 'jina');
    expect(bodies().map(body => [body['task'], body['truncate_prompt_tokens']])).toEqual([
      ['retrieval.passage', -1],
      [undefined, -1],
      [undefined, undefined],
    ]);
  });
});

describe('usage', () => {
  it.each([undefined, null, { prompt_tokens: -1, total_tokens: -1 }])(
    'is estimated when the server says %j',
    async usage => {
      server.answer(ROUTE, answerWith(undefined, usage));
      const answer = await embedTexts(['The quick brown fox jumps over the lazy dog.', '']);
      expect(answer.usage.tokens).toBeGreaterThan(6);
      expect(answer.usage.tokens).toBeLessThan(20);
      expect(answer.usage.total_tokens).toBe(answer.usage.tokens);
    },
  );
});

describe('answers that are none', () => {
  it.each<[string, Handler, RegExp]>([
    [
      'fewer rows',
      (_, response) => sendJson(response, 200, { data: [{ index: 0, embedding: [1] }] }),
      /text 2 is missing/,
    ],
    [
      'rows of other lengths',
      answerWith(n => (n === 1 ? [1, 2] : [1])),
      /2 numbers for text 2 and 1 for text 1/,
    ],
    ['null', answerWith(n => (n === 1 ? null : [1])), /no list of numbers for text 2/],
    ['null in a row', answerWith(n => [n === 1 ? null : 1]), /finite number in the embedding of text 2/],
    ['a page', html200, /no JSON object.*Sign in/],
    ['another answer', wrongJson, /lists no embeddings/],
    ['half an answer', truncatedJson, /no JSON object/],
    ['a broken connection', resetMidBody, /broke off|closed/],
  ])('%s: an error that says what is wrong', async (_, handler, message) => {
    server.answer(ROUTE, handler);
    expect(await failTexts(['a', 'b'])).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringMatching(message),
    });
  });

  it('NaN: an error that names the text, counted over all parts', async () => {
    server.answer(ROUTE, (request, response) => {
      const bad = (request.body as { input: string[] }).input.includes('text number 4');
      response.setHeader('content-type', 'application/json');
      response.end(
        `{"data":[{"index":0,"embedding":[1.0]},{"index":1,"embedding":[${bad ? 'NaN' : '1.0'}]}]}`,
      );
    });
    const error = await failTexts(numbered(6), 'small', { max_chunks: '2' });
    expect(error.message).toMatch(/embedding of text 6/);
    expect(error.message).toMatch(/computed a number that is none \(NaN\)/);
  });

  it.each(['null', '-nan', 'Infinity', '1e999'])('%s for NaN: an error that says so (15 E)', async number => {
    server.answer(ROUTE, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(`{"data":[{"index":0,"embedding":[1.0]},{"index":1,"embedding":[1.0,${number}]}]}`);
    });
    const { message } = await failTexts(['a', 'b']);
    expect(message).toMatch(/embedding of text 2\. The model computed a number that is none \(NaN\)/);
  });

  it('parts of different lengths: an error, as when replicas run different models', async () => {
    server.answer(ROUTE, (request, response, socket) => {
      const { input } = request.body as { input: string[] };
      return answerWith(() => (input.includes('text number 3') ? [1, 2] : [1]))(request, response, socket);
    });
    const error = await failTexts(numbered(6), 'small', { max_chunks: '2' });
    expect(error).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringMatching(/2 numbers for text 3 and 1 for text 1.*replicas/),
    });
  });
});

describe('invoke_multimodal_embedding', () => {
  const documents = [
    { content: 'a cat', content_type: 'text' },
    { content: PNG, content_type: 'image' },
  ];

  it('sends texts and images as objects to a model that takes images', async () => {
    const answer = await succeed('invoke_multimodal_embedding', { documents, input_type: 'query' }, 'clip', {
      query_prefix: 'find ',
    });
    expect(answer.embeddings).toHaveLength(2);
    expect(inputs()).toEqual([[{ text: 'find a cat' }, { image: `data:image/png;base64,${PNG}` }]]);
  });

  it('sends texts alone to any model', async () => {
    await succeed('invoke_multimodal_embedding', { documents: documents.slice(0, 1) });
    expect(inputs()).toEqual([['a cat']]);
  });

  it('says of a model for texts that it is one', async () => {
    expect(await fail('invoke_multimodal_embedding', { documents })).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringContaining('small embeds texts only'),
    });
    expect(server.seen(ROUTE)).toEqual([]);
  });

  it.each([[[]], [null]])('answers %j with nothing, and asks nobody', async documents => {
    expect((await succeed('invoke_multimodal_embedding', { documents })).embeddings).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});

describe('get_text_embedding_num_tokens', () => {
  it('counts each text, and asks nobody', async () => {
    const { stream } = await ask('get_text_embedding_num_tokens', {
      texts: ['', 'hello', 'hello world, this is a sentence of ten words'],
    }).result();
    const { num_tokens } = stream[0] as { num_tokens: number[] };
    expect(num_tokens).toHaveLength(3);
    expect(num_tokens[0]).toBe(0);
    expect(num_tokens[1]).toBeGreaterThan(0);
    expect(num_tokens[2]).toBeGreaterThan(num_tokens[1] ?? 0);
    expect(server.requests).toEqual([]);
  });

  it.each([[[]], [null]])('counts %j as nothing', async texts => {
    const { stream } = await ask('get_text_embedding_num_tokens', { texts }).result();
    expect(stream).toEqual([{ num_tokens: [] }]);
  });
});

describe('schema and validation', () => {
  it('describes the model, with as many texts a call as fit into a line', async () => {
    const { stream } = await ask('get_ai_model_schemas', {}, 'wide').result();
    expect(stream).toMatchObject([
      {
        model_schema: {
          model: 'wide',
          model_type: 'text-embedding',
          features: [],
          model_properties: { context_size: 32_768, max_chunks: 42 },
        },
      },
    ]);
  });

  it('tells Dify of a model that takes images', async () => {
    const { stream } = await ask('get_ai_model_schemas', {}, 'clip').result();
    expect(stream).toMatchObject([{ model_schema: { features: ['vision'] } }]);
  });

  it('takes a running embedding model', async () => {
    const { stream } = await ask('validate_model_credentials', {}).result();
    expect(stream).toMatchObject([{ result: true, credentials: { model_uid: 'small' } }]);
    expect(server.seen(ROUTE)).toEqual([]);
  });

  it.each([
    ['a model of another type', 'chat', {}, /of the type LLM/],
    ['a model that does not run', 'missing', {}, /runs no model with the UID "missing"/],
    [
      'a form that makes no sense',
      'small',
      { max_chunks: 'all' },
      /"Texts per request" must be a whole number/,
    ],
  ])('refuses %s', async (_, uid, form, message) => {
    expect(await fail('validate_model_credentials', {}, uid, form)).toMatchObject({
      error_type: 'CredentialsValidateFailedError',
      message: expect.stringMatching(message),
    });
  });
});
