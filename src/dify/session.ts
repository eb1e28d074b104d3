import { Gate } from '../text/gate.ts';
import { type InvokeError, RequestCancelledError } from './protocol/errors.ts';
import { bytesOf, charactersFitting, type Line, type LineWriter } from './transport/lines/line-writer.ts';

/** What closes a line after its result. */
const STREAM_TAIL = '}}';

/** An error's text is for a reader. A longer one says nothing more, and could pass the longest line of the host. */
const LONGEST_MESSAGE = 4_000;

/**
 * One request of the host, from its line to its `end`. It goes from open to ended once, whoever comes first: the
 * handler that returns or throws, a cancel, a shutdown. After that nothing more goes out for it.
 */
export class Session {
  readonly id: string;
  /** Aborts when the session ends before its handler does; its reason is the error that the host was told. */
  readonly signal: AbortSignal;
  /** When the request came in, in ms of `performance.now()`. */
  readonly startedAt = performance.now();
  /** Resolves when the session has ended. */
  readonly ended: Promise<void>;

  readonly #writer: LineWriter;
  readonly #abort = new AbortController();
  readonly #onEnded: () => void;
  // Head and tail of a line are made once: what stands between them is all that a chunk has to serialise.
  readonly #streamHead: string;
  readonly #head: string;
  #open = true;
  #failure: InvokeError | undefined;
  readonly #countsBytes: boolean;
  readonly #gate: Gate;
  #messages = 0;
  #bytes = 0;
  #firstAt: number | undefined;

  /**
   * @param countsBytes counting costs half a microsecond a result
   * @param gate what its error passes: it knows the secrets of the request
   */
  constructor(id: string, writer: LineWriter, countsBytes = false, gate = new Gate()) {
    this.id = id;
    this.signal = this.#abort.signal;
    this.#writer = writer;
    this.#countsBytes = countsBytes;
    this.#gate = gate;
    this.#head = `{"event":"session","session_id":${JSON.stringify(id)},"data":{"type":`;
    this.#streamHead = `${this.#head}"stream","data":`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#onEnded = resolve;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The error that ended the session, if one did. */
  get failure(): InvokeError | undefined {
    return this.#failure;
  }

  /** How many results went out. */
  get messages(): number {
    return this.#messages;
  }

  /** The bytes of their lines; 0 where nobody wants to know. */
  get bytes(): number {
    return this.#bytes;
  }

  /** ms from the request to the first of them; undefined before that. */
  get firstMs(): number | undefined {
    return this.#firstAt === undefined ? undefined : this.#firstAt - this.startedAt;
  }

  /** Seconds since the request came in: the `latency` of a usage. */
  get latency(): number {
    return Math.round(performance.now() - this.startedAt) / 1000;
  }

  /** How many bytes of JSON one result may have, to fit into a line of the host. */
  get maxResultBytes(): number {
    return this.#writer.maxLineBytes - Buffer.byteLength(this.#streamHead) - STREAM_TAIL.length;
  }

  /** Sends one result. As {@link Session.writeJson}, from an object. */
  write(result: object): Promise<void> | undefined {
    return this.writeJson(JSON.stringify(result));
  }

  /**
   * Sends one result that is JSON text already.
   * @returns nothing while the host keeps up, else a promise to await before the next result
   * @throws LineTooLongError when it does not fit into a line
   * @throws InvokeError the reason of its end, when the session was ended meanwhile
   */
  writeJson(json: string): Promise<void> | undefined {
    return this.#writeResult(`${this.#streamHead}${json}${STREAM_TAIL}`);
  }

  /** As {@link Session.writeJson}, from the pieces of the JSON's bytes, which are not copied: for results of megabytes. */
  writeJsonBytes(pieces: readonly Buffer[]): Promise<void> | undefined {
    return this.#writeResult([Buffer.from(this.#streamHead), ...pieces, Buffer.from(STREAM_TAIL)]);
  }

  /** Ends well. Does nothing when ended. */
  end(): void {
    if (!this.#open) return;
    this.#close();
  }

  /** Ends with an error, and aborts what the handler still waits for. Does nothing when ended. */
  fail(error: InvokeError): void {
    if (!this.#open) return;
    this.#failure = error;
    const message = this.#gate
      .pass(error.message)
      .slice(0, Math.min(LONGEST_MESSAGE, charactersFitting(this.maxResultBytes)));
    const data = JSON.stringify({ error_type: error.errorType, message, args: {} });
    void this.#writer.write(`${this.#head}"error","data":${data}}}`);
    this.#close();
    this.#abort.abort(error);
  }

  /** The host, or whoever stands for it, no longer wants the answer. */
  cancel(reason = 'The request was cancelled by the host.'): void {
    this.fail(new RequestCancelledError(reason));
  }

  #writeResult(line: Line): Promise<void> | undefined {
    if (!this.#open) throw this.signal.reason;
    const backlog = this.#writer.write(line);
    this.#firstAt ??= performance.now();
    this.#messages++;
    if (this.#countsBytes) this.#bytes += bytesOf(line);
    return backlog;
  }

  #close(): void {
    this.#open = false;
    void this.#writer.write(`${this.#head}"end","data":{}}}`);
    this.#onEnded();
  }
}
