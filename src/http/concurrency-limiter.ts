import { type Clock, systemClock } from './clock.ts';

/** How a request asks for a slot. */
export interface SlotOptions {
  /** How many may be open, as the form says; undefined for no bound. */
  readonly most: number | undefined;
  /** The smaller goes first: a retry has the number of its first try, and so goes before those that came later. */
  readonly turn: number;
}

/** The right of one request to be open. */
export interface Slot {
  /** The server says that it has too much to do: half of what is open now must be enough for 30 s. */
  halve(): void;
  /** The request is over. A second call does nothing. */
  release(): void;
}

const LOWERED_MS = 30_000;

interface Waiting {
  readonly turn: number;
  readonly admit: () => void;
}

/** The requests to one model of one server. */
interface Queue {
  open: number;
  /** By their turns. */
  readonly waiting: Waiting[];
  /** The smallest bound of those that have come since there was no request. */
  most: number;
  lowered: { readonly most: number; readonly until: number };
  /** Ends the timer for the end of that; set while a request waits. */
  callOff: (() => void) | undefined;
}

/**
 * Bounds how many requests are open at one model, those of all sessions together. The rest wait in the order in which they
 * came. Where forms name different numbers for one model, the smallest counts until no request is left.
 */
export class ConcurrencyLimiter {
  readonly #clock: Clock;
  readonly #queues = new Map<string, Queue>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Waits for a slot.
   * @param key of the model and its server
   * @throws the signal's reason when it aborts first
   */
  async acquire(key: string, { most, turn }: SlotOptions, signal: AbortSignal): Promise<Slot> {
    signal.throwIfAborted();
    const queue = this.#queues.get(key) ?? this.#add(key);
    if (most !== undefined) queue.most = Math.min(queue.most, most);
    if (queue.waiting.length === 0 && queue.open < this.#bound(queue)) queue.open++;
    else await this.#wait(queue, turn, signal);
    let isOpen = true;
    return {
      halve: () => {
        const half = Math.max(1, Math.floor(queue.open / 2));
        queue.lowered = { most: half, until: this.#clock.now() + LOWERED_MS };
      },
      release: () => {
        if (!isOpen) return;
        isOpen = false;
        queue.open--;
        this.#admit(queue);
      },
    };
  }

  #add(key: string): Queue {
    for (const [name, { open, waiting, lowered }] of this.#queues) {
      const isUsed = open > 0 || waiting.length > 0 || lowered.until > this.#clock.now();
      if (!isUsed) this.#queues.delete(name);
    }
    const queue: Queue = {
      open: 0,
      waiting: [],
      most: Number.POSITIVE_INFINITY,
      lowered: { most: 0, until: Number.NEGATIVE_INFINITY },
      callOff: undefined,
    };
    this.#queues.set(key, queue);
    return queue;
  }

  async #wait(queue: Queue, turn: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own: Waiting = { turn, admit: resolve };
    queue.waiting.splice(queue.waiting.findLastIndex(other => other.turn < turn) + 1, 0, own);
    this.#admit(queue);
    const onAbort = () => {
      const at = queue.waiting.indexOf(own);
      if (at < 0) return; // admitted already: its slot is released by whoever has it
      queue.waiting.splice(at, 1);
      this.#admit(queue);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Admits as many as there are slots, and looks again when a lowered bound ends: until then no slot may be released. */
  #admit(queue: Queue): void {
    while (queue.open < this.#bound(queue)) {
      const first = queue.waiting.shift();
      if (first === undefined) break;
      queue.open++;
      first.admit();
    }
    if (queue.open === 0) queue.most = Number.POSITIVE_INFINITY;
    queue.callOff?.();
    const leftMs = queue.lowered.until - this.#clock.now();
    const isAwaited = queue.waiting.length > 0 && leftMs > 0;
    queue.callOff = isAwaited ? this.#clock.after(leftMs, () => this.#admit(queue)) : undefined;
  }

  #bound({ most, lowered }: Queue): number {
    return this.#clock.now() < lowered.until ? Math.min(most, lowered.most) : most;
  }
}
