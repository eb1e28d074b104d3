import { type FinishReason, llmChunk, llmUsage, type ToolCall } from '../../src/dify/protocol/results.ts';
import type { Session } from '../../src/dify/session.ts';
import { FeatureCounter } from '../common/tokens/features.ts';
import type { AnswerEnd } from './answer.ts';

/** Escaped for JSON a character has at most six bytes; a line may have about five million. */
const LONGEST_PIECE = 800_000;
const PLACE = '\u0000';

/** Counts for what the server did not count. */
export interface TokenEstimates {
  promptTokens(): Promise<number>;
  answerTokens(text: FeatureCounter): number;
}

/** Sends an LLM's answer to the host: text as it comes, then tool calls, finish reason and usage. */
export class AnswerWriter {
  readonly #session: Session;
  readonly #model: string;
  readonly #estimates: TokenEstimates;
  readonly #counter = new FeatureCounter();
  // All of a chunk's JSON but its text is made once.
  readonly #head: string;
  readonly #tail: string;

  /** @param model Dify's name of the model: it must stand in every chunk, whatever the server calls itself */
  constructor(session: Session, model: string, estimates: TokenEstimates) {
    this.#session = session;
    this.#model = model;
    this.#estimates = estimates;
    const chunk = JSON.stringify(llmChunk(model, PLACE));
    const place = JSON.stringify(PLACE);
    const at = chunk.lastIndexOf(place); // the model before it may have any name
    this.#head = chunk.slice(0, at);
    this.#tail = chunk.slice(at + place.length);
  }

  /** Sends a text; longer ones than a line takes go as several. Resolves when the host is ready for more. */
  text(text: string): Promise<void> | undefined {
    if (text === '') return undefined;
    this.#counter.add(text);
    if (text.length > LONGEST_PIECE) return this.#longText(text);
    return this.#session.writeJson(this.#head + JSON.stringify(text) + this.#tail);
  }

  /** Sends the end of a stream, in a message of its own. */
  async endStream(end: AnswerEnd): Promise<void> {
    await this.text(end.text);
    await this.#finish('', end.toolCalls, end.finishReason, end.usage);
  }

  /** Sends a whole answer as one message, but for a text that is longer than a line takes. */
  async whole(end: AnswerEnd): Promise<void> {
    let { text } = end;
    if (text.length > LONGEST_PIECE) {
      await this.text(text);
      text = '';
    } else this.#counter.add(text);
    await this.#finish(text, end.toolCalls, end.finishReason, end.usage);
  }

  async #longText(text: string): Promise<void> {
    for (let from = 0; from < text.length; ) {
      let to = Math.min(from + LONGEST_PIECE, text.length);
      const last = text.charCodeAt(to - 1);
      if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--; // never between the halves of a pair
      await this.#session.writeJson(this.#head + JSON.stringify(text.slice(from, to)) + this.#tail);
      from = to;
    }
  }

  async #finish(text: string, toolCalls: ToolCall[], finishReason: FinishReason, counts: AnswerEnd['usage']) {
    for (const { function: called } of toolCalls) {
      this.#counter.add(called.name);
      this.#counter.add(called.arguments);
    }
    const prompt = counts?.prompt ?? (await this.#estimates.promptTokens());
    const completion = counts?.completion ?? this.#estimates.answerTokens(this.#counter);
    const usage = llmUsage(prompt, completion, this.#session.latency);
    await this.#session.write(llmChunk(this.#model, text, { toolCalls, usage, finishReason }));
  }
}
