import { afterEach, describe, expect, it } from 'vitest';
import type { ModelReport } from '../../src/doctor/report/report.ts';
import { engineFailure, status } from '../fake/xinference/faults.ts';
import { audio, embedding, type FakeModel, llm, rerank } from '../fake/xinference/models.ts';
import {
  type FakeXinference,
  type FakeXinferenceOptions,
  startFakeXinference,
} from '../fake/xinference/xinference-server.ts';
import { reportOf, runDoctor } from './run.ts';

let server: FakeXinference | undefined;
afterEach(() => server?.close());

async function start(options: FakeXinferenceOptions = {}): Promise<FakeXinference> {
  server = await startFakeXinference(options);
  return server;
}

function speaker(uid: string, family: string): FakeModel {
  return audio(uid, { model_name: family, model_family: family, model_ability: ['text2audio'] });
}

async function modelOf(model: FakeModel, ...rest: string[]): Promise<ModelReport> {
  const { url } = await start({ models: [model] });
  const { models } = await reportOf(['--server', url, ...rest]);
  expect(models).toHaveLength(1);
  return models[0] as ModelReport;
}

function formOf({ dify }: ModelReport): Record<string, string> {
  return Object.fromEntries((dify[0]?.form ?? []).map(({ label, value }) => [label, value]));
}

describe('a server that answers', () => {
  it('tells its version and that it needs no key, which then need not be typed', async () => {
    const { url } = await start({ models: [llm('chat')] });
    const { server: found, models } = await reportOf(['--server', `${url}/v1/`, '--api-key', 'not-needed']);
    expect(found).toMatchObject({ url, version: '4.1.0', asksForKey: false });
    expect(found?.notes.join()).toContain('The server asks for no API key');
    expect(models[0] && formOf(models[0])).not.toHaveProperty('API key');
  });

  it('takes the key, from the environment too, and it is in no output', async () => {
    const { url } = await start({ models: [llm('chat')], apiKeys: ['xf-secret'] });
    const env = { XINFERENCE_API_KEY: 'xf-secret' };
    const report = await reportOf(['--server', url, '--try'], { env });
    expect(report.server).toMatchObject({ asksForKey: true, version: null });
    expect(report.exitCode).toBe(0);
    expect(formOf(report.models[0] as ModelReport)['API key']).toBe('the key that you gave here');
    expect(JSON.stringify(report)).not.toContain('xf-secret');
  });

  it('runs no model', async () => {
    const { url } = await start({ models: [] });
    const { code, out } = await runDoctor(['--server', url]);
    expect(code).toBe(3);
    expect(out).toContain('runs no model. Launch one');
  });

  it('runs others than the one asked for', async () => {
    const { url } = await start({ models: [llm('chat'), embedding('embedding')] });
    const { exitCode, verdict } = await reportOf(['--server', url, '--model', 'caht']);
    expect(exitCode).toBe(3);
    expect(verdict).toBe('The server runs no model with the UID "caht". It runs: chat, embedding.');
  });
});

describe('what to type as its address', () => {
  const addressWith = async (surroundings: Parameters<typeof reportOf>[1]) => {
    const { url } = await start({ models: [llm('chat')] });
    const { server: found, models } = await reportOf(
      ['--server', url.replace('127.0.0.1', 'localhost')],
      surroundings,
    );
    expect(formOf(models[0] as ModelReport)['Server URL']).toBe(found?.urlForDify);
    return { url, typed: found?.urlForDify, notes: found?.notes.join('\n') ?? '' };
  };

  it("another address of the machine at which the server answers, in place of the machine's name for itself", async () => {
    const { url, typed, notes } = await addressWith({ addresses: ['127.0.0.1'] });
    expect(typed).toBe(url);
    expect(notes).toContain(`type ${url}, which answers too`);
  });

  it('and where it answers at none, what to do about it', async () => {
    const { typed, notes } = await addressWith({ addresses: ['127.0.0.2'] });
    expect(typed).toMatch(/^http:\/\/127\.0\.0\.2:\d+$/);
    expect(notes).toContain('start Xinference with --host 0.0.0.0');
  });

  it('on a machine without a network, the name that Docker gives it', async () => {
    const { typed } = await addressWith({});
    expect(typed).toMatch(/^http:\/\/host\.docker\.internal:\d+$/);
  });

  it('inside a container, as it is, with a word about it', async () => {
    const { typed, notes } = await addressWith({ container: 'Docker', addresses: ['127.0.0.2'] });
    expect(typed).toMatch(/^http:\/\/localhost:\d+$/);
    expect(notes).toContain('localhost is that container itself');
  });
});

