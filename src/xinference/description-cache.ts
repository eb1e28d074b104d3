import { createHash } from 'node:crypto';
import type { HttpClient } from '../http/client.ts';
import { type Clock, systemClock } from '../http/clock.ts';
import { ServerError } from '../http/errors/errors.ts';
import type { ModelServer } from '../http/server.ts';
import { describeModel, explainUnknown, type ModelDescription } from './description.ts';
import { SharedCall } from './shared-call.ts';

const FRESH_MS = 5 * 60_000;
const KEPT_MS = 30 * 60_000;
/** Within an invoke the description is a help, not worth a longer wait. */
const LONGEST_WAIT_MS = 10_000;
const PAUSE_MS = 30_000;
const MOST_ENTRIES = 1_000;

interface Entry {
  readonly description: ModelDescription;
  readonly at: number;
}

/**
 * Descriptions by (server, key, UID), so that an invoke with a warm cache makes exactly one request. Fresh for five
 * minutes; then still served while one refresh runs behind it; dropped after thirty. One request in flight for a key,
 * no lock across keys; failures are not kept.
 */
export class DescriptionCache {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #calls = new Map<string, SharedCall<ModelDescription>>();
  /** Until when invokes do not ask, because asking timed out or a refresh failed. */
  readonly #pausedUntil = new Map<string, number>();

  constructor(client: HttpClient, clock: Clock = systemClock) {
    this.#client = client;
    this.#clock = clock;
  }

  /**
   * For an invoke: the description, or undefined where it cannot be had within 10 s and the inference request itself will
   * show what is wrong.
   * @throws ServerError when the key is refused: no second request with that key. The signal's reason.
   */
  async forInvoke(
    server: ModelServer,
    uid: string,
    signal: AbortSignal,
  ): Promise<ModelDescription | undefined> {
    const key = keyOf(server, uid);
    const now = this.#clock.now();
    const entry = this.#entries.get(key);
    const age = entry === undefined ? KEPT_MS : now - entry.at;
    const known = age < KEPT_MS ? entry?.description : undefined;
    if (age < FRESH_MS || now < (this.#pausedUntil.get(key) ?? 0)) return known;
    if (known === undefined) return this.#askBriefly(server, uid, key, signal);
    if (!this.#calls.has(key)) void this.#refresh(server, uid, key);
    return known;
  }

  /**
   * For validation and schema, which need it: asks the server, and keeps the answer.
   * @throws ServerError, which lists the running models where there is none with this UID; the signal's reason
   */
  async ask(server: ModelServer, uid: string, signal: AbortSignal): Promise<ModelDescription> {
    try {
      return await this.#ask(server, uid, keyOf(server, uid), signal);
    } catch (error) {
      throw await explainUnknown(this.#client, server, uid, error, signal);
    }
  }

  /** What is known without asking. */
  peek(server: ModelServer, uid: string): ModelDescription | undefined {
    return this.#entries.get(keyOf(server, uid))?.description;
  }

  async #askBriefly(
    server: ModelServer,
    uid: string,
    key: string,
    signal: AbortSignal,
  ): Promise<ModelDescription | undefined> {
    const limit = new AbortController();
    const callOff = this.#clock.after(Math.min(LONGEST_WAIT_MS, server.timeoutMs), () => limit.abort());
    try {
      return await this.#ask(server, uid, key, signal, limit.signal);
    } catch (error) {
      signal.throwIfAborted();
      const failure = error instanceof ServerError ? error : undefined;
      if (limit.signal.aborted || failure?.kind === 'timeout') {
        this.#pause(key);
        return undefined;
      }
      if (failure === undefined) throw error;
      if (failure.status !== 401 && failure.kind !== 'banned') return undefined;
      this.#entries.delete(key); // what was known with this key is not to lead to more requests with it
      throw error;
    } finally {
      callOff();
    }
  }

  /** Never throws: the old description serves on. */
  async #refresh(server: ModelServer, uid: string, key: string): Promise<void> {
    try {
      const description = await this.#askBriefly(server, uid, key, new AbortController().signal);
      if (description === undefined) this.#pause(key);
    } catch {
      // The key is refused: the next invoke asks for itself, and says so.
    }
  }

  #pause(key: string): void {
    this.#pausedUntil.set(key, this.#clock.now() + PAUSE_MS);
    dropOldest(this.#pausedUntil);
  }

  #ask(
    server: ModelServer,
    uid: string,
    key: string,
    ...signals: readonly AbortSignal[]
  ): Promise<ModelDescription> {
    const running = this.#calls.get(key);
    if (running !== undefined && !running.isAborted) return running.join(...signals);
    const call = new SharedCall(async callSignal => {
      try {
        const description = await describeModel(this.#client, server, uid, callSignal);
        this.#entries.delete(key);
        this.#entries.set(key, { description, at: this.#clock.now() });
        dropOldest(this.#entries);
        return description;
      } finally {
        if (this.#calls.get(key) === call) this.#calls.delete(key);
      }
    });
    this.#calls.set(key, call);
    return call.join(...signals);
  }
}

function dropOldest(map: Map<string, unknown>): void {
  if (map.size <= MOST_ENTRIES) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}

/** Two workspaces may use the same UID on different servers, or different keys on one: neither sees the other's facts. */
function keyOf(server: ModelServer, uid: string): string {
  const apiKey =
    server.apiKey === undefined ? '' : createHash('sha256').update(server.apiKey).digest('base64');
  return `${server.url}\n${server.verifyTls}\n${uid}\n${apiKey}`;
}
