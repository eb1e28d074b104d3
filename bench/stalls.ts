/**
 * For how long single requests of an unusual size keep a plugin from doing anything else, and what memory they take:
 *
 *     node bench/stalls.ts [part of a load's name]
 *
 * Each load runs in a fresh process, beside heartbeats. Prints a Markdown table.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { FakeHost } from '../test/fake/host/host.ts';
import { blackHole, longLine } from '../test/fake/xinference/faults.ts';
import { audio, embedding } from '../test/fake/xinference/models.ts';
import {
  errorEvent,
  event,
  type Handler,
  send,
  startEvents,
  write,
} from '../test/fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../test/fake/xinference/xinference-server.ts';
import { memoryOf } from './compare/usage.ts';
import { nodeFlags } from './process/node-flags.ts';

const MIB = 1024 * 1024;
const ROOT = new URL('..', import.meta.url).pathname;

interface Load {
  readonly name: string;
  readonly action: string;
  readonly uid: string;
  readonly data: () => Readonly<Record<string, unknown>>;
  readonly route?: string;
  readonly answer?: Handler;
  readonly credentials?: Readonly<Record<string, string>>;
}

const chat = 'POST /v1/chat/completions';
const ask = (content: unknown, rest: object = {}) => ({
  prompt_messages: [{ role: 'user', content }],
  stream: true,
  ...rest,
});
const deltas = (...all: object[]) =>
  all.map(delta => event(JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }))).join('');
const finish = `${event(JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }))}${event('[DONE]')}`;
const stream =
  (...texts: string[]): Handler =>
  async (_request, response) => {
    startEvents(response);
    for (const text of texts) await write(response, text);
    response.end(finish);
  };
const whole =
  (body: () => string | Buffer, type = 'application/json'): Handler =>
  (_request, response) =>
    send(response, 200, type, body());
const call = (args: string, id?: string) => ({
  tool_calls: [
    {
      index: 0,
      ...(id && { id, type: 'function' }),
      function: { ...(id && { name: 'f' }), arguments: args },
    },
  ],
});
const tool = { name: 'f', description: '', parameters: { type: 'object', properties: {} } };
const words = (bytes: number) =>
  'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45));

/** Each byte of a body in an HTTP chunk of its own. */
const byteByByte =
  (type: string, body: () => string): Handler =>
  async (_request, _response, socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (const part of body().match(/.{1,65536}/gs) ?? []) {
      const chunks = Array.from(part, byte => `1\r\n${byte}\r\n`).join('');
      if (!socket.write(chunks)) await once(socket, 'drain');
    }
    socket.end('0\r\n\r\n');
  };
const wholeAnswer = (content: string, rest = '') =>
  `{"choices":[{"index":0,"message":{"role":"assistant","content":"${content}"},"finish_reason":"stop"}]${rest}}`;
const list = (count: number, value: (at: number) => string) =>
  `[${Array.from({ length: count }, (_, at) => value(at)).join()}]`;
const row = list(262_144, at => `0.${at}`);

