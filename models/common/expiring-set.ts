import { dropOldest } from '../../src/text/drop-oldest.ts';

/** What is remembered is asked anew after this: a server may have been brought up to date. */
const REMEMBERED_MS = 30 * 60_000;
const MOST_ENTRIES = 1_000;

/** A set whose entries are forgotten after a while, the oldest also where there are too many. */
export class ExpiringSet {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;
  readonly #forMs: number;

  /** @param now ms since some fixed moment @param forMs half an hour, where it is left out */
  constructor(now: () => number = () => performance.now(), forMs = REMEMBERED_MS) {
    this.#now = now;
    this.#forMs = forMs;
  }

  has(key: string): boolean {
    return this.#now() < (this.#until.get(key) ?? 0);
  }

  add(key: string): void {
    this.#until.delete(key);
    this.#until.set(key, this.#now() + this.#forMs);
    dropOldest(this.#until, MOST_ENTRIES);
  }
}
