import type { FinishReason } from '../../src/dify/protocol/results.ts';
import type { XinferenceAnswer } from '../../src/xinference/client.ts';
import { cutStream, errorFromFrame, unreadableFrame } from '../../src/xinference/stream-errors.ts';
import {
  type AnswerEnd,
  finishReasonOf,
  firstChoice,
  putsAnswerIntoReasoning,
  textOf,
  transcriptOf,
} from './answer.ts';
import { ChunkParser } from './chunk-parser.ts';
import { LeakedTagFilter } from './leaked-tag.ts';
import type { LlmModel } from './model.ts';
import { AnswerText } from './thinking.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

const DONE = '[DONE]';

/**
 * Reads a streamed answer, event by event, of chat and completion models alike. Text is taken by {@link take} as
 * often as the caller likes; tool calls and counts come at the end. The work for a chunk does not grow with the
 * answer so far.
 */
export class AnswerStream {
  readonly #answer: XinferenceAnswer;
  readonly #model: LlmModel;
  readonly #text: AnswerText;
  readonly #chunks = new ChunkParser();
  readonly #calls = new ToolCallCollector();
  readonly #leakedTag: LeakedTagFilter | undefined;
  readonly #cumulative: boolean;
  /** Kept only for engines that put answers into the reasoning field. */
  readonly #reasoningPieces: string[] | undefined;
  #out = '';
  #hasContent = false;
  #hasBegun = false;
  #isDone = false;
  #hasEvents = false;
  #sawReasoningAlone = false;
  #contentSoFar = '';
  #finishReason: FinishReason | undefined;
  #usage: Partial<TokenCounts> | undefined;

  /** @param hasTools whether the request gave tools */
  constructor(answer: XinferenceAnswer, model: LlmModel, hasTools: boolean) {
    this.#answer = answer;
    this.#model = model;
    this.#text = new AnswerText({ hide: model.thinking === 'off' });
    this.#leakedTag = hasTools ? new LeakedTagFilter() : undefined;
    this.#cumulative = hasTools && sendsCumulativeContent(model);
    this.#reasoningPieces = putsAnswerIntoReasoning(model) ? [] : undefined;
  }

  /** Whether anything generated has come: text, reasoning or a tool call. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Whether the server has said that this was all. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /**
   * Takes the payload of one event.
   * @throws XinferenceError for an error frame and for what is no chunk
   */
  push(event: string): void {
    this.#hasEvents = true;
    if (event === DONE) {
      this.#isDone = true;
      return;
    }
    let chunk: unknown;
    try {
      chunk = this.#chunks.parse(event);
    } catch {
      throw unreadableFrame(this.#answer, event);
    }
    if (typeof chunk !== 'object' || chunk === null) throw unreadableFrame(this.#answer, event);
    this.#readChunk(chunk as Record<string, unknown>);
  }

  /** @returns the text that came since the last call; empty when there is none */
  take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /**
   * The stream is over.
   * @throws XinferenceError when the server never said so
   */
  end(): AnswerEnd {
    if (this.#finishReason === undefined && !this.#isDone) throw cutStream(this.#answer, this.#hasEvents);
    this.#content(this.#leakedTag?.end() ?? '');
    const finish = this.#finishReason ?? 'stop';
    let text = this.#text.end();
    if (this.#reasoningPieces && !this.#hasContent && this.#calls.isEmpty && finish === 'stop') {
      text += this.#reasoningPieces.join('').trimStart();
    }
    return {
      text: this.take() + text,
      toolCalls: this.#calls.finish(),
      finishReason: finishReasonOf(finish, this.#calls),
      usage: this.#usage,
    };
  }

  #readChunk(chunk: Record<string, unknown>): void {
    if (chunk['error']) throw errorFromFrame(this.#answer, chunk['error']);
    const choice = firstChoice(chunk);
    // Transformers sends the counts once more in a second finishing chunk, and counts too many there.
    const finishedBefore = this.#finishReason !== undefined && choice !== undefined;
    if (chunk['usage'] && !(finishedBefore && this.#usage))
      this.#usage = readUsage(chunk['usage']) ?? this.#usage;
    if (choice === undefined) return;
    const delta = choice['delta'];
    if (typeof delta === 'object' && delta !== null) this.#readDelta(delta as Record<string, unknown>);
    else this.#content(textOf(choice['text']));
    const finish = choice['finish_reason'];
    if (typeof finish === 'string' && finish !== '') this.#finishReason ??= finish;
  }

  #readDelta(delta: Record<string, unknown>): void {
    const reasoning = textOf(delta['reasoning_content']) || textOf(delta['reasoning']);
    if (reasoning !== '') this.#reasoning(reasoning, delta);
    // Before the content: text in one delta with a call stands after it.
    const calls = delta['tool_calls'];
    if (Array.isArray(calls) && calls.length > 0) {
      this.#hasBegun = true;
      this.#leakedTag?.drop();
      this.#out += this.#text.close();
      this.#calls.add(calls);
    }
    const content = delta['content'];
    if (typeof content === 'string' && content !== '') {
      const fresh = this.#cumulative ? this.#withoutRepeated(content) : content;
      this.#content(this.#leakedTag ? this.#leakedTag.push(fresh) : fresh);
    } else if (delta['audio']) this.#content(transcriptOf(delta));
  }

  #reasoning(piece: string, delta: Record<string, unknown>): void {
    this.#hasBegun = true;
    if (!Object.hasOwn(delta, 'content')) this.#sawReasoningAlone = true;
    else if (this.#sawReasoningAlone && this.#model.engine === 'llama.cpp') {
      // Launched with its reasoning parser, Xinference moves llama.cpp's answer into the reasoning field and sets the
      // content to null; real reasoning of llama.cpp comes without a content field.
      this.#content(piece);
      return;
    }
    this.#reasoningPieces?.push(piece);
    this.#out += this.#text.reasoning(piece);
  }

  #content(piece: string): void {
    if (piece === '') return;
    this.#hasBegun = true;
    this.#hasContent = true;
    this.#out += this.#text.content(piece);
  }

  #withoutRepeated(content: string): string {
    if (!content.startsWith(this.#contentSoFar)) {
      this.#contentSoFar += content;
      return content;
    }
    const fresh = content.slice(this.#contentSoFar.length);
    this.#contentSoFar = content;
    return fresh;
  }
}

/**
 * With tools, the parser of the glm4 family sends all of the content so far in each chunk. Elsewhere a delta that
 * repeats the text so far is real text.
 */
function sendsCumulativeContent(model: LlmModel): boolean {
  const name = model.family ?? model.name ?? '';
  return /^glm-?4(?![.\d])/i.test(name) && model.engine !== 'llama.cpp' && model.engine !== 'transformers';
}
