import { type Clock, systemClock } from './clock.ts';

/** How a request wants to be let in. */
export interface LaneOptions {
  /** How many may be open, as the form says; undefined for no bound. */
  readonly most: number | undefined;
  /** The smaller goes first: a retry has the number of its first try, and so goes before those that came later. */
  readonly turn: number;
}

/** A request that may be open. */
export interface Place {
  /** The server says that it has too much to do: half of what is open now must be enough for 30 s. */
  halve(): void;
  /** The request is over. A second call does nothing. */
  leave(): void;
}

const LOWERED_MS = 30_000;

interface Waiting {
  readonly turn: number;
  readonly letIn: () => void;
}

/** The requests to one model of one server. */
interface Lane {
  open: number;
  /** By their turns. */
  readonly waiting: Waiting[];
  /** The smallest number of those who have asked since nobody was here. */
  most: number;
  lowered: { readonly most: number; readonly until: number };
  /** While somebody waits for the end of that. */
  callOff: (() => void) | undefined;
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
  async enter(key: string, { most, turn }: LaneOptions, signal: AbortSignal): Promise<Place> {
    signal.throwIfAborted();
    const lane = this.#lanes.get(key) ?? this.#add(key);
    if (most !== undefined) lane.most = Math.min(lane.most, most);
    if (lane.waiting.length === 0 && lane.open < this.#bound(lane)) lane.open++;
    else await this.#wait(lane, turn, signal);
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
      callOff: undefined,
    };
    this.#lanes.set(key, lane);
    return lane;
  }

  async #wait(lane: Lane, turn: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const own: Waiting = { turn, letIn: resolve };
    lane.waiting.splice(lane.waiting.findLastIndex(other => other.turn < turn) + 1, 0, own);
    this.#letIn(lane);
    const onAbort = () => {
      const at = lane.waiting.indexOf(own);
      if (at < 0) return; // let in already: whoever waited leaves in its own way
      lane.waiting.splice(at, 1);
      this.#letIn(lane);
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Lets in whoever has a place now, and looks again when a bound that was lowered ends: until then nobody may leave. */
  #letIn(lane: Lane): void {
    while (lane.open < this.#bound(lane)) {
      const first = lane.waiting.shift();
      if (first === undefined) break;
      lane.open++;
      first.letIn();
    }
    if (lane.open === 0) lane.most = Number.POSITIVE_INFINITY;
    lane.callOff?.();
    const leftMs = lane.lowered.until - this.#clock.now();
    const isAwaited = lane.waiting.length > 0 && leftMs > 0;
    lane.callOff = isAwaited ? this.#clock.after(leftMs, () => this.#letIn(lane)) : undefined;
  }

  #bound({ most, lowered }: Lane): number {
    return this.#clock.now() < lowered.until ? Math.min(most, lowered.most) : most;
  }
}
