import { setImmediate } from 'node:timers/promises';
import { llmChunk, llmUsage } from '../../src/dify/protocol/results.ts';
import type { Session } from '../../src/dify/session.ts';
import { LateCounter } from '../../src/tokens/late-counter.ts';
import type { AnswerEnd } from '../openai/answer/answer.ts';
import type { TokenMeter } from './token-meter.ts';

/** Escaped for JSON, a UTF-16 unit has at most this many bytes. */
const LONGEST_UNIT = 6;
const COUNTED_AT_ONCE = 1024 * 1024;
const PLACE = '\u0000';

/** Sends an LLM's answer to the host: text as it comes, then tool calls, finish reason and usage. */
export class AnswerWriter {
  readonly #session: Session;
  readonly #model: string;
  readonly #meter: TokenMeter;
  readonly #counter = new LateCounter();
  // All of a chunk's JSON but its text is made once.
  readonly #head: string;
  readonly #tail: string;
  /** Longer texts go as several messages: a line that is too long would end the process. */
  readonly #longestText: number;

  /** @param model Dify's name of the model: it must stand in every chunk, whatever the server calls itself */
  constructor(session: Session, model: string, meter: TokenMeter) {
    this.#session = session;
    this.#model = model;
    this.#meter = meter;
    const chunk = JSON.stringify(llmChunk(model, PLACE));
    const place = JSON.stringify(PLACE);
    const at = chunk.lastIndexOf(place); // the model before it may have any name
    this.#head = chunk.slice(0, at);
    this.#tail = chunk.slice(at + place.length);
    const room = session.maxResultBytes - Buffer.byteLength(`${this.#head}""${this.#tail}`);
    this.#longestText = Math.max(1, Math.floor(room / LONGEST_UNIT));
  }

  /** Sends a text. Resolves, or returns nothing, when the host is ready for more. */
  text(text: string): Promise<void> | undefined {
    if (text === '') return undefined;
    return text.length <= this.#longestText ? this.#send(text) : this.#sendLong(text);
  }

  /** Sends the end of a stream: what is left of the text, and the rest in a message of its own. */
  async endStream(end: AnswerEnd): Promise<void> {
    await this.text(end.text);
    await this.#finish('', end);
  }

  /** Sends a whole answer as one message, but for a text that is longer than a line takes. */
  async whole(end: AnswerEnd): Promise<void> {
    if (end.text.length > this.#longestText) return this.endStream(end);
    this.#counter.add(end.text);
    await this.#finish(end.text, end);
  }

  #send(text: string): Promise<void> | undefined {
    this.#counter.add(text);
    return this.#session.writeJson(this.#head + JSON.stringify(text) + this.#tail);
  }

  async #sendLong(text: string): Promise<void> {
    for (let from = 0; from < text.length; ) {
      let to = Math.min(from + this.#longestText, text.length);
      const last = text.charCodeAt(to - 1);
      if (to < text.length && last >= 0xd800 && last <= 0xdbff) to--; // never between the halves of a pair
      await (this.#send(text.slice(from, to)) ?? setImmediate()); // so that others have their turn
      from = to;
    }
  }

  /** Arguments may be megabytes long, and are not sent piece by piece. */
  async #count(text: string): Promise<void> {
    for (let from = 0; from < text.length; from += COUNTED_AT_ONCE) {
      if (from > 0) await setImmediate();
      this.#counter.add(text.slice(from, from + COUNTED_AT_ONCE));
    }
  }

  async #finish(text: string, { toolCalls, finishReason, usage: counts }: AnswerEnd): Promise<void> {
    for (const { function: called } of toolCalls) {
      this.#counter.add(called.name);
      await this.#count(called.arguments);
    }
    const { prompt, completion } = await this.#meter.complete(counts, () => this.#counter.features());
    const usage = llmUsage(prompt, completion, this.#session.latency);
    await this.#session.write(llmChunk(this.#model, text, { toolCalls, usage, finishReason }));
    await this.#meter.learn(counts);
  }
}
