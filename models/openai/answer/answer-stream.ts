import type { HttpResponse } from '../../../src/http/client.ts';
import {
  cutStream,
  endlessCalls,
  errorFromFrame,
  unreadableFrame,
} from '../../../src/http/errors/stream-errors.ts';
import { DONE } from '../../../src/http/response/event-stream.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { stringOf } from '../request/json.ts';
import { answerText } from '../thinking/shown-thinking.ts';
import { withoutTags } from '../thinking/think-tags.ts';
import {
  type AnswerEnd,
  callsOf,
  contentText,
  finishReasonOf,
  firstChoice,
  putsAnswerIntoReasoning,
  reasoningOf,
  transcriptOf,
} from './answer.ts';
import type { AnswerText } from './answer-text.ts';
import { ChunkParser } from './chunk-parser.ts';
import { RawCallFilter } from './raw-calls.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

/** What was asked for, as far as it tells how to read the answer. */
export interface Asked {
  readonly tools: boolean;
  /** Undefined: left to the server. */
  readonly thinking: boolean | undefined;
}

/** Reasoning of more characters is not taken for an answer that stands in the wrong place, and not kept for that. */
const LONGEST_MOVED = 4 * 1024 * 1024;

/**
 * Reads a streamed answer, event by event, of chat and completion models alike. Text is taken by {@link take} as
 * often as the caller likes; tool calls and counts come at the end. The work for a chunk does not grow with the
 * answer so far.
 */
export class AnswerStream {
  readonly #answer: HttpResponse;
  readonly #model: ChatModel;
  readonly #text: AnswerText;
  readonly #chunks = new ChunkParser();
  readonly #calls = new ToolCallCollector();
  readonly #rawCalls: RawCallFilter | undefined;
  /** Kept only for engines that put answers into the reasoning field. */
  #reasoningPieces: string[] | undefined;
  #reasoningLength = 0;
  /** The content so far, of a server that repeats it in each chunk. */
  #contentSoFar: string | undefined;
  #out = '';
  #hasContent = false;
  #hasBegun = false;
  #isDone = false;
  #hasEvents = false;
  /** Whether what llama.cpp puts into the reasoning field beside an empty content is known to be the answer. */
  #isMoved: boolean;
  #finishReason: string | undefined;
  #usage: TokenCounts = {};

  constructor(answer: HttpResponse, model: ChatModel, asked: Asked) {
    this.#answer = answer;
    this.#model = model;
    this.#text = answerText(model.thinking === 'off');
    this.#rawCalls = asked.tools ? new RawCallFilter() : undefined;
    this.#contentSoFar = asked.tools && repeatsContent(model) ? '' : undefined;
    this.#isMoved = asked.thinking === false;
    this.#reasoningPieces = putsAnswerIntoReasoning(model) ? [] : undefined;
  }

