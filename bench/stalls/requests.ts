import { blackHole } from '../../test/fake/xinference/faults.ts';
import { send, sendJson } from '../../test/fake/xinference/replies.ts';
import { ask, type Load, MIB, wholeAnswer, words } from './load.ts';

/** Requests of a host that are large, or many, and what is kept of them. */
export const requests: readonly Load[] = [
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
    credentials: () => ({ max_chunks: '64' }),
  },
  {
    name: 'a text of 1 MB to speak',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: words(MIB), voice: '' }),
    route: 'POST /v1/audio/speech',
    answer: blackHole,
    credentials: () => ({ invoke_timeout: '2', max_retries: '0' }),
  },
  {
    name: '300 UIDs of 1 MB',
    action: 'get_llm_num_tokens',
    uid: 'chat',
    data: () => ask('hi'),
    credentials: at => ({ model_uid: `${at}`.padEnd(MIB, 'u') }),
    times: 300,
  },
  {
    name: '3,000 UIDs as long as they may be',
    action: 'get_llm_num_tokens',
    uid: 'chat',
    data: () => ask('hi'),
    credentials: at => ({ model_uid: `${at}`.padEnd(2_000, 'u') }),
    times: 3_000,
  },
  {
    name: '1,000 descriptions of 500 kB',
    action: 'invoke_llm',
    uid: 'chat',
    data: () => ask('hi', { stream: false }),
    route: '*',
    answer: (request, response) =>
      request.method === 'POST'
        ? send(response, 200, 'application/json', wholeAnswer('hi'))
        : sendJson(response, 200, {
            model_type: 'LLM',
            model_name: words(250_000),
            model_ability: ['chat', words(250_000)],
          }),
    credentials: at => ({ model_uid: `fat${at}` }),
    times: 1_000,
  },
  {
    name: 'a query prefix of 500 kB before 2,000 texts',
    action: 'invoke_text_embedding',
    uid: 'embedding',
    data: () => ({ texts: Array.from({ length: 2_000 }, () => 'a'), input_type: 'query' }),
    credentials: () => ({ query_prefix: 'p'.repeat(500_000) }),
  },
  {
    name: '... of 2,000 characters, as long as it may be, before 800',
    action: 'invoke_text_embedding',
    uid: 'embedding',
    data: () => ({ texts: Array.from({ length: 800 }, () => 'a'), input_type: 'query' }),
    credentials: () => ({ query_prefix: 'p'.repeat(2_000) }),
  },
  {
    name: '15,000 requests of a host that reads nothing for 10 s',
    action: 'get_ai_model_schemas',
    uid: 'chat',
    data: () => ({ model_type: 'llm' }),
    times: 15_000,
    unreadMs: 10_000,
  },
];
