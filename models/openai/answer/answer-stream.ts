import type { TextWriter } from '../../../src/dify/index.ts';
import {
  cutStream,
  endlessCalls,
  errorFromFrame,
  noAnswer,
  unreadableFrame,
} from '../../../src/http/errors/stream-errors.ts';
import { payloadBounds } from '../../../src/http/response/bounds.ts';
import { DONE, type PayloadSink } from '../../../src/http/response/event-decoder.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import type { Template } from '../../../src/http/response/repeated-events.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import type { AnswerText } from '../thinking/answer-text.ts';
import { MarkFolder } from '../thinking/mark-folder.ts';
import { marksOf } from '../thinking/marks.ts';
import { answerText } from '../thinking/shown-thinking.ts';
import {
  type AnswerEnd,
  callsOf,
  contentText,
  endOf,
  firstChoice,
  hidesThoughts,
  insteadOfContent,
  isAnswer,
  readAnswer,
  reasoningOf,
} from './answer.ts';
import type { Asked } from './asked.ts';
import { ChunkParser } from './chunk-parser.ts';
import { failureIn, failureOfChoice } from './failure.ts';
import { type Finish, finishOf } from './finish-reason.ts';
import { RawCallFilter } from './raw-calls.ts';
import { RepeatedContent, repeatsContent } from './repeated-content.ts';
import { ToolCallCollector } from './tool-calls.ts';
import { readUsage, type TokenCounts } from './usage.ts';

/**
 * Reads a streamed answer, of chat and completion models alike. Its text is written as it comes; tool calls and counts come
 * at the end. The work for a chunk does not grow with the answer so far.
 */
export class AnswerStream implements PayloadSink {
  readonly #response: HttpResponse;
  readonly #model: ChatModel;
  readonly #asked: Asked;
  readonly #sink: TextWriter;
  readonly #text: AnswerText;
  readonly #marks: MarkFolder;
  readonly #chunks: ChunkParser;
  readonly #calls = new ToolCallCollector();
  readonly #rawCalls: RawCallFilter | undefined;
  readonly #repeated: RepeatedContent | undefined;
  #out = '';
  /** Whether anything generated has come: text, reasoning or a tool call; and whether that was told. */
  #hasBegun = false;
  #isTold = false;
  /** Chunks that had one. */
  #choices = 0;
  /** What came first, while nothing that came was an answer. */
  #other: Fields | undefined;
  /** Whether a message came in the place of a delta: then nothing else has to come. */
  #hasMessage = false;
  /** The answer, where it came whole in one event. */
  #whole: AnswerEnd | undefined;
  #isDone = false;
  #hasEvents = false;
  /** Whether what llama.cpp puts into the reasoning field beside an empty content is known to be the answer. */
  #isMoved: boolean;
  #finish: Finish | undefined;
  #usage: TokenCounts = {};

  /** @param sink takes the text, and is told when anything generated has come */
  constructor(response: HttpResponse, model: ChatModel, asked: Asked, sink: TextWriter) {
    this.#response = response;
    this.#chunks = new ChunkParser(payloadBounds(response));
    this.#model = model;
    this.#asked = asked;
    this.#sink = sink;
    this.#marks = new MarkFolder(marksOf(model));
    this.#text = answerText(hidesThoughts(model, asked));
    this.#rawCalls = asked.tools ? new RawCallFilter() : undefined;
    this.#repeated = asked.tools && repeatsContent(model) ? new RepeatedContent() : undefined;
    this.#isMoved = asked.thinking === false;
  }

  /** Whether a finish reason has come: then counts may follow, and the end. */
  get isFinished(): boolean {
    return this.#finish !== undefined || this.#whole !== undefined;
  }

  /** Gateways that keep a connection alive send payloads that are no part of the answer, also after it. */
  get parts(): number {
    return this.#choices;
  }