const loads: readonly Load[] = [
  {
    name: '4 MiB of `{},` in the place of an answer',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() => wholeAnswer('', `,"x":[${'{},'.repeat(1.4 * MIB)}{}]`)),
  },
  {
    name: '62 MiB of `{},`',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() => wholeAnswer('', `,"x":[${'{},'.repeat(20 * MIB)}{}]`)),
  },
  {
    name: 'as many objects and strings as an answer may have, no two alike',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() =>
      wholeAnswer('', `,"x":${list(29_000, at => `{"a${at}":"${at}","b${at}":"x${at}","c${at}":1}`)}`),
    ),
  },
  {
    name: '... none of them an answer',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() =>
      list(29_000, at => `{"a${at}":"${at}","b${at}":"x${at}","c${at}":1}`)
        .replace(/^/, '{"x":')
        .concat('}'),
    ),
  },
  {
    name: 'a whole answer of 15 MB',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() => wholeAnswer(words(15 * MIB))),
  },
  {
    name: 'four events of 4 MB of `{},`',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: stream(
      ...Array.from({ length: 4 }, () => event(`{"choices":[],"x":[${'{},'.repeat(1.4 * MIB)}{}]}`)),
    ),
  },
  {
    name: '30 MB of events of 5,000 objects',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: stream(
      ...Array.from({ length: 300 }, () =>
        event(`{"choices":[],"x":${list(4_900, at => `{"a${at}":"${at}"}`)}}`),
      ),
    ),
  },
  {
    name: '4 MiB of an answer in chunks of one byte',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: byteByByte('application/json', () => wholeAnswer(words(4 * MIB))),
  },
  {
    name: '4 MiB of an event in chunks of one byte',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: byteByByte('text/event-stream', () => deltas({ content: words(4 * MIB) }) + finish),
  },
  {
    name: '2 MiB of an embedding in chunks of one byte',
    action: 'invoke_text_embedding',
    uid: 'wide',
    data: () => ({ texts: ['a'] }),
    route: 'POST /v1/embeddings',
    answer: byteByByte('application/json', () => `{"data":[{"index":0,"embedding":${row}}]}`),
  },
  {
    name: '60 MiB of embeddings of one number',
    action: 'invoke_text_embedding',
    uid: 'wide',
    data: () => ({ texts: ['a'] }),
    route: 'POST /v1/embeddings',
    answer: whole(() => `{"data":[${'{"embedding":[1]},'.repeat(3.4 * MIB)}{}]}`),
  },
  {
    name: '60 MiB of embeddings that are no lists of numbers',
    action: 'invoke_text_embedding',
    uid: 'wide',
    data: () => ({ texts: ['a'] }),
    route: 'POST /v1/embeddings',
    answer: whole(() => `{"data":[${'{"embedding":[1,x'.repeat(3.4 * MIB)}{}]}`),
  },
  {
    name: '15 MiB of numbers on lines of their own',
    action: 'invoke_text_embedding',
    uid: 'wide',
    data: () => ({ texts: ['a'] }),
    route: 'POST /v1/embeddings',
    answer: whole(() => `{"data":[{"index":0,"embedding":[${'1,\n'.repeat(5 * MIB)}NaN]}]}`),
  },
  {
    name: '12,000 segments of one speaker',
    action: 'invoke_speech2text',
    uid: 'paraformer',
    data: () => ({ file: 'fffb90c4'.repeat(1000) }),
    route: 'POST /v1/audio/transcriptions',
    answer: whole(() => {
      const segments = Array.from({ length: 12_000 }, (_, at) => ({
        speaker: at === 0 ? 1 : 0,
        text: words(45),
      }));
      return JSON.stringify({ text: segments.map(({ text }) => text).join(' '), segments });
    }),
  },
  {
    name: '60 MB of empty WAV chunks',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: words(2000), voice: '' }),
    route: 'POST /v1/audio/speech',
    answer: whole(
      () =>
        Buffer.concat([
          Buffer.from('RIFF\xff\xff\xff\x02WAVE', 'latin1'),
          Buffer.alloc(60 * MIB, 'junk\0\0\0\0'),
        ]),
      'audio/wav',
    ),
  },
  {
    name: 'a request of 30 MB: an image',
    action: 'invoke_llm',
    uid: 'chat-vision',
    data: () =>
      ask([
        { type: 'image', mime_type: 'image/png', url: '', base64_data: 'A'.repeat(30 * MIB), format: 'png' },
      ]),
  },
  { name: 'a request of 30 MB: text', action: 'invoke_llm', uid: 'chat', data: () => ask(words(30 * MIB)) },
  {
    name: 'hex of 100 MB (a recording of 50 MB)',
    action: 'invoke_speech2text',
    uid: 'whisper',
    data: () => ({ file: 'fffb90c4'.repeat((100 * MIB) / 8) }),
  },
  {
    name: 'token count of 10 MB',
    action: 'get_llm_num_tokens',
    uid: 'chat',
    data: () => ask(words(10 * MIB)),
  },
  {
    name: 'token counts of 10,000 texts of 1 kB',
    action: 'get_text_embedding_num_tokens',
    uid: 'embedding',
    data: () => ({ texts: Array.from({ length: 10_000 }, () => words(1000)) }),
  },
  {
    name: '64 embeddings of 4,096 numbers',
    action: 'invoke_text_embedding',
    uid: 'wide',
    data: () => ({ texts: Array.from({ length: 64 }, (_, index) => `text ${index}`) }),
    credentials: { max_chunks: '64' },
  },
  {
    name: '1 GB on one line of a stream',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: longLine(),
  },
  {
    name: '1 GB in one JSON text',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: longLine(),
  },
  {
    name: 'tool arguments of 5 MB in one delta',
    action: 'invoke_llm',
    uid: 'chat-tools',
    data: () => ask('hi', { tools: [tool] }),
    route: chat,
    answer: stream(deltas(call(JSON.stringify({ text: words(4.5 * MIB) }), 'c1'))),
  },
  {
    name: 'tool arguments of 4 MB in 200,000 deltas',
    action: 'invoke_llm',
    uid: 'chat-tools',
    data: () => ask('hi', { tools: [tool] }),
    route: chat,
    answer: stream(
      deltas(call('{"text":"', 'c1')),
      ...Array.from({ length: 200 }, () => deltas(call('x'.repeat(20))).repeat(1000)),
      deltas(call('"}')),
    ),
  },
  {
    name: 'a delta of 7 MB',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: stream(deltas({ content: words(7 * MIB) })),
  },
  {
    name: 'a delta of 7 MB of reasoning',
    action: 'invoke_llm',
    uid: 'chat-reasoning',
    data: () => ask('hi'),
    route: chat,
    answer: stream(deltas({ reasoning_content: words(7 * MIB) })),
  },
  {
    name: 'a whole answer of 50 MB',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: chat,
    answer: whole(() =>
      JSON.stringify({
        choices: [
          { index: 0, message: { role: 'assistant', content: words(50 * MIB) }, finish_reason: 'stop' },
        ],
      }),
    ),
  },
  {
    name: 'a chunk nested a million times (2 MB)',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: stream(event(`{"choices":${'['.repeat(MIB)}${']'.repeat(MIB)}}`)),
  },
  {
    name: 'an error in the stream of 10 MB',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi'),
    route: chat,
    answer: stream(errorEvent(words(10 * MIB))),
  },
  {
    name: 'rerank of 4,000 documents of 1 kB',
    action: 'invoke_rerank',
    uid: 'rerank',
    data: () => ({ query: 'q', docs: Array.from({ length: 4_000 }, () => words(1000)) }),
    route: 'POST /v1/rerank',
    answer: whole(() =>
      JSON.stringify({
        results: Array.from({ length: 4_000 }, (_, index) => ({
          index,
          relevance_score: index / 4_000,
          document: null,
        })),
      }),
    ),
  },
  {
    name: 'sound of 50 MB',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: 'Hello.', voice: '' }),
    route: 'POST /v1/audio/speech',
    answer: whole(
      () =>
        Buffer.concat([
          Buffer.from(
            'RIFF\xff\xff\xff\x02WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0w\x01\0\x02\0\x10\0data\xff\xff\xff\x02',
            'latin1',
          ),
          Buffer.alloc(50 * MIB, 1),
        ]),
      'audio/wav',
    ),
  },
  {
    name: 'a text of 1 MB to speak',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: words(MIB), voice: '' }),
    route: 'POST /v1/audio/speech',
    answer: blackHole,
    credentials: { invoke_timeout: '2', max_retries: '0' },
  },
];

