import type { Dispatcher } from 'undici';

/** Bytes that wait to be taken before the server is asked to pause. */
const MOST_WAITING = 32 * 1024;
/**
 * So many pieces wait one by one, more than an ordinary read brings, and are put together then: each has a hundred bytes
 * besides its own, and a server may send single bytes.
 */
const MOST_LOOSE = 256;

/** Nobody reads a destroyed body, so one error serves all of them: the trace of each would cost 5 µs. */
const DESTROYED = new Error('the body was destroyed');

/**
 * The body of an answer, taken in the pieces that came. What one read of the socket brought is there at once: a stream of
 * Node.js in between would pass the hundreds of small pieces on one by one, which costs more than to read them.
 */
export class ResponseBody {
  readonly #controller: Dispatcher.DispatchController;
  readonly #onClosed: (body: ResponseBody) => void;
  #alsoOnClosed: (() => void) | undefined;
  #pieces: Buffer[] = [];
  /** The last ones of them, which were not put together. */
  #loose = 0;
  #length = 0;
  /** Set while somebody waits for the next piece. */
  #wake: (() => void) | undefined;
  #isEnded = false;
  #isClosed = false;
  #error: unknown;
  #restTimer: NodeJS.Timeout | undefined;
  readonly #limit: NodeJS.Timeout | undefined;

  /**
   * @param onClosed called once, when the body has ended, broke off or was destroyed
   * @param limit what breaks it off when it lasts for too long
   */
  constructor(
    controller: Dispatcher.DispatchController,
    onClosed: (body: ResponseBody) => void,
    limit?: NodeJS.Timeout,
  ) {
    this.#controller = controller;
    this.#onClosed = onClosed;
    this.#limit = limit;
  }

  /** Calls back once, when the body has ended, broken off or been destroyed; at once if it already has. Takes one callback. */
  whenClosed(call: () => void): void {
    if (this.#isClosed) call();
    else this.#alsoOnClosed = call;
  }

  /** Whether all of it has come. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /**
   * What has come since the last call. By one reader at a time.
   * @returns undefined at the end
   * @throws what broke the body off
   */
  take(): Buffer[] | undefined {
    if (this.#length === 0 && this.#isClosed) {
      if (this.#isEnded) return undefined;
      throw this.#error;
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#loose = 0;
    this.#length = 0;
    if (this.#controller.paused) this.#controller.resume();
    return pieces;
  }

  /** Resolves when there is something to take, be it the end; returns nothing when there is already. */
  arrival(): Promise<void> | undefined {
    if (this.#length > 0 || this.#isClosed) return undefined;
    return new Promise(resolve => {
      this.#wake = resolve;
    });
  }

  /** It is a stream: only its silence is bounded from now on. */
  mayLast(): void {
    clearTimeout(this.#limit);
  }

  /** Gives the body up, with what has come of it. Closes the connection unless all has come. */
  destroy(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#close(DESTROYED);
  }

  /** Reads no more, but lets the body end by itself within `ms`, if nothing more comes in it: its connection can be used again. */
  letEnd(ms: number): void {
    if (this.#length > 0) this.destroy();
    if (this.#isClosed) return;
    this.#wake = () => this.destroy();
    this.#restTimer = setTimeout(() => this.destroy(), ms);
  }

  /** The next piece has come. */
  push(piece: Buffer): void {
    if (this.#isClosed || piece.length === 0) return;
    this.#pieces.push(piece);
    if (++this.#loose === MOST_LOOSE) {
      this.#pieces.push(Buffer.concat(this.#pieces.splice(-MOST_LOOSE)));
      this.#loose = 0;
    }
    this.#length += piece.length;
    if (this.#length > MOST_WAITING) this.#controller.pause();
    this.#wakeUp();
  }

  /** That was all. */
  end(): void {
    if (this.#isClosed) return;
    this.#isEnded = true;
    this.#close(undefined);
  }

  /** It broke off. */
  fail(error: unknown): void {
    this.#close(error);
  }

  #close(error: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#error = error;
    clearTimeout(this.#restTimer);
    clearTimeout(this.#limit);
    this.#onClosed(this);
    this.#alsoOnClosed?.();
    this.#wakeUp();
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
