import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chatAnswer } from './endpoints/chat-answer.ts';
import { audio, embedding, llm, rerank } from './models.ts';
import { bodyBytes, type Recording, recording } from './recordings/recordings.ts';
import { type FakeXinference, startFakeXinference } from './xinference-server.ts';

const key = 'xf-TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT';
let server: FakeXinference;
let locked: FakeXinference;

beforeAll(async () => {
  const models = [
    llm('tiny-llm', { model_ability: ['chat', 'tools'] }),
    llm('tiny-inline-think', { model_name: 'marco-o1', model_ability: ['chat'] }),
    llm('tiny-generate', { model_name: 'qwen2.5', model_ability: ['generate'] }),
    llm('vllm-model', { model_ability: ['chat', 'tools'] }),
    { ...llm('tiny-gguf-reasoning'), loading: true },
    embedding('tiny-embedding'),
    rerank('tiny-rerank'),
    audio('tiny-whisper'),
    audio('tiny-tts', { model_name: 'Kokoro-82M', model_family: 'Kokoro', model_ability: ['text2audio'] }),
    { ...embedding('tiny-embedding-random'), loading: true },
  ];
  server = await startFakeXinference({ models });
  locked = await startFakeXinference({ models, apiKeys: [key] });
});

afterAll(async () => {
  await server.close();
  await locked.close();
});

/** Sends what was sent when the recording was made. */
async function ask({ request }: Recording, to: FakeXinference, more?: object): Promise<Response> {
  const headers = request.headers.map(header => header.split(/: ?/, 2) as [string, string]);
  const { method } = request;
  const body =
    more === undefined ? request.text : JSON.stringify({ ...JSON.parse(request.text ?? '{}'), ...more });
  return fetch(to.url + request.path, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** What a value looks like: every string and number becomes its type, but for those that a client switches on. */
function shape(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return [...new Set(value.map(item => JSON.stringify(shape(item))))];
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => [key, shape(member, key)]);
    return Object.fromEntries(members.sort());
  }
  if (['object', 'role', 'finish_reason', 'type', 'task'].includes(name)) return value;
  return value === null ? null : typeof value;
}

/** How JSON text is spaced: Python puts a space after a comma and a colon, others do not. */
const spacing = (json: string) => ['": ', '":"', '", "', '","'].map(mark => json.includes(mark)).join();

/** The frames of an event stream, each as its shape, with runs of the same shape told once. */
function frames(stream: string): string[] {
  expect(stream.endsWith('\r\n\r\n')).toBe(true);
  const shapes = stream
    .slice(0, -4)
    .split('\r\n\r\n')
    .map(frame => /^data: (.*)$/.exec(frame)?.[1] ?? `no data line: ${frame}`)
    .map(data => (data === '[DONE]' ? data : `${spacing(data)} ${JSON.stringify(shape(JSON.parse(data)))}`));
  return shapes.filter((each, at) => each !== shapes[at - 1]);
}

/** The synthesised streams have a usage event, though the request beside them does not ask for one. */
const withUsage = { stream_options: { include_usage: true } };

const text = (recorded: Recording) => bodyBytes(recorded).toString('utf8');

describe('a streamed chat answer has the frames of the engine that it imitates', () => {
  it.each([
    ['vllm-qwen-plain-stream', { content: 'Hello! How can I help?' }],
    ['vllm-qwen-reasoning-stream', { reasoning: 'I need the weather.', content: 'It is sunny.' }],
  ])('%s', async (name, answer) => {
    const recorded = recording(name);
    server.answer('POST /v1/chat/completions', chatAnswer(answer), { times: 1 });
    const response = await ask(recorded, server, withUsage);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(frames(await response.text())).toEqual(frames(text(recorded)));
  });

  it('vllm-qwen-tools-two-stream', async () => {
    const recorded = recording('vllm-qwen-tools-two-stream');
    const toolCalls = [
      { name: 'get_weather', arguments: { city: 'Paris' } },
      { name: 'get_time', arguments: { city: '東京' } },
    ];
    server.answer('POST /v1/chat/completions', chatAnswer({ content: 'I will check both.', toolCalls }), {
      times: 1,
    });
    const ours = frames(await (await ask(recorded, server, withUsage)).text());
    // There, text comes between the calls too, so only the kinds of frame can be compared.
    expect(new Set(ours)).toEqual(new Set(frames(text(recorded))));
  });

  it('by default too', async () => {
    const response = await ask(recording('vllm-qwen-plain-stream'), server, withUsage);
    expect(frames(await response.text())).toEqual(frames(text(recording('vllm-qwen-plain-stream'))));
  });

  it('completions: every frame is one that the real server sends, and none is [DONE]', async () => {
    const recorded = recording('completions-generate-stream-usage');
    const ours = frames(await (await ask(recorded, server)).text());
    expect(frames(text(recorded))).toEqual(expect.arrayContaining(ours));
    expect(ours.length).toBeGreaterThan(2);
  });
});

