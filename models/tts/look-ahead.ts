/** How a list is worked on. */
export interface LookAhead {
  /** Items that are worked on besides the one whose turn it is. */
  readonly ahead: number;
  /** Ends everything. */
  readonly signal: AbortSignal;
  /** Whether an error says that too much runs at once. Then the rest goes one by one. */
  readonly isTooMuch: (error: unknown) => boolean;
}

interface Job<T, R> {
  readonly item: T;
  readonly result: Promise<R>;
}

/**
 * Works on a list in order, with some of what follows under way already. At most `ahead` results wait to be taken. When the
 * caller stops, or one fails, the others are aborted.
 * @param work gets a signal that aborts with the caller's, and when its result is not wanted any more
 * @throws what `work` throws, at its turn: the results before it were given
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  { ahead, signal, isTooMuch }: LookAhead,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const fresh = items[Symbol.iterator]();
  const again: T[] = [];
  let abort = new AbortController();
  let jobs: Job<T, R>[] = [];
  let width = 1 + ahead;
  const start = (item: T) => {
    const result = work(item, AbortSignal.any([signal, abort.signal]));
    result.catch(() => {}); // it may fail before its turn, or after the caller has gone
    jobs.push({ item, result });
  };
  try {
    for (;;) {
      while (jobs.length < width) {
        const next = again.length > 0 ? again.shift() : fresh.next().value;
        if (next === undefined) break;
        start(next);
      }
      const job = jobs.shift();
      if (job === undefined) return;
      let result: R;
      try {
        result = await job.result;
      } catch (error) {
        if (width === 1 || !isTooMuch(error)) throw error;
        // What runs ahead is in the way of what is waited for.
        abort.abort();
        abort = new AbortController();
        again.push(job.item, ...jobs.map(({ item }) => item));
        jobs = [];
        width = 1;
        continue;
      }
      yield result;
    }
  } finally {
    abort.abort();
  }
}
