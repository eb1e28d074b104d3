import { createHash } from 'node:crypto';
import type { XinferenceClient } from './client.ts';
import { type Clock, systemClock } from './clock.ts';
import { describeModel, type ModelDescription } from './description.ts';
import { XinferenceError } from './errors.ts';
import type { XinferenceServer } from './server.ts';
import { SharedCall } from './shared-call.ts';

const FRESH_MS = 5 * 60_000;
const KEPT_MS = 30 * 60_000;
/** Within an invoke the description is a help, not worth a longer wait. */
const LONGEST_WAIT_MS = 10_000;
const PAUSE_AFTER_TIMEOUT_MS = 30_000;
const MOST_ENTRIES = 1_000;

interface Entry {
  readonly description: ModelDescription;
  readonly at: number;
}

/**
 * Descriptions by (server URL, key, UID), so that an invoke with a warm cache makes exactly one request. Fresh for five
 * minutes; then still served while one refresh runs behind it; dropped after thirty. One request in flight for a key,
 * no lock across keys; failures are not kept.
 */
export class DescriptionCache {
  readonly #client: XinferenceClient;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #calls = new Map<string, SharedCall<ModelDescription>>();
  /** Until when invokes do not ask, because the last one timed out. */
  readonly #paused = new Map<string, number>();

  constructor(client: XinferenceClient, clock: Clock = systemClock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * For an invoke: the description, or undefined where it cannot be had and the inference request itself will show
   * what is wrong.
   * @throws XinferenceError when the key is refused: no second request with that key. The signal's reason.
   */
  async forInvoke(
    server: XinferenceServer,
    uid: string,
    signal: AbortSignal,
  ): Promise<ModelDescription | undefined> {
    const key = keyOf(server, uid);
    const cached = this.#cached(server, uid, key);
    if (cached !== undefined) return cached;
    if (this.#clock.now() < (this.#paused.get(key) ?? 0)) return undefined;
    const limit = AbortSignal.timeout(Math.min(LONGEST_WAIT_MS, server.timeoutMs));
    try {
      return await this.#ask(server, uid, key, AbortSignal.any([signal, limit]));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (limit.aborted || (error instanceof XinferenceError && error.kind === 'timeout')) {
        this.#paused.set(key, this.#clock.now() + PAUSE_AFTER_TIMEOUT_MS);
        return undefined;
      }
      if (!(error instanceof XinferenceError) || error.status === 401 || error.kind === 'banned') throw error;
      return undefined;
    }
  }

  /** For validation and schema, which need it: asks the server, and keeps the answer. @throws XinferenceError */
  async ask(server: XinferenceServer, uid: string, signal: AbortSignal): Promise<ModelDescription> {
    return this.#ask(server, uid, keyOf(server, uid), signal);
  }

  /** What is known without asking. */
  peek(server: XinferenceServer, uid: string): ModelDescription | undefined {
    return this.#entries.get(keyOf(server, uid))?.description;
  }

  #cached(server: XinferenceServer, uid: string, key: string): ModelDescription | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const age = this.#clock.now() - entry.at;
    if (age >= KEPT_MS) {
      this.#entries.delete(key);
      return undefined;
    }
    if (age >= FRESH_MS) {
      this.#ask(server, uid, key, new AbortController().signal).catch(() => {}); // the old one serves on
    }
    return entry.description;
  }

  #ask(server: XinferenceServer, uid: string, key: string, signal: AbortSignal): Promise<ModelDescription> {
    const running = this.#calls.get(key);
    if (running !== undefined && !running.isAborted) return running.join(signal);
    const call = new SharedCall(async callSignal => {
      try {
        const description = await describeModel(this.#client, server, uid, callSignal);
        this.#entries.delete(key);
        this.#entries.set(key, { description, at: this.#clock.now() });
        this.#paused.delete(key);
        this.#dropOldest();
        return description;
      } finally {
        if (this.#calls.get(key) === call) this.#calls.delete(key);
      }
    });
    this.#calls.set(key, call);
    return call.join(signal);
  }

  #dropOldest(): void {
    if (this.#entries.size <= MOST_ENTRIES) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}

/** Two workspaces may use the same UID on different servers, or different keys on one: neither sees the other's facts. */
function keyOf(server: XinferenceServer, uid: string): string {
  const apiKey =
    server.apiKey === undefined ? '' : createHash('sha256').update(server.apiKey).digest('base64');
  return `${server.url}\n${uid}\n${apiKey}`;
}
