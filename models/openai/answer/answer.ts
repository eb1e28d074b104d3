import type { ToolCall } from '../../../src/dify/index.ts';
import type { ServerError } from '../../../src/http/errors/errors.ts';
import {
  abandonedAnswer,
  endlessCalls,
  errorFromFrame,
  filteredAnswer,
  noAnswer,
} from '../../../src/http/errors/stream-errors.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { stringOf } from '../request/json.ts';
import { marksOf } from '../thinking/marks.ts';
import { wholeAnswerText } from '../thinking/shown-thinking.ts';
import type { Asked } from './asked.ts';
import { failureIn, failureOfChoice } from './failure.ts';
import { type Ending, type Finish, finishOf } from './finish-reason.ts';
import { RawCallFilter } from './raw-calls.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

/** An answer's end: what is left to say, and how it ended. */
export interface AnswerEnd {
  readonly text: string;
  readonly toolCalls: ToolCall[];
  readonly finishReason: string;
  readonly usage: TokenCounts;
  /** Set where the server gave the answer up: what came of it stands, and then this is to be thrown. */
  readonly failure: ServerError | undefined;
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
export function readAnswer(body: Fields, response: HttpResponse, model: ChatModel, asked: Asked): AnswerEnd {
  const choice = firstChoice(body);
  const failure = failureIn(body) ?? (choice && failureOfChoice(choice));
  if (failure !== undefined) throw errorFromFrame(response, failure);
  const usage = readUsage({}, body['usage']);
  const finish = choice && finishOf(choice);
  if (isObject(choice?.['message'])) {
    const { text, calls } = readMessage(choice['message'], finish?.ending ?? 'stop', model, asked);
    if (calls.isTooMuch) throw endlessCalls(response);
    return { text: text.toWellFormed(), ...endOf(response, finish, calls), usage };
  }
  if (choice === undefined || model.mode === 'chat') throw noAnswer(response, body);
  return { text: stringOf(choice['text']), ...endOf(response, finish, new ToolCallCollector()), usage };
}

function readMessage(message: Fields, ending: Ending, model: ChatModel, asked: Asked) {
  const calls = new ToolCallCollector();
  calls.addWhole(callsOf(message));
  const text = wholeAnswerText({
    reasoning: reasoningOf(message),
    content: withoutRawCalls(contentText(message['content']), calls) || insteadOfContent(message),
    hide: hidesThoughts(model, asked),
    mendOpening: model.can.reason !== false,
    isAnswer: isAnswer(ending, calls, asked),
    marks: marksOf(model),
  });
  return { text, calls };
}

/** Whether what was thought is left out: it is not wanted, or Dify will read the first JSON in the text. */
export function hidesThoughts(model: ChatModel, { thinking, schema }: Asked): boolean {
  return model.thinking === 'off' || thinking === false || schema;
}

/** Whether an answer ended as answers do. What a model writes that was told not to think is an answer, also where a limit cut it. */
export function isAnswer(ending: Ending, calls: ToolCallCollector, { thinking }: Asked): boolean {
  return calls.isEmpty && (ending === 'stop' || (ending === 'length' && thinking === false));
}

/** How an answer ended, beside its text. @param finish undefined where the server said nothing of it */
export function endOf(
  response: HttpResponse,
  finish: Finish | undefined,
  calls: ToolCallCollector,
): Pick<AnswerEnd, 'toolCalls' | 'finishReason' | 'failure'> {
  const { ending = 'stop', said = '' } = finish ?? {};
  if (ending === 'failed')
    return { toolCalls: [], finishReason: said, failure: abandonedAnswer(response, said) };
  if (ending === 'filtered')
    return { toolCalls: [], finishReason: said, failure: filteredAnswer(response, said) };
  return { toolCalls: calls.finish(), finishReason: finishReasonOf(ending, calls), failure: undefined };
}

/** The reasoning of a message or a delta. Newer engines name the field otherwise. */
export function reasoningOf(message: Fields): string {
  const { content } = message;
  const apart = stringOf(message['reasoning_content']) || stringOf(message['reasoning']);
  return apart === '' && Array.isArray(content) ? content.map(thoughtIn).join('') : apart;
}

/** What a part of a content's list thinks: Mistral has a part of its own for that. */
function thoughtIn(part: unknown): string {
  if (!isObject(part) || part['type'] !== 'thinking') return '';
  return contentText(part['thinking']);
}

/** The calls of a message or a delta; the oldest servers have one, in a field of its own. */
export function callsOf({ tool_calls, function_call }: Fields): unknown[] {
  if (Array.isArray(tool_calls) && tool_calls.length > 0) return tool_calls;
  if (isObject(tool_calls)) return [tool_calls];
  return isObject(function_call) ? [{ function: function_call }] : [];
}

function withoutRawCalls(content: string, calls: ToolCallCollector): string {
  if (calls.isEmpty) return content;
  const filter = new RawCallFilter();
  return filter.push(content) + filter.end(calls.names);
}

/** A server that parsed calls may still say `stop`, and one whose limit cut them `tool_calls`. */
function finishReasonOf(ending: string, calls: ToolCallCollector): string {
  if (calls.isEmpty || ending === 'length') return ending;
  return calls.isCut ? 'length' : 'tool_calls';
}

/** What stands in the place of content: the words of a model that answers with sound, for which Dify has no place, or that refuses. */
export function insteadOfContent({ audio, refusal }: Fields): string {
  return stringOf(isObject(audio) ? audio['transcript'] : undefined) || stringOf(refusal);
}

/** The text of a message's or a delta's content, also where it is a part, or a list of parts. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content))
    return content.map(part => (isObject(part) ? stringOf(part['text']) : '')).join('');
  return isObject(content) ? stringOf(content['text']) : '';
}
