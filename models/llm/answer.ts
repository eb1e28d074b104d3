import type { FinishReason, ToolCall } from '../../src/dify/protocol/results.ts';
import type { XinferenceAnswer } from '../../src/xinference/client.ts';
import { errorFromFrame, unreadableFrame } from '../../src/xinference/stream-errors.ts';
import type { LlmModel } from './model.ts';
import { wholeAnswerText } from './thinking.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

/** An answer's end: what is left to say, and how it ended. */
export interface AnswerEnd {
  readonly text: string;
  readonly toolCalls: ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Partial<TokenCounts> | undefined;
}

/** The first choice of an answer or of a chunk. Only one is ever asked for. */
export function firstChoice(message: Record<string, unknown>): Record<string, unknown> | undefined {
  const { choices } = message;
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  return isObject(choice) ? choice : undefined;
}

/**
 * A chat answer that came whole.
 * @throws XinferenceError when it holds an error, or no message
 */
export function readChatAnswer(
  body: Record<string, unknown>,
  answer: XinferenceAnswer,
  model: LlmModel,
): AnswerEnd {
  if (body['error']) throw errorFromFrame(answer, body['error']);
  const choice = firstChoice(body);
  const message = choice?.['message'];
  if (choice === undefined || !isObject(message))
    throw unreadableFrame(answer, JSON.stringify(body).slice(0, 200));
  const calls = new ToolCallCollector();
  // A whole message lists whole calls: the place in the list tells them apart.
  const listed = message['tool_calls'];
  if (Array.isArray(listed))
    calls.add(listed.map((call, index) => (isObject(call) ? { ...call, index } : call)));
  const finish = textOf(choice['finish_reason']) || 'stop';
  const reasoning = textOf(message['reasoning_content']) || textOf(message['reasoning']);
  const content = contentText(message['content']) || transcriptOf(message);
  const usage = readUsage(body['usage']);
  if (content === '' && calls.isEmpty && finish === 'stop' && putsAnswerIntoReasoning(model)) {
    return { text: reasoning, toolCalls: [], finishReason: 'stop', usage };
  }
  return {
    text: wholeAnswerText({
      reasoning,
      content,
      hide: model.thinking === 'off',
      mendOpening: model.can.reason !== false,
    }),
    toolCalls: calls.finish(),
    finishReason: finishReasonOf(finish, calls),
    usage,
  };
}

/** A completion that came whole. @throws XinferenceError */
export function readCompletionAnswer(body: Record<string, unknown>, answer: XinferenceAnswer): AnswerEnd {
  if (body['error']) throw errorFromFrame(answer, body['error']);
  const choice = firstChoice(body);
  if (choice === undefined) throw unreadableFrame(answer, JSON.stringify(body).slice(0, 200));
  return {
    text: textOf(choice['text']),
    toolCalls: [],
    finishReason: textOf(choice['finish_reason']) || 'stop',
    usage: readUsage(body['usage']),
  };
}

/**
 * Two engines were seen to put an answer that was not thought about, or all of it, into the reasoning field; an answer
 * without any content that the server calls finished is such a one.
 */
export function putsAnswerIntoReasoning(model: LlmModel): boolean {
  return model.engine === 'llama.cpp' || model.engine === 'transformers';
}

/** A server that parsed calls may still say `stop`; one that was cut keeps `length`. */
export function finishReasonOf(finish: FinishReason, calls: ToolCallCollector): FinishReason {
  return finish === 'stop' && !calls.isEmpty ? 'tool_calls' : finish;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** What a model said that answers with sound: Dify has no place for the sound itself. */
export function transcriptOf(message: Record<string, unknown>): string {
  const { audio } = message;
  return isObject(audio) ? textOf(audio['transcript']) : '';
}

/** The text of a content, also where it is a list of parts. */
function contentText(content: unknown): string {
  if (!Array.isArray(content)) return textOf(content);
  return content.map(part => (isObject(part) ? textOf(part['text']) : '')).join('');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
