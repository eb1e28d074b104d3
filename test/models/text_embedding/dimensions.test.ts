import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { status } from '../../fake/xinference/faults.ts';
import { embedding } from '../../fake/xinference/models.ts';
import { sendJson } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/embeddings';

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [embedding('wide', { dimensions: 4096, max_tokens: 32_768 })],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

function ask(action: string, form: object, data: object = {}) {
  const credentials = { server_url: server.url, model_uid: 'wide', max_retries: '0', ...form };
  const session = plugin.host.request(action, {
    model: 'wide',
    model_type: 'text-embedding',
    credentials,
    ...data,
  });
  return session.result();
}

const embed = (form: object, texts = ['a']) => ask('invoke_text_embedding', form, { texts });

describe('issue 20, 3: dimensions', () => {
  it('go to the server as a number, and the shorter vectors come back', async () => {
    server.answer(ROUTE, (request, response) => {
      const { input } = request.body as { input: string[] };
      sendJson(response, 200, {
        data: input.map((_text, index) => ({ index, object: 'embedding', embedding: [0.5, 0.25, 0, 1] })),
        usage: { prompt_tokens: 3, total_tokens: 3 },
      });
    });
    const { stream, error } = await embed({ dimensions: ' 4 ' });
    expect(error).toBeUndefined();
    expect(stream[0]).toMatchObject({ embeddings: [[0.5, 0.25, 0, 1]] });
    expect(server.seen(ROUTE)[0]?.body).toMatchObject({ dimensions: 4 });
  });

  it('are not sent when the field is empty', async () => {
    await embed({ dimensions: '' });
    expect(server.seen(ROUTE)[0]?.body).not.toHaveProperty('dimensions');
  });

  it('are an error that says what to do where the server ignores them', async () => {
    const { stream, error } = await embed({ dimensions: '4' });
    expect(stream).toEqual([]);
    expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(error?.message).toMatch(
      /asked for vectors of 4 numbers, ignored that, and gave 4096.*"Dimensions"/,
    );
  });

  it.each([
    'Model does not support matryoshka representation, changing output dimensions will lead to poor results.',
    "encode() got an unexpected keyword argument 'truncate_dim'",
  ])('are an error that says what to do where the server refuses: %s', async said => {
    server.answer(ROUTE, status(500, { detail: said }));
    const { error } = await embed({ dimensions: '4' });
    expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(error?.message).toMatch(/cannot give vectors of 4 numbers.*"Dimensions"/s);
    expect(error?.message).toContain(said);
  });

  it('raise the number of texts that fit into an answer', async () => {
    const chunks = async (form: object) => {
      const { stream } = await ask('get_ai_model_schemas', form);
      return (stream[0] as { model_schema: { model_properties: { max_chunks: number } } }).model_schema
        .model_properties.max_chunks;
    };
    expect(await chunks({})).toBe(42);
    expect(await chunks({ dimensions: '256' })).toBe(64);
  });

  it.each(['0', '-4', '2.5', 'many', '100000'])('%s is no number of dimensions', async dimensions => {
    const { error } = await embed({ dimensions });
    expect(error?.message).toMatch(/"Dimensions" must be a whole number from 1 up to 65536/);
    expect(server.seen(ROUTE)).toEqual([]);
  });
});

it('issue 20: extra_body goes into each request, and takes nothing away', async () => {
  await embed({ advanced: '{"extra_body": {"normalize_embeddings": true, "input": "other"}}' });
  expect(server.seen(ROUTE)[0]?.body).toMatchObject({ normalize_embeddings: true, input: ['a'] });
});