const server = await startFakeXinference({
  models: [
    ...(await import('../test/fake/xinference/models.ts')).defaultModels,
    embedding('wide', { dimensions: 4096 }),
    audio('paraformer', { model_name: 'paraformer-zh-spk' }),
  ],
});
const wanted = process.argv[2] ?? '';
console.log(
  '| load | longest turn of the event loop, ms of CPU | ms in all | peak RSS, MiB | ended with |\n|---|--:|--:|--:|---|',
);
for (const load of loads.filter(({ name }) => name.includes(wanted)))
  console.log(await measure(load, server));
await server.close();

async function measure(load: Load, server: FakeXinference): Promise<string> {
  const child = spawn(
    process.execPath,
    [...nodeFlags(), '--import', `${ROOT}bench/process/stall-probe.ts`, `${ROOT}src/main.ts`],
    {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, INSTALL_METHOD: 'local', LOG_LEVEL: 'silent' },
    },
  );
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  const host = new FakeHost({ stdin, stdout, stderr }, {}, child);
  await host.ready();
  server.clear();
  const credentials = { server_url: server.url, model_uid: load.uid, ...load.credentials };
  // Warm: the description is there, and the code is compiled.
  for (let round = 0; round < 20; round++)
    await host
      .request('invoke_llm', { ...ask('hi'), credentials: { ...credentials, model_uid: 'chat' } })
      .result();
  await host.request('get_ai_model_schemas', { credentials, model: load.uid, model_type: 'llm' }).result();
  if (load.route !== undefined && load.answer !== undefined) server.answer(load.route, load.answer);
  const data = { ...load.data(), model: load.uid, credentials };
  const stall = async () => {
    child.send('ask');
    return Number((await once(child, 'message'))[0]);
  };
  await stall();
  const from = performance.now();
  const { error, stream } = await host.request(load.action, data).result();
  const ms = performance.now() - from;
  const longest = await stall();
  const { peak } = memoryOf(child.pid ?? 0);
  await host.close().catch((error: Error) => console.log(error.message));
  const end = error === undefined ? `${stream.length} results` : error.error_type;
  return `| ${load.name} | ${longest.toFixed(0)} | ${ms.toFixed(0)} | ${peak.toFixed(0)} | ${end} |`;
}
