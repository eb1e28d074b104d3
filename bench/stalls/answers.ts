import { longLine } from '../../test/fake/xinference/faults.ts';
import { errorEvent, event, type Handler } from '../../test/fake/xinference/replies.ts';
import {
  ask,
  byteByByte,
  chat,
  deltas,
  finish,
  type Load,
  list,
  MIB,
  pour,
  stream,
  whole,
  wholeAnswer,
  words,
} from './load.ts';

/** Objects of which no two are alike, as many as an answer may have. */
const objects = () => list(29_000, at => `{"a${at}":"${at}","b${at}":"x${at}","c${at}":1}`);
const row = () => list(262_144, at => `0.${at}`);
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
const withTools = (stream: boolean) => ({
  uid: 'chat-tools',
  data: () => ask('hi', { tools: [tool], stream }),
});

/** A load of `invoke_text_embedding`. */
function embedding(name: string, answer: Handler, rest: Partial<Load> = {}): Load {
  const data = () => ({ texts: ['a'] });
  return {
    name,
    action: 'invoke_text_embedding',
    uid: 'wide',
    data,
    route: 'POST /v1/embeddings',
    answer,
    ...rest,
  };
}

/** A question about a model, for which the server is asked each time. */
function question(name: string, route: string, answer: Handler, rest: Partial<Load> = {}): Load {
  const data = () => ({ model_type: 'llm' });
  return { name, action: 'validate_model_credentials', uid: 'chat', data, route, answer, ...rest };
}

/** Heads of answers that are not the answer yet, as fast as they are taken. */
const informing =
  (bytes: number): Handler =>
  async (_request, _response, socket) => {
    const heads = 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(1_000);
    for (let sent = 0; sent < bytes && (await pour(socket, heads)); sent += heads.length);
    socket.destroy();
  };

