import { describe, expect, test } from 'vitest';
import {
  describeModel,
  explainUnknown,
  listModels,
  parseDescription,
} from '../../src/xinference/description.ts';
import * as faults from '../fake/xinference/faults.ts';
import { embedding, llm } from '../fake/xinference/models.ts';
import { bodyBytes, recording, recordingNames } from '../fake/xinference/recordings/recordings.ts';
import { sendJson } from '../fake/xinference/replies.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../http/servers.ts';

test.each(['.', '..'])('a UID of %j stays inside the path (issue 16, point 13)', async uid => {
  await using server = await startFakeXinference();
  using client = new TestClient();
  await describeModel(client, serverAt(server.url), uid, patient()).catch(() => {});
  expect(server.requests.map(({ path }) => path)).toEqual([`/v1/models/${uid.replaceAll('.', '%2E')}`]);
});

test('of a fat description little is kept (issue 16, point 5)', () => {
  const fat = (text: string) => text.repeat(400_000);
  const kept = parseDescription({
    model_type: 'LLM',
    model_name: fat('n'),
    model_family: fat('f'),
    model_engine: fat('e'),
    model_ability: Array.from({ length: 100_000 }, (_, at) => `ability ${at} ${'x'.repeat(180)}`),
    model_specs: fat('s'),
  });
  expect(kept?.abilities?.length).toBeGreaterThan(10);
  expect(JSON.stringify(kept).length).toBeLessThan(10_000);
});

describe('parseDescription', () => {
  test.each(recordingNames('describe-').filter(name => recording(name).response.status === 200))(
    'reads recording %s',
    name => {
      const description = parseDescription(JSON.parse(bodyBytes(recording(name)).toString('utf8')));
      expect(description?.modelType).toMatch(/^(LLM|embedding|rerank|audio|image)$/);
      expect(description?.name).toBeTypeOf('string');
      expect(description?.abilities?.length).toBeGreaterThan(0);
    },
  );

  test('takes what is there, and nothing of another type', () => {
    expect(
      parseDescription({
        model_type: 'LLM',
        model_name: 'qwen3',
        model_ability: ['chat', 7, 'tools'],
        model_engine: null,
        model_family: 5,
        context_length: 32768,
        max_tokens: '512',
        dimensions: -1,
        language: ['en'],
        replica: 1.5,
      }),
    ).toEqual({
      modelType: 'LLM',
      name: 'qwen3',
      family: undefined,
      abilities: ['chat', 'tools'],
      engine: undefined,
      contextLength: 32768,
      maxTokens: undefined,
      dimensions: undefined,
      replicas: undefined,
    });
  });

  test.each([undefined, null, 'LLM', 7, [], {}, { model_type: '' }, { model_type: 7 }])(
    '%j describes nothing',
    value => {
      expect(parseDescription(value)).toBeUndefined();
    },
  );

  test('leaves out what is too long to be true: it is kept for half an hour', () => {
    const long = 'x'.repeat(2_000);
    expect(
      parseDescription({
        model_type: 'LLM',
        model_name: long,
        model_ability: [long, ...Array.from({ length: 1_000 }, (_, index) => `ability ${index}`)],
      }),
    ).toMatchObject({ name: undefined, abilities: { length: 39 } });
    expect(parseDescription({ model_type: long })).toBeUndefined();
  });
});

describe('describeModel', () => {
  const uids = ['plain', 'with blank', '模型', 'a?b#c%d&e', '.hidden', 'org/model', 'a/b/c', '😀'];

  test.each(uids)('finds %s', async uid => {
    await using server = await startFakeXinference({ models: [llm('other'), llm(uid, { model_name: 'x' })] });
    using client = new TestClient();
    const description = await describeModel(client, serverAt(server.url), uid, patient());
    expect(description.name).toBe('x');
    expect(server.requests).toHaveLength(uid.includes('/') ? 2 : 1);
  });

  test('a uid with a slash needs no list where the server finds it', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models/a%2Fb', (_request, response) => {
      sendJson(response, 200, { model_type: 'LLM' });
    });
    using client = new TestClient();
    await describeModel(client, serverAt(server.url), 'a/b', patient());
    expect(server.requests).toHaveLength(1);
  });

  test('half a character in a uid is only a model that is not there', async () => {
    await using server = await startFakeXinference();
    using client = new TestClient();
    const asked = describeModel(client, serverAt(server.url), 'a\ud800', patient());
    await expect(asked).rejects.toMatchObject({ status: 400 });
  });

  test('is asked once, whatever comes, without the retries of the form', async () => {
    await using server = await startFakeXinference();
    server.answer('*', faults.badGateway);
    using client = new TestClient();
    const retrying = serverAt(server.url, { maxRetries: 3 });
    await expect(describeModel(client, retrying, 'a', patient())).rejects.toThrow('HTTP 502');
    expect(server.requests).toHaveLength(1);
  });

  test('refuses what describes no model', async () => {
    await using server = await startFakeXinference();
    server.answer('*', faults.wrongJson);
    using client = new TestClient();
    const asked = describeModel(client, serverAt(server.url), 'a', patient());
    await expect(asked).rejects.toMatchObject({
      code: 'no-answer',
      message: expect.stringContaining(`${server.url}/v1/models/a does not describe a model`),
    });
  });
});

