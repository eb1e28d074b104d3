import type { HttpRequest } from '../../src/http/client.ts';
import { mp3Tone } from '../fake/sound/mp3.ts';
import type { CannedAnswer } from './canned-plugin.ts';

/** What a server says of a model, by its UID, which is the name of Dify's type for it. */
const descriptions = new Map(
  Object.entries({
    llm: '{"model_type":"LLM","model_name":"qwen3","model_ability":["chat","tools","vision","hybrid"],"model_engine":"vLLM"}',
    'text-embedding':
      '{"model_type":"embedding","model_name":"jina-clip-v2","dimensions":2,"max_tokens":512,"model_ability":["embed","embed_vision"]}',
    rerank: '{"model_type":"rerank","model_name":"jina-reranker-m0"}',
    speech2text: '{"model_type":"audio","model_name":"paraformer","model_ability":["audio2text"]}',
    tts: '{"model_type":"audio","model_name":"Kokoro-82M","model_ability":["text2audio"]}',
  }),
);

const chat =
  '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":null}';
const stream =
  'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n';

/** A good answer to any request, of a server that knows one model of each type. */
export function cannedAnswer({ path, body }: HttpRequest): CannedAnswer {
  if (path === '/v1/audio/speech') return { contentType: 'audio/mpeg', pieces: [mp3Tone(48)] };
  const asked = path === '/v1/audio/transcriptions' || body === undefined ? {} : JSON.parse(String(body));
  if (asked.stream === true) return { contentType: 'text/event-stream', pieces: [Buffer.from(stream)] };
  return { contentType: 'application/json', pieces: [Buffer.from(jsonFor(path, asked))] };
}

function jsonFor(path: string, asked: { input?: unknown[]; documents?: unknown[] }): string {
  switch (path) {
    case '/v1/chat/completions':
      return chat;
    case '/v1/embeddings':
      return JSON.stringify({
        data: [asked.input].flat().map((_, index) => ({ index, embedding: [0.5, index] })),
      });
    case '/v1/rerank':
      return JSON.stringify({
        results: (asked.documents ?? []).map((_, index) => ({ index, relevance_score: 0.5 })),
      });
    case '/v1/audio/transcriptions':
      return '{"text":"hi"}';
    case '/v1/models':
      return JSON.stringify({
        data: [...descriptions].map(([id, text]) => ({ id, ...JSON.parse(text) })),
      });
    default:
      return descriptions.get(path.slice('/v1/models/'.length)) ?? '{"detail":"no such model"}';
  }
}
