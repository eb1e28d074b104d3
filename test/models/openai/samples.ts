import { PassThrough } from 'node:stream';
import { type LlmForm, llmModel, readLlmForm } from '../../../models/llm/model.ts';
import { thinkingFields } from '../../../models/llm/thinking-switch.ts';
import type { ChatModel } from '../../../models/openai/model.ts';
import { chatBody, streamFields } from '../../../models/openai/request/chat-request.ts';
import type { ContentPart, PromptMessage, RequestOf } from '../../../src/dify/protocol/requests.schemas.ts';
import type { LlmChunk } from '../../../src/dify/protocol/results.schemas.ts';
import { Session } from '../../../src/dify/session.ts';
import { LineWriter } from '../../../src/dify/transport/lines/line-writer.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import type { Fields } from '../../../src/text/json.ts';
import type { ModelDescription } from '../../../src/xinference/description.ts';
import { parseDescription } from '../../../src/xinference/description.ts';
import { xinferenceJudge } from '../../../src/xinference/judge.ts';
import { serverAt } from '../../http/servers.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/** A description as the server sends it, read. */
export function description(fields: Readonly<Record<string, unknown>> = {}): ModelDescription | undefined {
  return parseDescription({
    model_type: 'LLM',
    model_name: 'qwen3',
    model_family: 'qwen3',
    model_ability: ['chat', 'tools'],
    model_engine: 'vLLM',
    context_length: 32768,
    ...fields,
  });
}

/** A model on vLLM that chats and calls tools, unless the server's fields or the user's form say otherwise. */
export function model(
  fields: Readonly<Record<string, unknown>> = {},
  form: Readonly<Record<string, unknown>> = {},
): ChatModel {
  return llmModel('m', description(fields), readLlmForm(form));
}

/** A model of which nothing could be learned. */
export function unknownModel(form: Readonly<Record<string, unknown>> = {}): ChatModel {
  return llmModel('m', undefined, readLlmForm(form));
}

export const emptyForm: LlmForm = readLlmForm({});

export function request(fields: Partial<InvokeLlm> = {}): InvokeLlm {
  return { model_type: 'llm', model: 'M', prompt_messages: [user('Hello')], ...fields };
}

export function user(content: string | ContentPart[]): PromptMessage {
  return { role: 'user', content };
}

/** The head of an answer, as far as its readers look at it. */
export function answerHead(contentType = 'text/event-stream'): HttpResponse {
  return {
    server: serverAt('http://gpu:9997', { timeoutMs: 1000 }),
    path: '/v1/chat/completions',
    url: 'http://gpu:9997/v1/chat/completions',
    judge: xinferenceJudge,
    status: 200,
    contentType,
  } as HttpResponse;
}

export const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** A text in pieces, cut at these places. */
export function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.filter(place => place < text.length).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, index) => text.slice(at[index], end));
}

/** A session of a host that reads everything, and the JSON lines it got so far. */
export function aSession(maxLineBytes = 5_000_000): { session: Session; lines: () => Promise<SentLine[]> } {
  const out = new PassThrough();
  const writer = new LineWriter(out, maxLineBytes);
  let text = '';
  out.on('data', (bytes: Buffer) => {
    text += bytes.toString('utf8');
  });
  const lines = async () => {
    await writer.flush();
    return text
      .split('\n')
      .filter(line => line !== '')
      .map(line => ({ bytes: Buffer.byteLength(line), ...JSON.parse(line).data }));
  };
  return { session: new Session('s', writer), lines };
}

export interface SentLine {
  readonly bytes: number;
  readonly type: 'stream' | 'error' | 'end';
  readonly data: LlmChunk;
}

/** The body by which a request goes to the server. */
export function serverBody(asked: InvokeLlm, model: ChatModel, stream: boolean): Fields {
  return { ...chatBody(asked, model, thinkingFields(asked, model)), ...streamFields(stream) };
}
