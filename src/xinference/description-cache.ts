import type { HttpClient } from '../http/client.ts';
import { type Clock, systemClock } from '../http/clock.ts';
import { ServerError } from '../http/errors/errors.ts';
import type { ModelServer } from '../http/server.ts';
import { dropOldest } from '../text/drop-oldest.ts';
import { nodeCrypto } from '../text/node-crypto.ts';
import { describeModel, explainUnknown, type ModelDescription } from './description.ts';
import { isRefusal, isSilence, Patience } from './patience.ts';
import { SharedCall } from './shared-call.ts';

const FRESH_MS = 5 * 60_000;
const KEPT_MS = 30 * 60_000;
/** Within an invoke the description is a help, not worth a longer wait. */
const LONGEST_WAIT_MS = 10_000;
/** A schema has to reach Dify within 10 s. */
const LONGEST_OF_SCHEMA_MS = 9_000;
const PAUSE_MS = 30_000;
const MOST_ENTRIES = 1_000;

/** Keeps descriptions for longer than a process lives. Neither method throws. */
export interface DescriptionStore {
  get(key: string): Promise<ModelDescription | undefined>;
  set(key: string, description: ModelDescription): void;
}

/** What can be said of a model at any time. */
export interface Known {
  /** Undefined where the server has never described the model. */
  readonly description: ModelDescription | undefined;
  /** Why the server does not say so now. */
  readonly failure: ServerError | undefined;
}

interface Entry {
  readonly description: ModelDescription;
  readonly at: number;
}

/**
 * Descriptions by (server, key, UID), so that an invoke with a warm cache makes exactly one request. Fresh for five
 * minutes; then still served while one refresh runs behind it; dropped after thirty. One request in flight for a key,
 * no lock across keys; failures are not kept. A schema is served the last one that was seen, however old.
 */
export class DescriptionCache {
  readonly #client: HttpClient;
  readonly #clock: Clock;
  readonly #store: DescriptionStore | undefined;
  readonly #entries = new Map<string, Entry>();
  /** Of schemas. */
  readonly #patience: Patience;
  readonly #calls = new Map<string, SharedCall<ModelDescription>>();
  /** Until when invokes do not ask, because asking timed out or a refresh failed. */
  readonly #pausedUntil = new Map<string, number>();

  /** @param store what outlives the process; without one, nothing does */
  constructor(client: HttpClient, clock: Clock = systemClock, store?: DescriptionStore) {
    this.#client = client;
    this.#clock = clock;
    this.#store = store;
    this.#patience = new Patience(clock);
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
   * For a schema, which Dify needs to show a model at all: asks the server, and falls back on what it, or an earlier process,
   * heard last.
   * @param longestMs how long to wait for the server's answer, unless it has kept silent just before
   * @throws the signal's reason, and nothing of the server
   */
  async forSchema(
    server: ModelServer,
    uid: string,
    signal: AbortSignal,
    longestMs = LONGEST_OF_SCHEMA_MS,
  ): Promise<Known> {
    const key = keyOf(server, uid);
    const trouble = this.#patience.troubleOf(keyOf(server, ''));
    const waitMs = trouble?.waitMs ?? longestMs;
    let failure = trouble?.failure;
    if (waitMs > 0) {
      try {
        const description = await this.#askWithin(waitMs, server, uid, key, signal);
        return { description, failure: undefined };
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof ServerError)) throw error;
        this.#patience.failed(keyOf(server, ''), error);
        failure = error;
      }
    }
    return { description: this.#entries.get(key)?.description ?? (await this.#store?.get(key)), failure };
  }

  /**
   * For validation, which needs it: asks the server, and keeps the answer.
   * @throws ServerError, which lists the running models where there is none with this UID; the signal's reason
   */
  async ask(server: ModelServer, uid: string, signal: AbortSignal): Promise<ModelDescription> {
    try {
      return await this.#askOnce(server, uid, keyOf(server, uid), signal);
    } catch (error) {
      throw await explainUnknown(this.#client, server, uid, error, signal);
    }
  }

  /** Keeps what answers have shown of a model, here and in the store, while the server describes it as the same. */
  learn(server: ModelServer, uid: string, shown: Pick<ModelDescription, 'showedLogits'>): void {
    const key = keyOf(server, uid);
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const description = { ...entry.description, ...shown };
    this.#entries.set(key, { ...entry, description });
    this.#store?.set(key, description);
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
    try {
      return await this.#askWithin(LONGEST_WAIT_MS, server, uid, key, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServerError)) throw error;
      if (isSilence(error)) this.#pause(key);
      if (!isRefusal(error)) return undefined;
      this.#expire(key); // what was known with this key is not to lead to more requests with it
      throw error;
    }
  }

  /** @throws ServerError, also when there is no answer in time; the signal's reason */
  async #askWithin(
    ms: number,
    server: ModelServer,
    uid: string,
    key: string,
    signal: AbortSignal,
  ): Promise<ModelDescription> {
    const patience = Math.min(ms, server.timeoutMs);
    const limit = new AbortController();
    const callOff = this.#clock.after(patience, () => {
      const happened = `No answer from ${server.url} about the model ${JSON.stringify(uid)} for ${patience / 1000} s`;
      limit.abort(new ServerError('silent', server, happened));
    });
    try {
      return await this.#askOnce(server, uid, key, signal, limit.signal);
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
    dropOldest(this.#pausedUntil, MOST_ENTRIES);
  }

  /** An invoke asks anew; a schema still has it to fall back on. */
  #expire(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#entries.set(key, { ...entry, at: Number.NEGATIVE_INFINITY });
  }

  /** What answers showed of a rerank model earlier, also to another process. */
  async #withWhatWasShown(key: string, told: ModelDescription): Promise<ModelDescription> {
    if (told.modelType !== 'rerank') return told;
    const before = this.#entries.get(key)?.description ?? (await this.#store?.get(key));
    const isSame = (['name', 'engine', 'format', 'rerankType'] as const).every(
      field => before?.[field] === told[field],
    );
    return isSame ? { ...told, showedLogits: before?.showedLogits } : told;
  }

  #askOnce(
    server: ModelServer,
    uid: string,
    key: string,
    ...signals: readonly AbortSignal[]
  ): Promise<ModelDescription> {
    const running = this.#calls.get(key);
    if (running !== undefined && !running.isAborted) return running.join(...signals);
    const call = new SharedCall(async callSignal => {
      try {
        const told = await describeModel(this.#client, server, uid, callSignal);
        const description = await this.#withWhatWasShown(key, told);
        this.#entries.delete(key);
        this.#entries.set(key, { description, at: this.#clock.now() });
        dropOldest(this.#entries, MOST_ENTRIES);
        this.#patience.answered(keyOf(server, ''));
        this.#store?.set(key, description);
        return description;
      } finally {
        if (this.#calls.get(key) === call) this.#calls.delete(key);
      }
    });
    this.#calls.set(key, call);
    return call.join(...signals);
  }
}

/** Two workspaces may use the same UID on different servers, or different keys on one: neither sees the other's facts. */
function keyOf(server: ModelServer, uid: string): string {
  const { url, verifyTls, apiKey, headers } = server;
  const hasSecrets = apiKey !== undefined || headers !== undefined;
  const secrets = hasSecrets ? nodeCrypto().hash('sha256', JSON.stringify([apiKey, headers]), 'base64') : '';
  return `${url}\n${verifyTls}\n${uid}\n${secrets}`;
}
