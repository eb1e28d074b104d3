/**
 * How a Xinference server's answers look as bytes: uvicorn's heads, HTTP chunks of one event each, and the JSON of the
 * vLLM engine. A test holds it against recordings of a real server.
 */

const REQUEST_ID = 'x-request-id: 8a1f0b7e-7a52-4f0a-9a43-3a5c7f1f0f55';

function head(status: string, ...headers: readonly string[]): Buffer {
  const lines = [`HTTP/1.1 ${status}`, 'date: Thu, 01 Jan 2026 00:00:00 GMT', 'server: uvicorn', ...headers];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** The head of a stream. It is sent before the model is asked, in a packet of its own. */
export const EVENT_STREAM_HEAD = head(
  '200 OK',
  'cache-control: no-store',
  'connection: keep-alive',
  'x-accel-buffering: no',
  'content-type: text/event-stream; charset=utf-8',
  REQUEST_ID,
  'vary: Origin',
  'Transfer-Encoding: chunked',
);

/** The end of a stream. It is sent when the application has returned, in a packet of its own. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** One HTTP chunk with one event. */
export function event(payload: string): Buffer {
  const data = Buffer.from(`data: ${payload}\r\n\r\n`);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

/** A whole answer: its head and its body, which leave in a packet each. */
export function whole(json: unknown, status = '200 OK'): readonly [head: Buffer, body: Buffer] {
  const body = Buffer.from(JSON.stringify(json));
  const length = `content-length: ${body.length}`;
  return [head(status, length, 'content-type: application/json', REQUEST_ID, 'vary: Origin'), body];
}

/** What all chunks of a chat have in common. */
export interface Chat {
  readonly id: string;
  readonly model: string;
  readonly promptTokens: number;
}

/** @returns the JSON of a chunk with a delta; `created` is the second in which it was made */
export function deltaChunk(chat: Chat, created: number, delta: string, isFirst = false): string {
  const role = isFirst ? ', "role": "assistant"' : '';
  return chunk(chat, created, `{"content": ${JSON.stringify(delta)}${role}}`, 'null', 'null');
}

/** @returns the JSON of the chunk that says that the model stopped after so many tokens */
export function finishChunk(chat: Chat, created: number, tokens: number): string {
  return chunk(chat, created, '{"content": ""}', '"stop"', usage(chat, tokens));
}

/** @returns the JSON of the chunk that comes last where `stream_options.include_usage` was asked for */
export function usageChunk(chat: Chat, created: number, tokens: number): string {
  return `${opening(chat, created)}"choices": [], "usage": ${usage(chat, tokens)}}`;
}

function chunk(chat: Chat, created: number, delta: string, finish: string, usage: string): string {
  const choice = `{"index": 0, "delta": ${delta}, "logprobs": null, "finish_reason": ${finish}}`;
  return `${opening(chat, created)}"choices": [${choice}], "usage": ${usage}}`;
}

function opening({ id, model }: Chat, created: number): string {
  return `{"id": "${id}", "model": "${model}", "created": ${created}, "object": "chat.completion.chunk", `;
}

function usage({ promptTokens }: Chat, tokens: number): string {
  return `{"prompt_tokens": ${promptTokens}, "completion_tokens": ${tokens}, "total_tokens": ${promptTokens + tokens}}`;
}
