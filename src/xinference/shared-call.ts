/**
 * One call that several callers wait for. A caller that gives up leaves the others alone; when the last one has
 * gone, the call is aborted.
 */
export class SharedCall<T> {
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  constructor(call: (signal: AbortSignal) => Promise<T>) {
    this.#result = call(this.#abort.signal);
    this.#result.catch(() => {}); // every caller may have gone before it fails
  }

  /** Whether it was given up: then nobody may join any more. */
  get isAborted(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Waits for the result. @throws what the call throws, or the reason of the first signal that aborts before */
  async join(...signals: readonly AbortSignal[]): Promise<T> {
    this.#waiting++;
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = (event: Event) => reject((event.target as AbortSignal).reason);
    for (const signal of signals) signal.addEventListener('abort', leave, { once: true });
    try {
      for (const signal of signals) signal.throwIfAborted();
      return await Promise.race([this.#result, promise]);
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', leave);
      this.#waiting--;
      if (this.#waiting === 0) this.#abort.abort();
    }
  }
}