describe('listModels', () => {
  test('gives uids and descriptions', async () => {
    await using server = await startFakeXinference({ models: [llm('a'), embedding('b')] });
    using client = new TestClient();
    const models = await listModels(client, serverAt(server.url), patient());
    expect(models.map(({ uid, description }) => [uid, description.modelType])).toEqual([
      ['a', 'LLM'],
      ['b', 'embedding'],
    ]);
  });

  test('leaves out what it cannot read, and refuses what is no list', async () => {
    await using server = await startFakeXinference();
    const list = { data: [null, { id: 'a' }, { id: 7, model_type: 'LLM' }, { id: 'b', model_type: 'LLM' }] };
    server.answer('GET /v1/models', (_request, response) => sendJson(response, 200, list), { times: 1 });
    server.answer('GET /v1/models', faults.wrongJson);
    using client = new TestClient();
    expect(await listModels(client, serverAt(server.url), patient())).toHaveLength(1);
    await expect(listModels(client, serverAt(server.url), patient())).rejects.toThrow('does not list models');
  });
});

describe('an unknown model', () => {
  async function explained(uid: string, uids: readonly string[]): Promise<string> {
    const models = uids.map(uid => llm(uid, { model_name: `name-of-${uid}` }));
    await using server = await startFakeXinference({ models });
    using client = new TestClient();
    const error = await describeModel(client, serverAt(server.url), uid, patient()).catch(error => error);
    const better = await explainUnknown(client, serverAt(server.url), uid, error, patient());
    expect(better).toMatchObject({ code: 'model-not-running' });
    expect(server.requests).toHaveLength(2);
    return (better as Error).message.replace(server.url, 'URL');
  }

  test.each([
    ['lists the running ones', 'x', ['a', 'b'], 'URL runs no model with the UID "x". It runs: a, b.'],
    [
      'with a slash, too, by the same two requests',
      'o/x',
      ['a'],
      'URL runs no model with the UID "o/x". It runs: a.',
    ],
    ['says that none runs', 'x', [], 'URL runs no model with the UID "x". It runs none at all.'],
    [
      'sees a name typed for a uid',
      'name-of-b',
      ['a', 'b'],
      'URL runs no model with the UID "name-of-b". That is the name of the model with the UID b.',
    ],
  ])('%s', async (_what, uid, uids, message) => {
    expect(await explained(uid, uids)).toBe(message);
  });

  test('of many lists 20', async () => {
    const uids = Array.from({ length: 30 }, (_, at) => `model-${at}`);
    expect(await explained('x', uids)).toMatch(/model-19, …\.$/);
  });

  test('stays as the server told it where there is no list', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models', faults.engineFailure);
    using client = new TestClient();
    const error = await describeModel(client, serverAt(server.url), 'x', patient()).catch(error => error);
    expect(await explainUnknown(client, serverAt(server.url), 'x', error, patient())).toBe(error);
  });

  test('stays so where the list still holds it: that is some seconds old', async () => {
    await using server = await startFakeXinference({ models: [llm('x')] });
    const gone = { detail: 'Model not found in the model list, uid: x' };
    server.answer('GET /v1/models/x', (_request, response) => sendJson(response, 400, gone));
    using client = new TestClient();
    const error = await describeModel(client, serverAt(server.url), 'x', patient()).catch(error => error);
    expect(await explainUnknown(client, serverAt(server.url), 'x', error, patient())).toBe(error);
    expect(error.message).toContain('Model not found in the model list');
  });

  test('is not looked for after another failure', async () => {
    await using server = await startFakeXinference();
    server.answer('GET /v1/models/x', faults.unauthorized);
    using client = new TestClient();
    const error = await describeModel(client, serverAt(server.url), 'x', patient()).catch(error => error);
    expect(await explainUnknown(client, serverAt(server.url), 'x', error, patient())).toBe(error);
    expect(server.requests).toHaveLength(1);
  });
});
