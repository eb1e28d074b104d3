import type { AnswerEnd } from '../../../models/openai/answer/answer.ts';
import { AnswerStream } from '../../../models/openai/answer/answer-stream.ts';
import type { ChatModel } from '../../../models/openai/model.ts';
import { answerHead, model } from './samples.ts';

type Fields = Record<string, unknown>;

/** A chunk of a chat stream: its delta, and what else stands in it. */
export function chunk(
  delta: Fields,
  finish_reason: string | null = null,
  usage: Fields | null = null,
): string {
  return JSON.stringify({ choices: [{ index: 0, delta, finish_reason }], usage });
}

export const stop = chunk({ content: '' }, 'stop');

export const content = (text: string) => chunk({ content: text });
export const reasoning = (text: string, rest: Fields = { content: null }) =>
  chunk({ reasoning_content: text, ...rest });
export const calls = (...tool_calls: Fields[]) => chunk({ content: '', tool_calls });

export interface Read extends AnswerEnd {
  /** What went out for each event, the end's text last. */
  readonly texts: string[];
  readonly all: string;
}

/** Reads the payloads of a stream's events. */
export function read(
  events: readonly string[],
  given: ChatModel = model(),
  tools = false,
  thinking?: boolean,
): Read {
  const stream = new AnswerStream(answerHead(), given, { tools, thinking });
  const texts = events.map(event => {
    stream.push(event);
    return stream.take();
  });
  const end = stream.end();
  texts.push(end.text);
  return { ...end, texts, all: texts.join('') };
}