describe('a whole answer has the fields of the real one', () => {
  it.each([
    'vllm-qwen-plain',
    'vllm-qwen-tool',
    'completions-generate-basic',
    'meta-cluster-version',
    'describe-tiny-llm',
    'describe-tiny-embedding',
    'describe-tiny-rerank',
    'describe-tiny-whisper',
    'embeddings-one-string',
    'embeddings-batch-3',
    'embeddings-empty-list',
    'rerank-basic',
    'rerank-documents',
    'rerank-empty',
  ])('%s', async name => {
    const recorded = recording(name);
    const response = await ask(recorded, server);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const ours = (await response.json()) as object;
    const theirs: object = JSON.parse(text(recorded));
    if (!name.startsWith('describe')) expect(shape(ours)).toEqual(shape(theirs));
    else expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort());
  });

  it('models-instances', async () => {
    const response = await ask(recording('models-instances'), server);
    const [ours] = (await response.json()) as object[];
    const [theirs] = JSON.parse(text(recording('models-instances'))) as object[];
    expect(shape(ours)).toEqual(shape(theirs));
  });

  it('speech: a real MP3 under audio/mpeg', async () => {
    const response = await ask(recording('tts-mp3'), server);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    const [ours, theirs] = [Buffer.from(await response.arrayBuffer()), bodyBytes(recording('tts-mp3'))];
    // The same head of a frame: MPEG 2, layer III, 24 kHz, and the tag that says how many frames follow.
    expect(ours.readUInt16BE(0) & 0xfffe).toBe(theirs.readUInt16BE(0) & 0xfffe);
    expect(ours.indexOf('Xing')).toBe(theirs.indexOf('Xing'));
  });
});

describe('a refusal is word for word the real one', () => {
  const plain = (body: string) =>
    body.replace(/\[address=.*?, pid=\d+\] /g, '').replace(/Available model uids: .*/, '');

  it.each([
    'chat-transformers-temperature-null',
    'chat-transformers-temperature-3',
    'chat-transformers-top-k-minus-1',
    'chat-transformers-max-tokens-0',
    'chat-transformers-messages-empty',
    'chat-transformers-logit-bias',
    'error-no-model',
    'error-no-messages',
    'error-messages-string',
    'error-body-array',
    'error-empty-body',
    'error-chat-on-embedding',
    'error-chat-on-embedding-stream',
    'error-chat-on-rerank',
    'error-unknown-model',
    'error-unknown-model-again',
    'error-method',
    'completions-generate-list',
    'completions-llm-basic',
    'completions-llm-stream',
    'describe-unknown',
    'describe-slash',
    'loading-describe',
    'loading-chat-stream',
    'embeddings-null',
    'rerank-null-query',
    'rerank-max-chunks',
    'rerank-dict-documents',
    'tts-voice-unknown',
    'tts-format-unknown',
    'tts-stream-unsupported',
    'path-trailing-slash',
    'path-trailing-slash-post',
    'path-unknown',
    'path-wrong-prefix',
  ])('%s', async name => {
    const recorded = recording(name);
    const response = await ask(recorded, server);
    expect(response.status).toBe(recorded.response.status);
    expect(plain(await response.text())).toBe(plain(text(recorded)));
    for (const header of ['content-type', 'retry-after']) {
      expect(response.headers.get(header)).toBe(headerOf(recorded, header));
    }
  });

  it.each([
    'auth-no-header',
    'auth-no-header-chat',
    'auth-empty',
    'auth-basic',
    'auth-x-api-key',
    'auth-wrong-key',
  ])('%s', async name => {
    const recorded = recording(name);
    const response = await ask(recorded, locked);
    expect(response.status).toBe(401);
    expect(await response.text()).toBe(text(recorded));
    expect(response.headers.get('www-authenticate')).toBe(headerOf(recorded, 'www-authenticate'));
  });

  it('auth-version-forbidden', async () => {
    const recorded = recording('auth-version-forbidden');
    const response = await ask(recorded, locked);
    expect([response.status, await response.text()]).toEqual([403, text(recorded)]);
  });

  it('auth-list, and after ten wrong keys auth-banned-good-key', async () => {
    expect((await ask(recording('auth-list'), locked)).status).toBe(200);
    for (let wrong = 0; wrong < 10; wrong++) await ask(recording('auth-wrong-key'), locked);
    const response = await ask(recording('auth-banned-good-key'), locked);
    expect([response.status, await response.text()]).toEqual([429, text(recording('auth-banned-good-key'))]);
    expect((await ask(recording('auth-banned-public'), locked)).status).toBe(200);
  });
});

function headerOf({ response }: Recording, name: string): string | null {
  const header = response.headers.find(line => line.toLowerCase().startsWith(`${name}: `));
  return header === undefined ? null : header.slice(name.length + 2);
}