  /** Whether anything generated has come: text, reasoning or a tool call. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /**
   * Takes the payload of one event.
   * @throws ServerError for an error frame and for what is no chunk
   */
  push(event: string): void {
    if (this.#isDone) return; // what comes later is not read either
    this.#hasEvents = true;
    if (event === DONE) {
      this.#isDone = true;
      return;
    }
    let chunk: unknown;
    try {
      chunk = this.#chunks.parse(event);
    } catch (error) {
      throw unreadableFrame(this.#answer, event, error);
    }
    if (!isObject(chunk)) throw unreadableFrame(this.#answer, event);
    this.#readChunk(chunk);
  }

  /** @returns the text that came since the last call; empty when there is none */
  take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /**
   * The stream is over.
   * @throws ServerError when the server never said so
   */
  end(): AnswerEnd {
    if (this.#finishReason === undefined && !this.#isDone) throw cutStream(this.#answer, this.#hasEvents);
    this.#content(this.#rawCalls?.end(this.#calls.names) ?? '');
    const finish = this.#finishReason ?? 'stop';
    this.#out += this.#text.end();
    if (this.#reasoningPieces && !this.#hasContent && this.#calls.isEmpty && finish === 'stop') {
      this.#out += withoutTags(this.#reasoningPieces.join('')).trimStart();
    }
    return {
      text: this.take(),
      toolCalls: this.#calls.finish(),
      finishReason: finishReasonOf(finish, this.#calls),
      usage: this.#usage,
    };
  }

  #readChunk(chunk: Fields): void {
    const { error } = chunk;
    if (error !== undefined && error !== null) throw errorFromFrame(this.#answer, error);
    const choice = firstChoice(chunk);
    // Transformers sends the counts once more in a second finishing chunk, and counts too many there.
    const isRepeated = this.#finishReason !== undefined && choice !== undefined;
    if (chunk['usage']) {
      this.#usage = isRepeated
        ? { ...readUsage({}, chunk['usage']), ...this.#usage }
        : readUsage(this.#usage, chunk['usage']);
    }
    if (choice === undefined) return;
    const { delta } = choice;
    if (isObject(delta)) this.#readDelta(delta);
    else this.#completion(stringOf(choice['text']));
    const finish = choice['finish_reason'];
    if (typeof finish === 'string' && finish !== '') this.#finishReason ??= finish;
  }

  /** What a completion model writes is its text as it stands, tags and all. */
  #completion(text: string): void {
    if (text === '') return;
    this.#hasBegun = true;
    this.#out += text;
  }

  #readDelta(delta: Fields): void {
    const reasoning = reasoningOf(delta);
    if (reasoning !== '') this.#reasoning(reasoning, delta['content']);
    // Before the content: text in one delta with a call stands after it.
    const calls = callsOf(delta);
    if (calls.length > 0) {
      this.#hasBegun = true;
      if (this.#calls.add(calls)) {
        this.#rawCalls?.callBegan();
        this.#out += this.#text.close();
      }
      if (this.#calls.isTooMuch) throw endlessCalls(this.#answer);
    }
    const content = contentText(delta['content']);
    if (content !== '') {
      const fresh = this.#contentSoFar === undefined ? content : this.#withoutRepeated(content);
      this.#hasBegun = true;
      this.#content(this.#rawCalls ? this.#rawCalls.push(fresh) : fresh);
    } else if (delta['audio']) this.#content(transcriptOf(delta));
  }

  #reasoning(piece: string, content: unknown): void {
    this.#hasBegun = true;
    // Launched with its reasoning parser, Xinference moves llama.cpp's answer into the reasoning field and sets the
    // content to null; real reasoning of llama.cpp comes without a content field.
    if (content === undefined) this.#isMoved = true;
    else if (content === null && this.#isMoved && this.#model.engine.movesContent) {
      this.#content(piece);
      return;
    }
    this.#content(this.#rawCalls?.pass() ?? '');
    this.#keepReasoning(piece);
    this.#out += this.#text.reasoning(piece);
  }

  #keepReasoning(piece: string): void {
    this.#reasoningLength += piece.length;
    if (this.#reasoningLength > LONGEST_MOVED) this.#reasoningPieces = undefined;
    this.#reasoningPieces?.push(piece);
  }

  #content(piece: string): void {
    if (piece === '') return;
    this.#hasBegun = true;
    this.#hasContent = true;
    this.#out += this.#text.content(piece);
  }

  #withoutRepeated(content: string): string {
    const soFar = this.#contentSoFar ?? '';
    if (!content.startsWith(soFar)) {
      this.#contentSoFar = undefined; // it does not repeat: a server that was mended
      return content;
    }
    this.#contentSoFar = content;
    return content.slice(soFar.length);
  }
}

/**
 * With tools, the parser of the glm4 family sends all of the content so far in each chunk. Elsewhere a delta that
 * repeats the text so far is real text.
 */
function repeatsContent(model: ChatModel): boolean {
  const name = model.family ?? model.name ?? '';
  return /^glm-?4(?![.\d])/i.test(name) && model.engine.streamedCalls === 'family parser';
}
