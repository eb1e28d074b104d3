import type { ToolCall } from '../../../src/dify/index.ts';
import type { HttpResponse } from '../../../src/http/client.ts';
import { endlessCalls, errorFromFrame, noAnswer } from '../../../src/http/errors/stream-errors.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { stringOf } from '../request/json.ts';
import { wholeAnswerText } from '../thinking/shown-thinking.ts';
import { withoutTags } from '../thinking/think-tags.ts';
import { RawCallFilter } from './raw-calls.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

/** An answer's end: what is left to say, and how it ended. */
export interface AnswerEnd {
  readonly text: string;
  readonly toolCalls: ToolCall[];
  readonly finishReason: string;
  readonly usage: TokenCounts;
}

/**
 * The first choice of an answer or of a chunk. Others come when the extra body asks for them, as chunks of their own in a
 * stream; they have no place in Dify.
 */
export function firstChoice({ choices }: Fields): Fields | undefined {
  return Array.isArray(choices) ? choices.find(isFirst) : undefined;
}

function isFirst(choice: unknown): choice is Fields {
  return isObject(choice) && !(typeof choice['index'] === 'number' && choice['index'] > 0);
}

/**
 * An answer that came whole, of a chat or a completion model.
 * @throws ServerError when it holds an error, or no answer
 */
export function readAnswer(body: Fields, answer: HttpResponse, model: ChatModel): AnswerEnd {
  const { error } = body;
  if (error !== undefined && error !== null) throw errorFromFrame(answer, error);
  const choice = firstChoice(body);
  const end = choice && (model.mode === 'chat' ? readMessage(choice, answer, model) : readText(choice));
  if (end === undefined) throw noAnswer(answer, body);
  return { ...end, usage: readUsage({}, body['usage']) };
}

function readText(choice: Fields): Omit<AnswerEnd, 'usage'> {
  return { text: stringOf(choice['text']), toolCalls: [], finishReason: finishOf(choice) };
}

function readMessage(
  choice: Fields,
  answer: HttpResponse,
  model: ChatModel,
): Omit<AnswerEnd, 'usage'> | undefined {
  const { message } = choice;
  if (!isObject(message)) return undefined;
  const calls = new ToolCallCollector();
  calls.addWhole(callsOf(message));
  if (calls.isTooMuch) throw endlessCalls(answer);
  const finish = finishOf(choice);
  const reasoning = reasoningOf(message);
  const content = withoutRawCalls(contentText(message['content']), calls) || transcriptOf(message);
  const text =
    content === '' && calls.isEmpty && finish === 'stop' && putsAnswerIntoReasoning(model)
      ? withoutTags(reasoning).trimStart()
      : wholeAnswerText({
          reasoning,
          content,
          hide: model.thinking === 'off',
          mendOpening: model.can.reason !== false,
        });
  return { text, toolCalls: calls.finish(), finishReason: finishReasonOf(finish, calls) };
}

/**
 * Two engines were seen to put an answer that was not thought about, or all of it, into the reasoning field; an answer
 * without any content that the server calls finished is such a one.
 */
export function putsAnswerIntoReasoning(model: ChatModel): boolean {
  return model.engine.answersAsReasoning;
}

/** The reasoning of a message or a delta. Newer engines name the field otherwise. */
export function reasoningOf(message: Fields): string {
  return stringOf(message['reasoning_content']) || stringOf(message['reasoning']);
}

/** The calls of a message or a delta; the oldest servers have one, in a field of its own. */
export function callsOf({ tool_calls, function_call }: Fields): unknown[] {
  if (Array.isArray(tool_calls) && tool_calls.length > 0) return tool_calls;
  return isObject(function_call) ? [{ function: function_call }] : [];
}

function withoutRawCalls(content: string, calls: ToolCallCollector): string {
  if (calls.isEmpty) return content;
  const filter = new RawCallFilter();
  return filter.push(content) + filter.end(calls.names);
}

/** A server that parsed calls may still say `stop`, and one whose limit cut them `tool_calls`. */
export function finishReasonOf(finish: string, calls: ToolCallCollector): string {
  if (calls.isEmpty || (finish !== 'stop' && finish !== 'tool_calls')) return finish;
  return calls.isCut ? 'length' : 'tool_calls';
}

/** What a model said that answers with sound: Dify has no place for the sound itself. */
export function transcriptOf({ audio }: Fields): string {
  return isObject(audio) ? stringOf(audio['transcript']) : '';
}

function finishOf(choice: Fields): string {
  return stringOf(choice['finish_reason']) || 'stop';
}

/** The text of a message's or a delta's content, also where it is a list of parts. */
export function contentText(content: unknown): string {
  if (!Array.isArray(content)) return stringOf(content);
  return content.map(part => (isObject(part) ? stringOf(part['text']) : '')).join('');
}
