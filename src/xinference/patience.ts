import type { Clock } from '../http/clock.ts';
import type { ServerError } from '../http/errors/errors.ts';
import { dropOldest } from '../text/drop-oldest.ts';

/** Dify asks for the schemas of all models one after the other: what one of them has met spares the next the same. */
const AFTER_SILENCE = { pauseMs: 30_000, waitMs: 1_000 };
const AFTER_REFUSAL = { pauseMs: 10_000, waitMs: 0 };
/** Each keeps what a server said, up to 64 KiB. */
const MOST_TROUBLES = 100;

interface Trouble {
  readonly failure: ServerError;
  readonly until: number;
  readonly waitMs: number;
}

/** How long to wait for servers that kept silent, or refused a key, just before. */
export class Patience {
  readonly #clock: Clock;
  readonly #troubles = new Map<string, Trouble>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What a server, by its address and key, did just before; waiting for 0 ms means not to ask. */
  troubleOf(server: string): Pick<Trouble, 'failure' | 'waitMs'> | undefined {
    const trouble = this.#troubles.get(server);
    return trouble !== undefined && this.#clock.now() < trouble.until ? trouble : undefined;
  }

  /** Notes a failure; only silence and refusals change how long the next call waits. */
  failed(server: string, failure: ServerError): void {
    const next = isRefusal(failure) ? AFTER_REFUSAL : isSilence(failure) ? AFTER_SILENCE : undefined;
    if (next === undefined) return;
    this.#troubles.set(server, { failure, until: this.#clock.now() + next.pauseMs, waitMs: next.waitMs });
    dropOldest(this.#troubles, MOST_TROUBLES);
  }

  /** Forgets what a server did before: it answers. */
  answered(server: string): void {
    this.#troubles.delete(server);
  }
}

export function isSilence({ code }: ServerError): boolean {
  return code === 'silent' || code === 'endless' || code === 'connect-timeout';
}

/** Whether the same key would be refused again, and count towards a ban of this address. */
export function isRefusal({ status, code }: ServerError): boolean {
  return status === 401 || code === 'banned';
}
