import type { Log } from '../../src/dify/index.ts';
import type { Clock } from '../../src/http/clock.ts';
import { type FailureCode, ServerError } from '../../src/http/errors/errors.ts';
import { NETWORK_FAILURES } from '../../src/http/errors/network-failure.ts';
import type { ModelServer } from '../../src/http/server.ts';
import { dropOldest } from '../../src/text/drop-oldest.ts';
import type { ModelCredentials } from './credentials.ts';

/** How long a first server that could not be reached is passed over, in ms. */
const PASSED_OVER_MS = 30_000;
const MOST_SERVERS = 256;

/** Does work on the server of a form, or on the second one that it names where the first cannot. */
export class Failover {
  readonly #clock: Clock;
  readonly #log: Log;
  /** Until when a first server is not asked first, and what it failed with. */
  readonly #passedOver = new Map<string, { readonly failure: ServerError; readonly until: number }>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Begins anew on the second server when the first cannot be reached or says 429, 502, 503 or 504, after its retries.
   * @param work is given the credentials with the server to ask; its descriptions are that server's own
   * @param hasBegun whether a part of the answer has gone out: then the second server is not asked
   * @throws what `work` throws on the server that was asked last
   */
  async use<T>(
    credentials: ModelCredentials,
    work: (credentials: ModelCredentials) => Promise<T>,
    hasBegun: () => boolean = () => false,
  ): Promise<T> {
    const first = credentials.server;
    const second = first.fallback;
    if (second === undefined) return work(credentials);
    const failure = () => this.#failureOf(first);
    const isFirst = failure() === undefined;
    const [now, then] = isFirst ? [{ ...first, failure }, second] : [second, first];
    try {
      return await work({ ...credentials, server: now });
    } catch (error) {
      if (!(error instanceof ServerError) || !mayServeElsewhere(error) || hasBegun()) throw error;
      if (isFirst && isUnreachable(error) && error !== failure()) this.#passOver(first, error);
      this.#log.warn(`${error.logged} Asking ${then.url} instead.`);
      return work({ ...credentials, server: then });
    }
  }

  #failureOf({ url }: ModelServer): ServerError | undefined {
    const passed = this.#passedOver.get(url);
    return passed !== undefined && this.#clock.now() < passed.until ? passed.failure : undefined;
  }

  #passOver({ url }: ModelServer, failure: ServerError): void {
    this.#passedOver.delete(url);
    this.#passedOver.set(url, { failure, until: this.#clock.now() + PASSED_OVER_MS });
    dropOldest(this.#passedOver, MOST_SERVERS);
  }
}

/**
 * A 429 comes within a stream too, whose status was 200. A ban is a 429 as well, but speaks of a wrong key, which is not to be
 * tried elsewhere.
 */
function mayServeElsewhere(error: ServerError): boolean {
  return isUnreachable(error) || error.code === 'rate-limited' || BUSY.has(error.status);
}

const BUSY: ReadonlySet<number | undefined> = new Set([502, 503, 504]);

/** A connection that was made, and lost before the answer, may have done the work. */
function isUnreachable({ code }: ServerError): boolean {
  return UNREACHABLE.has(code);
}

const UNREACHABLE: ReadonlySet<FailureCode> = new Set(
  NETWORK_FAILURES.filter(failure => failure !== 'closed' && failure !== 'too-many-open'),
);
