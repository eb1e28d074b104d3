import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { event, type Handler, pause, pythonJson, sendJson, startEvents, write } from '../replies.ts';
import type { FakeRequest } from '../request.ts';

export interface ToolCall {
  readonly name: string;
  /** JSON text, or a value to be written as JSON. */
  readonly arguments: unknown;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** What a chat model says, apart from how it travels. */
export interface ChatAnswer {
  readonly reasoning?: string | undefined;
  readonly content?: string;
  readonly toolCalls?: readonly ToolCall[];
  /** By default `tool_calls` or `stop`. */
  readonly finishReason?: string;
  /** By default a count of words. */
  readonly usage?: Usage;
}

export interface Pace {
  /** Milliseconds between two events. */
  readonly chunkDelay: number;
  /** How many events carry the content; by default one a word. */
  readonly chunkCount?: number | undefined;
}

/** A handler that gives `answer` to any chat request, streamed or whole as the request asks. */
export function chatAnswer(answer: ChatAnswer, pace: Pace = { chunkDelay: 0 }): Handler {
  return async (request, response) => {
    await sendChat(request, response, answer, pace);
  };
}

/** Sends `answer` as vLLM does behind Xinference: one event stream or one JSON object. */
export async function sendChat(
  request: FakeRequest,
  response: ServerResponse,
  answer: ChatAnswer,
  pace: Pace,
): Promise<void> {
  const body = (request.body ?? {}) as Record<string, unknown>;
  if (body['stream'] === true) await streamChat(request, response, answer, pace, body);
  else sendWhole(response, answer, pace, body);
}

function sendWhole(
  response: ServerResponse,
  answer: ChatAnswer,
  pace: Pace,
  body: Record<string, unknown>,
): void {
  const calls = answer.toolCalls?.map(call => ({
    id: `call_${randomUUID()}`,
    type: 'function',
    function: { name: call.name, arguments: argumentsText(call) },
  }));
  const message = {
    role: 'assistant',
    content: pieces(answer.content ?? '', pace.chunkCount).join(''),
    ...(answer.reasoning === undefined ? {} : { reasoning_content: answer.reasoning }),
    ...(body['tools'] === undefined ? {} : { tool_calls: calls ?? [] }),
  };
  sendJson(response, 200, {
    id: `chat${randomUUID()}`,
    object: 'chat.completion',
    created: now(),
    model: body['model'],
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(answer) }],
    usage: answer.usage ?? count(answer, body, pace),
  });
}

async function streamChat(
  request: FakeRequest,
  response: ServerResponse,
  answer: ChatAnswer,
  pace: Pace,
  body: Record<string, unknown>,
): Promise<void> {
  startEvents(response);
  const start = `{"id": "chat${randomUUID()}", "model": ${JSON.stringify(body['model'])}, "created": ${now()}, "object": "chat.completion.chunk", "choices": `;
  const frame = (delta: object, finish: string | null = null, usage: Usage | null = null) =>
    event(
      `${start}[{"index": 0, "delta": ${pythonJson(delta)}, "logprobs": null, "finish_reason": ${JSON.stringify(finish)}}], "usage": ${pythonJson(usage)}}`,
    );
  const usage = answer.usage ?? count(answer, body, pace);
  // With tools in the request the server's tool parser makes the deltas, and these look different.
  const parsed = body['tools'] !== undefined;
  for (const delta of deltas(answer, pace, parsed)) {
    if (!(await pause(pace.chunkDelay, request.signal)) || !(await write(response, frame(delta)))) return;
  }
  const last = parsed
    ? { role: 'assistant', content: '', tool_calls: [] }
    : { content: '', ...(answer.reasoning === undefined ? {} : { reasoning_content: null }) };
  const finish = finishReason(answer);
  await write(response, frame(last, finish, finish === 'tool_calls' ? null : usage));
  const options = body['stream_options'] as { include_usage?: boolean } | null | undefined;
  if (options?.include_usage === true)
    await write(response, event(`${start}[], "usage": ${pythonJson(usage)}}`));
  response.end(event('[DONE]'));
}

function* deltas(answer: ChatAnswer, pace: Pace, parsed: boolean): Generator<object> {
  const thinks = answer.reasoning !== undefined;
  if (thinks) yield { reasoning_content: '', content: null, role: 'assistant' };
  for (const piece of pieces(answer.reasoning ?? '')) yield { reasoning_content: piece, content: null };
  let first = !thinks;
  for (const piece of pieces(answer.content ?? '', pace.chunkCount)) {
    if (parsed) yield { role: 'assistant', content: piece, tool_calls: [] };
    else if (thinks) yield { reasoning_content: null, content: piece };
    else yield first ? { content: piece, role: 'assistant' } : { content: piece };
    first = false;
  }
  for (const [index, call] of (answer.toolCalls ?? []).entries()) {
    const opening = {
      index,
      function: { arguments: '', name: call.name },
      id: `call_${randomUUID()}`,
      type: 'function',
    };
    yield { role: 'assistant', content: '', tool_calls: [opening] };
    const closing = { index, function: { arguments: argumentsText(call) } };
    yield { role: 'assistant', content: '', tool_calls: [closing] };
  }
}

/** `text` word by word, each with the space before it; with `count`, that many words of it, over and over. */
export function pieces(text: string, count?: number): string[] {
  const words = text.match(/\s*\S+\s*$|\s*\S+|\s+$/g) ?? [];
  if (count === undefined || words.length === 0) return words;
  return Array.from({ length: count }, (_none, at) => {
    const word = words[at % words.length] ?? '';
    return at > 0 && at % words.length === 0 ? ` ${word.trimStart()}` : word;
  });
}

/** The number of words, in place of a tokenizer's count. */
export function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}

/** The text of a message's content, whether it is a string or a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map(part => (part as { text?: unknown }).text ?? '').join(' ');
}

function count(answer: ChatAnswer, body: Record<string, unknown>, pace: Pace): Usage {
  const messages = Array.isArray(body['messages']) ? body['messages'] : [];
  const prompt_tokens = messages.reduce<number>(
    (sum, message) => sum + countWords(textOf(message?.content)) + 4,
    0,
  );
  const calls = (answer.toolCalls ?? []).map(call => `${call.name} ${argumentsText(call)}`).join(' ');
  const content =
    pace.chunkCount !== undefined && answer.content ? pace.chunkCount : countWords(answer.content ?? '');
  const completion_tokens = countWords(answer.reasoning ?? '') + content + countWords(calls) + 1;
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}

function finishReason(answer: ChatAnswer): string {
  return (
    answer.finishReason ??
    (answer.toolCalls !== undefined && answer.toolCalls.length > 0 ? 'tool_calls' : 'stop')
  );
}

function argumentsText(call: ToolCall): string {
  return typeof call.arguments === 'string' ? call.arguments : pythonJson(call.arguments);
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
