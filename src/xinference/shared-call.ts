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

  /** Waits for the result. @throws what the call throws, or the signal's reason when that aborts first */
  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    this.#waiting++;
    const left = Promise.withResolvers<never>();
    const onAbort = () => left.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([this.#result, left.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting--;
      if (this.#waiting === 0) this.#abort.abort();
    }
  }
}