/** Answers of a server that are small and slow, come in small pieces, or are very long. */
export const answers: readonly Load[] = [
  chat(
    '4 MiB of `{},` in the place of an answer',
    whole(() => wholeAnswer('', `,"x":[${'{},'.repeat(1.4 * MIB)}{}]`)),
  ),
  chat(
    '62 MiB of `{},`',
    whole(() => wholeAnswer('', `,"x":[${'{},'.repeat(20 * MIB)}{}]`)),
  ),
  chat(
    'as many objects and strings as an answer may have, no two alike',
    whole(() => wholeAnswer('', `,"x":${objects()}`)),
  ),
  chat(
    '... none of them an answer',
    whole(() => `{"x":${objects()}}`),
  ),
  chat(
    '... in the place of a stream',
    whole(() => wholeAnswer('', `,"x":${objects()}`)),
    { stream: true },
  ),
  question(
    '2 MiB of `{},` as a description',
    'GET /v1/models/chat',
    whole(() => `{"x":[${'{},'.repeat(0.6 * MIB)}{}]}`),
  ),
  question(
    '7 MiB of `{},` as the list of models',
    'GET /v1/models',
    whole(() => `{"data":[${'{},'.repeat(2 * MIB)}{}]}`),
    {
      action: 'validate_provider_credentials',
      data: () => ({}),
    },
  ),
  chat(
    'a whole answer of 15 MB',
    whole(() => wholeAnswer(words(15 * MIB))),
  ),
  chat(
    'four events of 4 MB of `{},`',
    stream(...Array.from({ length: 4 }, () => event(`{"choices":[],"x":[${'{},'.repeat(1.4 * MIB)}{}]}`))),
    { stream: true },
  ),
  chat(
    '30 MB of events of 5,000 objects',
    stream(
      ...Array.from({ length: 300 }, () =>
        event(`{"choices":[],"x":${list(4_900, at => `{"a${at}":"${at}"}`)}}`),
      ),
    ),
    { stream: true },
  ),
  chat('30 MB of line breaks', stream(...Array.from({ length: 30 }, () => '\n'.repeat(MIB))), {
    stream: true,
  }),
  chat('100 MB of heads of 1xx', informing(100 * MIB)),
  chat(
    '4 MiB of an answer in chunks of one byte',
    byteByByte('application/json', () => wholeAnswer(words(4 * MIB))),
  ),
  chat(
    '4 MiB of an event in chunks of one byte',
    byteByByte('text/event-stream', () => deltas({ content: words(4 * MIB) }) + finish),
    { stream: true },
  ),
  chat(
    '4 MiB of an error in chunks of one byte',
    byteByByte('text/plain', () => words(4 * MIB), '500 No'),
    {
      credentials: () => ({ max_retries: '0' }),
    },
  ),
  embedding(
    '2 MiB of an embedding in chunks of one byte',
    byteByByte('application/json', () => `{"data":[{"index":0,"embedding":${row()}}]}`),
  ),
  embedding(
    '60 MiB of embeddings of one number',
    whole(() => `{"data":[${'{"embedding":[1]},'.repeat(3.4 * MIB)}{}]}`),
  ),
  embedding(
    '60 MiB of embeddings that are no lists of numbers',
    whole(() => `{"data":[${'{"embedding":[1,x'.repeat(3.4 * MIB)}{}]}`),
  ),
  embedding(
    '15 MiB of numbers on lines of their own',
    whole(() => `{"data":[{"index":0,"embedding":[${'1,\n'.repeat(5 * MIB)}NaN]}]}`),
  ),
  chat('1 GB on one line of a stream', longLine(), { stream: true }),
  chat('1 GB in one JSON text', longLine()),
  chat('a delta of 7 MB', stream(deltas({ content: words(7 * MIB) })), { stream: true }),
  chat('a delta of 7 MB of reasoning', stream(deltas({ reasoning_content: words(7 * MIB) })), {
    uid: 'chat-reasoning',
    stream: true,
  }),
  chat(
    'a whole answer of 50 MB',
    whole(() => wholeAnswer(words(50 * MIB))),
  ),
  chat(
    'a chunk nested a million times (2 MB)',
    stream(event(`{"choices":${'['.repeat(MIB)}${']'.repeat(MIB)}}`)),
    {
      stream: true,
    },
  ),
  chat('an error in the stream of 10 MB', stream(errorEvent(words(10 * MIB))), { stream: true }),
  chat(
    'tool arguments of 5 MB in one delta',
    stream(deltas(call(JSON.stringify({ text: words(4.5 * MIB) }), 'c1'))),
    withTools(true),
  ),
  chat(
    'tool arguments of 4 MB in 200,000 deltas',
    stream(
      deltas(call('{"text":"', 'c1')),
      ...Array.from({ length: 200 }, () => deltas(call('x'.repeat(20))).repeat(1000)),
      deltas(call('"}')),
    ),
    withTools(true),
  ),
  chat(
    '19,000 tool calls in one message',
    whole(() => {
      const calls = list(
        19_000,
        at => `{"id":"c${at}","type":"function","function":{"name":"f","arguments":"{}"}}`,
      );
      return `{"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":${calls}},"finish_reason":"tool_calls"}]}`;
    }),
    withTools(false),
  ),
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
  ...['1,', '0.5,null,', '123456789012345678,'].map(values =>
    chat(
      `15 MiB of \`${values}\``,
      whole(() => wholeAnswer('', `,"x":[${values.repeat((15 * MIB) / values.length)}0]`)),
    ),
  ),
  chat(
    'four events of 7 MB of `0.5,null,`',
    stream(
      ...Array.from({ length: 4 }, () => event(`{"choices":[],"x":[${'0.5,null,'.repeat(0.8 * MIB)}0]}`)),
    ),
    { stream: true },
  ),
  chat(
    'as many numbers as an answer may have',
    whole(() => wholeAnswer('', `,"x":[${'0.5,null,'.repeat(249_000)}0]`)),
  ),
];
