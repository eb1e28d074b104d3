import type { AnswerEnd } from '../../../models/openai/answer/answer.ts';
import { AnswerStream } from '../../../models/openai/answer/answer-stream.ts';
import type { Asked } from '../../../models/openai/answer/asked.ts';
import type { ChatModel } from '../../../models/openai/model.ts';
import { EventDecoder } from '../../../src/http/response/event-decoder.ts';
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

/** A stream that is read, and what it wrote. */
export class ReadStream {
  readonly #stream: AnswerStream;
  readonly #decoder: EventDecoder;
  #written = '';
  hasBegun = false;

  constructor(given: ChatModel = model(), asked: Partial<Asked> = {}, contentType?: string) {
    const sink = {
      begin: () => {
        this.hasBegun = true;
      },
      write: (text: string) => {
        this.#written += text;
        return undefined;
      },
    };
    const all = { tools: false, thinking: undefined, schema: false, ...asked };
    this.#stream = new AnswerStream(answerHead(contentType), given, all, sink);
    this.#decoder = new EventDecoder(this.#stream);
  }

  /** @returns what is written for events that arrive together */
  push(...events: string[]): string {
    this.#written = '';
    try {
      for (const event of events) this.#stream.payload(event);
    } finally {
      void this.#stream.flush();
    }
    return this.#written;
  }

  /** @returns what is written for bytes of the stream; without any, for its end */
  pushBytes(bytes?: Buffer): string {
    this.#written = '';
    try {
      if (bytes === undefined) this.#decoder.end();
      else this.#decoder.push(bytes);
    } finally {
      void this.#stream.flush();
    }
    return this.#written;
  }

  /** What was written last, also before an error. */
  get written(): string {
    return this.#written;
  }

  get isFinished(): boolean {
    return this.#stream.isFinished;
  }

  end(): AnswerEnd {
    return this.#stream.end();
  }
}

/** Reads the payloads of a stream's events. */
export function read(
  events: readonly string[],
  given: ChatModel = model(),
  tools = false,
  thinking?: boolean,
  schema = false,
): Read {
  const stream = new ReadStream(given, { tools, thinking, schema });
  const texts = events.map(event => stream.push(event));
  const end = stream.end();
  texts.push(end.text);
  return { ...end, texts, all: texts.join('') };
}
