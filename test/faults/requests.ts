import type { Action } from '../../src/dify/protocol/requests.schemas.ts';
import { mp3Tone } from '../fake/sound/mp3.ts';

type Data = Readonly<Record<string, unknown>>;

const tool = {
  name: 'get_weather',
  description: 'Tells the weather of a city.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const call = {
  id: 'call_1',
  type: 'function',
  function: { name: 'get_weather', arguments: '{"city":"Bonn"}' },
};

const picture =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** A chat in which every kind of message and part stands once. */
const longChat = [
  { role: 'system', content: 'Be brief.', name: '' },
  { role: 'user', content: [{ type: 'text', data: 'What is the weather like in Bonn?' }], name: '' },
  { role: 'assistant', content: '<think>\nA tool.\n</think>', name: '', tool_calls: [call] },
  { role: 'tool', content: 'Sunny', name: 'get_weather', tool_call_id: 'call_1' },
  {
    role: 'user',
    content: [
      { type: 'text', data: 'And here?' },
      { type: 'image', format: 'png', mime_type: 'image/png', url: '', base64_data: picture, detail: 'low' },
    ],
  },
];

/** The data of a good request for each action: what a host sends when a user means it. The model's uid is `model_uid`. */
export const goodRequests: Readonly<Record<Action, Data>> = {
  validate_provider_credentials: {},
  validate_model_credentials: {},
  get_ai_model_schemas: {},
  invoke_llm: {
    prompt_messages: [{ role: 'user', content: 'What is the weather like in Bonn?' }],
    model_parameters: { temperature: 0.5, max_tokens: 100 },
    stop: ['\n\n\n'],
    stream: true,
  },
  get_llm_num_tokens: { prompt_messages: [{ role: 'user', content: 'hello' }], tools: [tool] },
  start_polling: { model_type: 'llm' },
  check_polling: { model_type: 'llm' },
  invoke_text_embedding: { texts: ['first', 'second', 'third'], input_type: 'document' },
  get_text_embedding_num_tokens: { texts: ['first', 'second'] },
  invoke_multimodal_embedding: {
    documents: [{ content: 'a cat', content_type: 'text' }],
    input_type: 'query',
  },
  invoke_rerank: { query: 'cats', docs: ['dogs bark', 'cats purr'], score_threshold: 0, top_n: 0 },
  invoke_multimodal_rerank: {
    query: { content: 'cats', content_type: 'text' },
    docs: [
      { content: 'cats purr', content_type: 'text' },
      { content: 'dogs bark', content_type: 'text' },
    ],
    score_threshold: 0,
    top_n: 0,
  },
  invoke_speech2text: { file: mp3Tone(48).toString('hex') },
  invoke_tts: { content_text: 'Hello there. How are you?', voice: '' },
  get_tts_model_voices: { language: 'en-US' },
  invoke_moderation: { text: 'hello' },
};

/** A request of `invoke_llm` that has everything in it that one can have. */
export const fullChat: Data = {
  prompt_messages: longChat,
  model_parameters: {
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 100,
    extra_body: '{"seed":7}',
    response_format: 'text',
  },
  tools: [tool],
  tool_choice: { mode: 'auto', name: '' },
  stop: ['stop'],
  stream: true,
  json_schema: { name: 'answer', schema: { type: 'object', properties: { city: { type: 'string' } } } },
  first_token_timeout: 60,
};