  /** The payload of one event. @throws ServerError for an error frame and for what is no chunk */
  payload(event: string): void {
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
      if (this.isFinished) return; // nothing of the answer is lost
      throw unreadableFrame(this.#response, event, error);
    }
    if (isObject(chunk)) this.#readChunk(chunk);
    else if (!this.isFinished) throw unreadableFrame(this.#response, event);
  }

  /** Of chunks that only differ in their text, the text alone is wanted, but for a server that repeats what it said. */
  get template(): Template | undefined {
    return this.#repeated?.isOn ? undefined : this.#chunks.template;
  }

  /** The texts of several such chunks. */
  text(text: string): void {
    if (!this.#isDone) this.#readChunk(this.#chunks.withText(text) as Fields);
  }

  /** Whether a part of the answer was handed on. */
  get isTold(): boolean {
    return this.#isTold;
  }

  /** Hands on what came since the last time: texts that arrived together leave in one piece. */
  flush(): Promise<void> | undefined {
    if (!this.#hasBegun) return undefined;
    if (!this.#isTold) {
      this.#isTold = true;
      this.#sink.begin();
    }
    const out = this.#out;
    // Some servers cut an emoji in two: its first half waits for the other.
    const last = out.charCodeAt(out.length - 1);
    const end = last >= 0xd800 && last <= 0xdbff ? out.length - 1 : out.length;
    this.#out = out.slice(end);
    return this.#sink.write(out.slice(0, end).toWellFormed());
  }

  /**
   * The stream is over.
   * @returns what was not written yet
   * @throws ServerError when the server never said so, and when nothing that came was an answer
   */
  end(): AnswerEnd {
    if (this.#other !== undefined) throw noAnswer(this.#response, this.#other);
    if (this.#whole !== undefined) return this.#whole;
    if (!this.#finish && !this.#isDone && !this.#hasMessage) throw cutStream(this.#response, this.#hasEvents);
    this.#content(this.#rawCalls?.end(this.#calls.names) ?? '');
    this.#out += this.#text.content(this.#marks.pass());
    this.#out += this.#text.end(isAnswer(this.#finish?.ending ?? 'stop', this.#calls, this.#asked));
    const text = this.#out.toWellFormed();
    return { text, ...endOf(this.#response, this.#finish, this.#calls), usage: this.#usage };
  }

  #readChunk(chunk: Fields): void {
    const choice = firstChoice(chunk);
    const { delta, message, text, error } = choice ?? {};
    if (choice === undefined || chunk['error'] || error || (isObject(delta) && delta['error']))
      this.#throwFailure(chunk, choice);
    // Transformers sends the counts once more in a second finishing chunk, and counts too many there.
    const isRepeated = this.#finish !== undefined && choice !== undefined;
    if (chunk['usage']) {
      this.#usage = isRepeated
        ? { ...readUsage({}, chunk['usage']), ...this.#usage }
        : readUsage(this.#usage, chunk['usage']);
    }
    const finish = choice?.['finish_reason'] ? finishOf(choice) : undefined;
    if (isObject(delta)) this.#readDelta(delta);
    else if (isObject(message)) this.#readMessage(message, chunk, finish !== undefined);
    else if (typeof text === 'string') this.#completion(text);
    else if (finish === undefined) {
      const isPart = Array.isArray(chunk['choices']) || chunk['usage'];
      if (this.#choices === 0 || !(this.#hasBegun || this.isFinished || isPart)) this.#other ??= chunk;
      return;
    }
    this.#choices++;
    this.#other = undefined;
    this.#finish ??= finish;
  }

  #throwFailure(chunk: Fields, choice: Fields | undefined): void {
    const failure = failureIn(chunk) ?? (choice && failureOfChoice(choice));
    if (failure !== undefined) throw errorFromFrame(this.#response, failure);
  }

  /** In the place of a delta: one, or the whole answer, which may come after its deltas, or twice. */
  #readMessage(message: Fields, chunk: Fields, isFinished: boolean): void {
    const isAnswer = chunk['object'] === 'chat.completion';
    if (!this.#hasBegun && (isFinished || isAnswer))
      this.#whole = readAnswer(chunk, this.#response, this.#model, this.#asked);
    else if (this.#whole === undefined ? !(isFinished && isAnswer) : !this.#isWhole(message)) {
      this.#out += this.#whole?.text ?? '';
      this.#whole = undefined;
      this.#readDelta(message);
    }
    this.#hasBegun = true;
    this.#hasMessage = true;
  }

  /** Whether a message is the whole answer that came before it. */
  #isWhole({ content }: Fields): boolean {
    return contentText(content) === this.#whole?.text;
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
        this.#out += this.#text.content(this.#marks.pass()) + this.#text.close();
      }
      if (this.#calls.isTooMuch) throw endlessCalls(this.#response);
    }
    const content = contentText(delta['content']);
    if (content !== '') {
      const fresh = this.#repeated ? this.#repeated.fresh(content) : content;
      this.#hasBegun = true;
      this.#content(this.#rawCalls ? this.#rawCalls.push(fresh) : fresh);
    } else if (delta['audio'] || delta['refusal']) this.#content(insteadOfContent(delta));
  }

  #reasoning(piece: string, content: unknown): void {
    this.#hasBegun = true;
    // With a reasoning parser, some servers move llama.cpp's answer into the reasoning field and sets the
    // content to null; real reasoning of llama.cpp comes without a content field.
    if (content === undefined) this.#isMoved = true;
    else if (content === null && this.#isMoved && this.#model.engine.movesContent) {
      this.#content(piece);
      return;
    }
    this.#content(this.#rawCalls?.pass() ?? '');
    this.#out += this.#text.content(this.#marks.reset());
    this.#out += this.#text.reasoning(piece);
  }

  #content(piece: string): void {
    if (piece === '') return;
    this.#hasBegun = true;
    this.#out += this.#text.content(this.#marks.push(piece));
  }
}