describe('a model', () => {
  it('an LLM: what the server says, what Dify makes of it, what to type', async () => {
    const model = await modelOf(llm('qwen 3/a', { model_ability: ['chat', 'tools', 'vision'], replica: 2 }));
    expect(model).toMatchObject({
      uid: 'qwen 3/a',
      type: 'LLM',
      name: 'qwen2.5-instruct',
      engine: 'vLLM',
      abilities: ['chat', 'tools', 'vision'],
      context: 32768,
      replicas: { wanted: 2, ready: 1 },
    });
    const [dify] = model.dify;
    expect(dify).toMatchObject({ modelType: 'llm', refusal: null, trial: null });
    expect(dify?.features).toEqual(expect.arrayContaining(['tool-call', 'stream-tool-call', 'vision']));
    expect(dify?.properties).toMatchObject({ mode: 'chat', context_size: 32768 });
    expect(dify?.parameters).toContain('temperature');
    expect(formOf(model)).toMatchObject({
      'Model Type': 'LLM',
      'Model name': 'qwen 3/a',
      'Model UID': 'qwen 3/a',
    });
    expect(formOf(model)).not.toHaveProperty('Context size');
  });

  it('an LLM whose context nobody tells: it has to be typed', async () => {
    expect(formOf(await modelOf(llm('router', { context_length: null })))).toHaveProperty('Context size');
  });

  it.each([
    ['bge-large-en-v1.5', 'Represent this sentence for searching relevant passages:'],
    ['bge-small-zh-v1.5', '为这个句子生成表示以用于检索相关文章：'],
    ['multilingual-e5-large', 'query:'],
    ['multilingual-e5-large-instruct', undefined],
    ['bge-m3', undefined],
  ])('an embedding model that wants an instruction before queries: %s', async (model_name, prefix) => {
    expect(formOf(await modelOf(embedding('e', { model_name })))['Query prefix']).toBe(prefix);
  });

  it('a speaker whose voices nobody knows: they may be typed', async () => {
    expect(formOf(await modelOf(speaker('new', 'Unheard-of')))).toHaveProperty('Voices');
  });

  it('a speaker whose voices the plugin knows', async () => {
    expect(formOf(await modelOf(speaker('kokoro', 'Kokoro-82M')))).not.toHaveProperty('Voices');
  });

  it('of no type that Dify has', async () => {
    const { url } = await start({
      models: [audio('painter', { model_type: 'image', model_ability: ['text2image'] })],
    });
    const { code, out } = await runDoctor(['--server', url]);
    expect(out).toContain('painter  image · whisper-tiny');
    expect(out).toContain('Dify has no model type for it.');
    expect(out).toContain('Dify can use 0 of 1 model.');
    expect(code).toBe(3);
  });

  it('that is still loading', async () => {
    const { url } = await start({ models: [llm('chat'), { ...llm('slow'), loading: true }] });
    const { code, out } = await runDoctor(['--server', url]);
    expect(code).toBe(3);
    expect(out).toContain('slow  LLM · qwen2.5-instruct · vLLM · 0 of 1 replica ready');
    expect(out).toMatch(/✗ as LLM: The model is still loading .* 30 s\./);
    expect(out).toContain('Dify can use 1 of 2 models.');
  });

  const failed = {
    model_uid: 'big',
    status: 'ERROR',
    replica_statuses: [
      { status: 'ERROR', error_message: 'CUDA out of memory' },
      { status: 'ERROR', error_message: 'CUDA out of memory' },
    ],
  };

  it('that could not be launched, and so is not in the list', async () => {
    const { url } = await start({ models: [llm('chat')] });
    server?.answer(
      'GET /v1/models/instances',
      status(200, [failed, { model_uid: 'next', status: 'CREATING' }]),
    );
    const { code, out } = await runDoctor(['--server', url]);
    expect(code).toBe(3);
    expect(out).toContain('big  ✗ could not be launched\n  CUDA out of memory\n');
    expect(out).toContain('next  ! not ready yet (CREATING)');
    expect(out).toContain('Dify can use 1 of 3 models.');
  });

  it('one of whose replicas failed', async () => {
    const { url } = await start({ models: [llm('big')] });
    server?.answer('GET /v1/models/instances', status(200, [failed]));
    const { code, out } = await runDoctor(['--server', url]);
    expect(code).toBe(3);
    expect(out).toContain('0 of 1 replica ready');
    expect(out).toContain('✗ a replica failed: CUDA out of memory');
  });

  it.each([
    ['before 1.14.0', { model_uid: 'big', status: 'UPDATING' }],
    ['later', { model_uid: 'big', status: 'READY', replica_statuses: [{ status: 'LOADING' }] }],
  ])('none of whose replicas is ready, %s', async (_age, instance) => {
    const { url } = await start({ models: [llm('big')] });
    server?.answer('GET /v1/models/instances', status(200, [instance]));
    const { code, out } = await runDoctor(['--server', url]);
    expect(out).toContain('0 of 1 replica ready');
    expect(code).toBe(3);
  });

  it.each([
    ['refuses to tell', status(403, { detail: 'Not enough permissions' })],
    ['is too old to tell', status(400, { detail: 'Model not found in the model list, uid: instances' })],
    ['tells nonsense', status(200, ['x', { model_uid: 7 }, { model_uid: 'chat', replica_statuses: 'none' }])],
    ['tells no JSON', status(200, 'ready')],
  ])('of a server that %s how far its models are', async (_what, handler) => {
    const { url } = await start({ models: [llm('chat')] });
    server?.answer('GET /v1/models/instances', handler);
    expect((await reportOf(['--server', url])).exitCode).toBe(0);
  });
});

