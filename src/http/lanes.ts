import { type Clock, systemClock } from './clock.ts';

/** How a request wants to be let in. */
export interface LaneOptions {
  /** How many may be open, as the form says; undefined for no bound. */
  readonly most: number | undefined;
  /** Has been in already, and goes before those that wait for the first time. */
  readonly isRetry: boolean;
}

/** A request that may be open. */
export interface Place {
  /** The server says that it has too much to do: half of what is open now must be enough for 30 s. */
  halve(): void;
  /** The request is over. A second call does nothing. */
  leave(): void;
}

const LOWERED_MS = 30_000;

/** The requests to one model of one server. */
interface Lane {
  open: number;
  /** Lets the first in; they come in order. */
  readonly waiting: (() => void)[];
  /** The smallest number of those who have asked since nobody was here. */
  most: number;
  lowered: { readonly most: number; readonly until: number };
}

/**
 * Bounds how many requests are open at one model, those of all sessions together; the rest wait in the order of their coming. Where
 * forms name different numbers for one model, the smallest counts until nobody is left.
 */
export class Lanes {
  readonly #clock: Clock;
  readonly #lanes = new Map<string, Lane>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /**
   * Waits for a place.
   * @param key of the model and its server
   * @throws the signal's reason when it aborts first
   */
  async enter(key: string, { most, isRetry }: LaneOptions, signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(key) ?? this.#add(key);
    if (most !== undefined) lane.most = Math.min(lane.most, most);
    if (lane.waiting.length === 0 && lane.open < this.#bound(lane)) lane.open++;
    else await this.#wait(lane, isRetry, signal);
    let isOpen = true;
    return {
      halve: () => {
        const half = Math.max(1, Math.floor(lane.open / 2));
        lane.lowered = { most: half, until: this.#clock.now() + LOWERED_MS };
      },
      leave: () => {
        if (!isOpen) return;
        isOpen = false;
        lane.open--;
        this.#letIn(lane);
      },
    };
  }

  #add(key: string): Lane {
    for (const [name, { open, waiting, lowered }] of this.#lanes) {
      const isUsed = open > 0 || waiting.length > 0 || lowered.until > this.#clock.now();
      if (!isUsed) this.#lanes.delete(name);
    }
    const lane: Lane = {
      open: 0,
      waiting: [],
      most: Number.POSITIVE_INFINITY,
      lowered: { most: 0, until: Number.NEGATIVE_INFINITY },
    };
    this.#lanes.set(key, lane);
    return lane;
  }

  async #wait(lane: Lane, isRetry: boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (isRetry) lane.waiting.unshift(resolve);
    else lane.waiting.push(resolve);
    const onAbort = () => {
      const at = lane.waiting.indexOf(resolve);
      if (at < 0) return; // let in already: whoever waited leaves in its own way
      lane.waiting.splice(at, 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Whoever has a place now. One that was lowered is looked at here too: there is always somebody in who leaves. */
  #letIn(lane: Lane): void {
    while (lane.open < this.#bound(lane)) {
      const first = lane.waiting.shift();
      if (first === undefined) break;
      lane.open++;
      first();
    }
    if (lane.open === 0) lane.most = Number.POSITIVE_INFINITY;
  }

  #bound({ most, lowered }: Lane): number {
    return this.#clock.now() < lowered.until ? Math.min(most, lowered.most) : most;
  }
}
