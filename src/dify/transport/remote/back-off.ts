/**
 * How long to wait before each new attempt, in ms: random between `least` and three times the wait before, up to
 * `most`. Plugins that lost their host at the same moment so come back one after the other.
 */
export class BackOff {
  readonly #least: number;
  /** The longest wait. */
  readonly most: number;
  readonly #random: () => number;
  #last: number;

  constructor({ least = 1_000, most = 30_000, random = Math.random } = {}) {
    this.#least = least;
    this.most = most;
    this.#random = random;
    this.#last = least;
  }

  next(): number {
    const top = Math.min(this.#last * 3, this.most);
    this.#last = this.#least + this.#random() * (top - this.#least);
    return this.#last;
  }

  reset(): void {
    this.#last = this.#least;
  }
}