describe('--try', () => {
  it('a streamed answer: first text, rate, text', async () => {
    const { url } = await start({
      models: [llm('chat')],
      reply: 'Hello there. ',
      chunkCount: 20,
      chunkDelay: 5,
    });
    const { models, exitCode } = await reportOf(['--server', url, '--try']);
    expect(exitCode).toBe(0);
    const trial = models[0]?.dify[0]?.trial;
    if (trial?.ok !== true) throw new Error('The trial failed.');
    expect(trial.answer).toMatch(/^"Hello there\.\s+Hello there\./);
    expect(trial.firstMs).toBeGreaterThan(0);
    expect(trial.totalMs).toBeGreaterThanOrEqual(trial.firstMs);
    expect(trial.rate).toMatchObject({ unit: 'tokens/s' });
    expect(trial.rate?.perSecond).toBeGreaterThan(0);
    expect(server?.seen('POST /v1/chat/completions')).toHaveLength(1);
  });

  it.each([
    ['embedding', embedding('bge'), 'Text Embedding', /2 vectors of 384 numbers/],
    ['rerank', rerank('bge-reranker'), 'Rerank', /scores \d/],
    ['listening', audio('whisper'), 'Speech2text', /of a plain tone it made "/],
    ['speaking', speaker('kokoro', 'Kokoro-82M'), 'TTS', /[\d.]+ kB of sound/],
  ])('one call of a model for %s', async (_what, model, type, answer) => {
    const { url } = await start({ models: [model] });
    const { code, out } = await runDoctor(['--server', url, '--try']);
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`✓ a call as ${type}: [\\d.]+ ms; ${answer.source}`));
  });

  it('a call that fails says why, as Dify would', async () => {
    const { url } = await start({ models: [llm('chat')] });
    server?.answer('POST /v1/chat/completions', engineFailure);
    const { code, out } = await runDoctor(['--server', url, '--try']);
    expect(code).toBe(3);
    expect(out).toMatch(/✗ a call as LLM failed, InvokeServerUnavailableError: .*CUDA out of memory/);
    expect(out).toContain('Dify can use 0 of 1 model.');
  });

  it('calls nothing where Dify would not take the form', async () => {
    const { url } = await start({ models: [{ ...llm('slow'), loading: true }] });
    await runDoctor(['--server', url, '--try']);
    expect(server?.seen('POST *')).toEqual([]);
  });

  it('is not the default', async () => {
    const { url } = await start();
    await runDoctor(['--server', url]);
    expect(server?.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });
});

describe('numbers', () => {
  it('say what they count, and which counts', async () => {
    const { url } = await start({
      models: [llm('chat'), embedding('bge'), speaker('kokoro', 'Kokoro-82M'), audio('whisper')],
    });
    const { out } = await runDoctor(['--server', url]);
    expect(out).toContain('32768 tokens, as its family has them: what it was launched with counts');
    expect(out).toContain('context_size 32768 tokens');
    expect(out).toContain('dimensions   384 numbers a vector');
    expect(out).toContain('context_size 512 tokens, max_chunks 64 texts a request');
    expect(out).toContain('word_limit 500 characters a request, max_workers 3 requests at once');
    expect(out).toContain('file_upload_limit 100 MB');
  });

  it('vectors that are shorter than described count', async () => {
    const { url } = await start({ models: [embedding('bge')] });
    const data = [0, 1].map(index => ({ index, embedding: Array(32).fill(0.5) }));
    server?.answer('POST /v1/embeddings', status(200, { data, usage: { total_tokens: 20 } }));
    const { out } = await runDoctor(['--server', url, '--try']);
    expect(out).toContain('2 vectors of 32 numbers: these count, not the 384 dimensions of its description');
  });
});

describe('on a terminal', () => {
  it('shows on stderr what it waits for, and takes it away again', async () => {
    const { url } = await start({ models: [llm('chat')] });
    const { out, err } = await runDoctor(['--server', url, '--try'], { isTTY: true });
    expect(err).toContain(`asking ${url}`);
    expect(err).toContain('chat: trying it as LLM');
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
    expect(out).not.toContain('asking');
  });

  it('piped, it shows nothing of that, and no colours', async () => {
    const { url } = await start({ models: [llm('chat')] });
    const { out, err } = await runDoctor(['--server', url]);
    expect(err).toBe('');
    expect(out).not.toContain('\u001b');
  });
});
