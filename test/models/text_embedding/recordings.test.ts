import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import {
  bodyBytes,
  recording,
  recordingNames,
  requestBody,
} from '../../fake/xinference/recordings/recordings.ts';
import type { Cut } from '../../fake/xinference/recordings/replay.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({ models: [] });
  plugin = await startPlugin();
});
afterAll(async () => {
  await plugin.close();
  await server.close();
});

/** Sends the texts of a recorded request, and has the server answer as recorded. */
async function replay(name: string, cut: Cut) {
  const recorded = recording(name);
  const { model, input } = requestBody(recorded) as { model: string; input: unknown };
  const texts = [input ?? 'x'].flat().map(String);
  server.clear();
  server.replay(recorded, { cut });
  const credentials = { server_url: server.url, model_uid: model, max_retries: '0' };
  const { stream, error } = await plugin.host
    .request('invoke_text_embedding', { model, credentials, texts })
    .result();
  return { answer: stream[0], error, recorded };
}

const errors: Readonly<Record<string, string>> = {
  'embeddings-base64': 'InvokeServerUnavailableError',
  'embeddings-null': 'InvokeBadRequestError',
  'embeddings-on-llm': 'InvokeServerUnavailableError',
  'embeddings-on-rerank': 'InvokeServerUnavailableError',
  'embeddings-unknown-model': 'InvokeBadRequestError',
  'loading-embeddings': 'InvokeServerUnavailableError',
};
const names = [...recordingNames('embeddings-'), 'auth-embeddings', 'loading-embeddings'];

describe('recorded answers of a real server', () => {
  it.each(names.filter(name => errors[name] === undefined))('%s: the same numbers', async name => {
    for (const cut of ['recorded', 'whole', [1, 100, 150, 1000, 1001]] satisfies Cut[]) {
      const { answer, error, recorded } = await replay(name, cut);
      const { data, usage } = JSON.parse(bodyBytes(recorded).toString()) as {
        data: { embedding: number[] }[];
        usage: { total_tokens: number };
      };
      expect(error).toBeUndefined();
      expect(answer).toMatchObject({
        embeddings: data.map(row => row.embedding),
        usage: { total_tokens: usage.total_tokens },
      });
    }
  });

  it.each([
    ...recordingNames('embeddings-side-by-side', '1.17.1'),
    ...recordingNames('embeddings-side-by-side', '2.12.0'),
  ])('%s: the rows are those of the texts, the tokens of all requests are not taken', async name => {
    const { answer, error, recorded } = await replay(name, 'recorded');
    const { data, usage } = JSON.parse(bodyBytes(recorded).toString()) as {
      data: { embedding: number[] }[];
      usage: { total_tokens: number };
    };
    expect(error).toBeUndefined();
    expect(answer).toMatchObject({ embeddings: data.map(row => row.embedding) });
    const { total_tokens } = (answer as { usage: { total_tokens: number } }).usage;
    expect(usage.total_tokens).toBe(48); // of twelve texts
    expect(total_tokens).toBeGreaterThanOrEqual(6);
    expect(total_tokens).toBeLessThan(24);
  });

  it('embeddings-batch-1: the same numbers when every byte comes alone', async () => {
    const { answer, recorded } = await replay('embeddings-batch-1', 'bytes');
    const { data } = JSON.parse(bodyBytes(recorded).toString()) as { data: { embedding: number[] }[] };
    expect(answer).toMatchObject({ embeddings: data.map(row => row.embedding) });
  });

  it.each(Object.entries(errors))('%s: %s', async (name, type) => {
    const { answer, error } = await replay(name, 'recorded');
    expect(answer).toBeUndefined();
    expect(error?.error_type).toBe(type);
    expect(error?.message).toContain('/v1/embeddings');
    expect(error?.message).not.toContain('[address=');
  });
});
