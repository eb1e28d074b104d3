import { type Clock, sleep, systemClock } from './clock.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { type Connection, type Head, headerOf } from './connection/connection.ts';
import { Connections } from './connection/connections.ts';
import { readErrorText } from './errors/error-body.ts';
import { ServerError } from './errors/errors.ts';
import { errorFromResponse } from './errors/http-errors.ts';
import { type Judge, plainJudge } from './errors/judge.ts';
import { errorBeforeResponse, LONGEST_CONNECT_MS, longestWholeMs } from './errors/network-errors.ts';
import { isLostConnection } from './errors/network-failure.ts';
import type { HttpResponse } from './response/http-response.ts';
import { retryDelay } from './retry.ts';
import { type ModelServer, modelKey } from './server.ts';

/** A connection that is lost so soon after a request was sent had been closed before: no server works that fast. */
const DEAD_WITHIN_MS = 100;

/** One request to a server. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the server's base URL, such as `/v1/models`; segments are percent-encoded by the caller. */
  readonly path: string;
  readonly body?: string | Buffer;
  /** Of `body`; JSON when left out. */
  readonly contentType?: string;
  /** Aborts the request in any phase; its reason is what is thrown. */
  readonly signal: AbortSignal;
  /** Instead of the server's `maxRetries`. */
  readonly maxRetries?: number;
  /** The model that has to work, whose open requests are bounded; left out where a server is only asked about models. */
  readonly model?: ModelAsked;
}

/** A model that a request makes work. */
export interface ModelAsked {
  readonly uid: string;
  /** Whether fewer requests are open at once for a while when the server says that it is busy, and the form has no number. */
  readonly givesWay: boolean;
}

/** Where failed tries are told. */
export interface WarningLog {
  warn(message: string): void;
}

export interface ClientOptions {
  readonly log: WarningLog;
  readonly connections?: Connections;
  readonly clock?: Clock;
  /** What the servers mean by their failures; without it, what HTTP says of them. */
  readonly judge?: Judge;
}

/**
 * Sends requests to servers: connections kept alive, silence bounded, failures that may pass tried again with
 * growing waits, and every failure told in one class, {@link ServerError}.
 */
export class HttpClient {
  readonly #connections: Connections;
  readonly #clock: Clock;
  readonly #log: WarningLog;
  readonly #judge: Judge;
  readonly #limiter: ConcurrencyLimiter;
  /** Requests that have come so far. */
  #turns = 0;

  constructor(options: ClientOptions) {
    const { log, connections = new Connections(), clock = systemClock, judge = plainJudge } = options;
    this.#connections = connections;
    this.#clock = clock;
    this.#log = log;
    this.#judge = judge;
    this.#limiter = new ConcurrencyLimiter(clock);
  }

  /**
   * Sends a request until it gets an answer, within the retries that the server was configured with. A request to a model
   * waits for a slot first, and keeps it until the body has been read or given up.
   * @throws ServerError, or the signal's reason when it aborts
   */
  async send(server: ModelServer, request: HttpRequest): Promise<HttpResponse> {
    const maxRetries = request.maxRetries ?? server.maxRetries;
    const turn = this.#turns++;
    let waitedMs = 0;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#tryInTurn(server, request, turn);
      } catch (error) {
        request.signal.throwIfAborted();
        if (!(error instanceof ServerError)) throw error;
        const delay = retryDelay(error, { failures, waitedMs, maxRetries });
        if (delay === undefined || server.failure?.() !== undefined) throw error;
        this.#log.warn(
          `Try ${failures} of ${maxRetries + 1} failed, the next follows in ${Math.round(delay)} ms: ${error.logged}`,
        );
        await sleep(this.#clock, delay, request.signal);
        waitedMs += delay;
      }
    }
  }

  /** Closes all connections at once. */
  async close(): Promise<void> {
    this.#connections.close();
  }

  /** One try, in one of the slots of its model. @throws ServerError; the signal's reason */
  async #tryInTurn(server: ModelServer, request: HttpRequest, turn: number): Promise<HttpResponse> {
    const { model, signal } = request;
    if (model === undefined) return this.#try(server, request);
    const key = modelKey(server, model.uid);
    const slot = await this.#limiter.acquire(key, { most: server.maxConcurrency, turn }, signal);
    try {
      const failure = server.failure?.();
      if (failure !== undefined) throw failure;
      const response = await this.#try(server, request);
      response.body.whenClosed(() => slot.release());
      return response;
    } catch (error) {
      if (model.givesWay && server.maxConcurrency === undefined && isBusy(error)) slot.halve();
      slot.release();
      throw error;
    }
  }

  /** One try. @throws ServerError */
  async #try(server: ModelServer, request: HttpRequest): Promise<HttpResponse> {
    const { status, headers, body } = await this.#exchange(server, request);
    const contentType = headerOf(headers, 'content-type');
    if (status >= 200 && status < 300) {
      const [type = ''] = contentType.split(';', 1);
      return {
        server,
        path: request.path,
        url: `${server.url}${request.path}`,
        judge: this.#judge,
        status,
        contentType: type.trim().toLowerCase(),
        body,
      };
    }
    const response = {
      status,
      contentType,
      retryAfter: headerOf(headers, 'retry-after') || undefined,
      location: headerOf(headers, 'location') || undefined,
      body: await readErrorText(body),
    };
    throw errorFromResponse(server, request.path, response, this.#judge);
  }

  /** On a connection that was kept alive, where there is one. */
  async #exchange(server: ModelServer, request: HttpRequest): Promise<Head> {
    for (let isAnew = false; ; isAnew = true) {
      let connection: Connection | undefined;
      let sentAt: number | undefined;
      try {
        connection = isAnew ? this.#connections.open(server) : this.#connections.take(server);
        return await exchange(connection, server, request, () => {
          sentAt = this.#clock.now();
        });
      } catch (error) {
        request.signal.throwIfAborted();
        const sinceSentMs = sentAt === undefined ? 0 : this.#clock.now() - sentAt;
        // The server had closed it, and cannot have seen the request. That is nobody's failure: once more, on a new one.
        const wasKept = connection?.hasAnswered === true && !connection.hasReceived;
        if (wasKept && sinceSentMs <= DEAD_WITHIN_MS && isLostConnection(error)) continue;
        throw errorBeforeResponse(server, request, error, sentAt !== undefined);
      }
    }
  }
}

function exchange(
  connection: Connection,
  server: ModelServer,
  request: HttpRequest,
  onSent: () => void,
): Promise<Head> {
  const headers: Record<string, string> = { accept: '*/*', ...server.headers };
  if (server.apiKey !== undefined) headers['authorization'] = `Bearer ${server.apiKey}`;
  if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
  return connection.request(
    {
      path: server.prefix + request.path,
      method: request.method,
      headers,
      body: request.body ?? null,
    },
    {
      connectMs: Math.min(LONGEST_CONNECT_MS, server.timeoutMs),
      silenceMs: server.timeoutMs,
      wholeMs: longestWholeMs(server),
    },
    request.signal,
    onSent,
  );
}

function isBusy(error: unknown): boolean {
  return (
    error instanceof ServerError && error.code !== 'banned' && (error.status === 429 || error.status === 503)
  );
}
