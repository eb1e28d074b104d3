import { setImmediate } from 'node:timers/promises';
import type { LlmAnswer, TextWriter } from '../plugin.ts';
import { llmChunk, llmUsage } from '../protocol/results.ts';
import type { Session } from '../session.ts';

/** Escaped for JSON, a UTF-16 unit has at most this many bytes. */
const LONGEST_UNIT = 6;
// All of a chunk's JSON but its model, and its text behind it, is made once.
const [HEAD = '', MIDDLE = '', TAIL = ''] = JSON.stringify(llmChunk('<>', '<>')).split('"<>"');

/** Makes the messages of an LLM's answer: text as it comes, then tool calls, finish reason and usage. */
export class LlmWriter implements TextWriter {
  readonly #session: Session;
  readonly #model: string;
  readonly #onBegun: () => void;
  readonly #head: string;
  /** Longer texts go as several messages: a line that is too long would end the process. */
  readonly #longestText: number;
  #hasBegun = false;
  #hasWritten = false;

  /**
   * @param model Dify's name of the model: it must stand in every chunk, whatever the server calls itself
   * @param onBegun called once, when anything generated has come
   */
  constructor(session: Session, model: string, onBegun: () => void) {
    this.#session = session;
    this.#model = model;
    this.#onBegun = onBegun;
    this.#head = HEAD + JSON.stringify(model) + MIDDLE;
    const room = session.maxResultBytes - Buffer.byteLength(`${this.#head}""${TAIL}`);
    this.#longestText = Math.max(1, Math.floor(room / LONGEST_UNIT));
  }

  begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#onBegun();
  }

  write(piece: string): Promise<void> | undefined {
    if (piece === '') return undefined;
    this.begin();
    this.#hasWritten = true;
    return piece.length <= this.#longestText ? this.#send(piece) : this.#sendLong(piece);
  }

  /**
   * Sends the end. An answer that came whole is one message, but for a text that is longer than a line takes; that of a
   * stream has the rest in a message of its own.
   */
  async finish({ text, toolCalls, finishReason, usage: { prompt, completion } }: LlmAnswer): Promise<void> {
    this.begin();
    const isOne = !this.#hasWritten && text.length <= this.#longestText;
    if (!isOne) await this.write(text);
    const usage = llmUsage(prompt, completion, this.#session.latency);
    await this.#session.write(llmChunk(this.#model, isOne ? text : '', { toolCalls, usage, finishReason }));
  }

  #send(text: string): Promise<void> | undefined {
    return this.#session.writeJson(this.#head + JSON.stringify(text) + TAIL);
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
}
