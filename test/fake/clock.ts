import type { Clock } from '../../src/http/clock.ts';

interface Timer {
  readonly at: number;
  readonly call: () => void;
}

/** Time that passes when a test says so. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#now + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Lets `ms` pass, and calls what was to be called meanwhile, in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.call();
    }
    this.#now = end;
  }
}

/** Time that never makes anybody wait, and keeps how long they would have. */
export class HastyClock implements Clock {
  readonly waits: number[] = [];

  now(): number {
    return this.waits.reduce((sum, ms) => sum + ms, 0);
  }

  after(ms: number, call: () => void): () => void {
    this.waits.push(ms);
    const turn = setImmediate(call);
    return () => clearImmediate(turn);
  }
}
