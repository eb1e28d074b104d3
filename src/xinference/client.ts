import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { readText } from './body.ts';
import { type Clock, systemClock } from './clock.ts';
import { XinferenceError } from './errors.ts';
import { errorFromAnswer } from './http-errors.ts';
import { errorBeforeAnswer, errorCode, errorInAnswer } from './network-errors.ts';
import { Pools, wasReusedConnection } from './pools.ts';
import { retryDelay } from './retry.ts';
import type { XinferenceServer } from './server.ts';

const ERROR_BODY_BYTES = 64 * 1024;
const CONNECTION_LOST = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** One request to a server. */
export interface XinferenceRequest {
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
}

/** The head of a successful answer, and its body to be read or destroyed by the caller. */
export interface XinferenceAnswer {
  readonly server: XinferenceServer;
  readonly path: string;
  readonly status: number;
  /** Lower case, without parameters; empty when there is none. */
  readonly contentType: string;
  readonly body: Dispatcher.ResponseData['body'];
}

export interface ClientOptions {
  readonly log: Logger;
  readonly pools?: Pools;
  readonly clock?: Clock;
}

/**
 * Sends requests to Xinference servers: connections kept alive, silence bounded, failures that may pass tried again with
 * growing waits, and every failure told in one class, {@link XinferenceError}.
 */
export class XinferenceClient {
  readonly #pools: Pools;
  readonly #clock: Clock;
  readonly #log: Logger;

  constructor({ log, pools = new Pools(), clock = systemClock }: ClientOptions) {
    this.#pools = pools;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * Sends a request until it gets an answer, within the retries that the server was configured with.
   * @throws XinferenceError, or the signal's reason when it aborts
   */
  async send(server: XinferenceServer, request: XinferenceRequest): Promise<XinferenceAnswer> {
    const maxRetries = request.maxRetries ?? server.maxRetries;
    let waitedMs = 0;
    for (let failures = 1; ; failures++) {
      try {
        return await this.#try(server, request);
      } catch (error) {
        if (request.signal.aborted) throw request.signal.reason;
        if (!(error instanceof XinferenceError)) throw error;
        const delay = retryDelay(error, { failures, waitedMs, maxRetries });
        if (delay === undefined) throw error;
        this.#log.warn(
          `Try ${failures} of ${maxRetries + 1} failed, the next follows in ${Math.round(delay)} ms: ${error.message}`,
        );
        await this.#clock.sleep(delay, request.signal);
        waitedMs += delay;
      }
    }
  }

  /** Closes all connections at once. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #try(server: XinferenceServer, request: XinferenceRequest): Promise<XinferenceAnswer> {
    let answer: Dispatcher.ResponseData;
    try {
      answer = await this.#exchange(server, request);
    } catch (error) {
      // A kept-alive connection can die at the moment it is picked. That is nobody's failure: once more, on another.
      const resend =
        wasReusedConnection(error) && CONNECTION_LOST.has(errorCode(error)) && !request.signal.aborted;
      if (!resend) throw errorBeforeAnswer(server, request.path, error);
      try {
        answer = await this.#exchange(server, request);
      } catch (again) {
        throw errorBeforeAnswer(server, request.path, again);
      }
    }
    const { statusCode: status, headers, body } = answer;
    const contentType = headerOf(headers, 'content-type');
    if (status >= 200 && status < 300) {
      const [type = ''] = contentType.split(';', 1);
      return { server, path: request.path, status, contentType: type.trim().toLowerCase(), body };
    }
    const text = await readText(body, ERROR_BODY_BYTES).catch(() => '');
    throw errorFromAnswer(server, request.path, {
      status,
      contentType,
      retryAfter: headerOf(headers, 'retry-after') || undefined,
      body: text,
    });
  }

  #exchange(server: XinferenceServer, request: XinferenceRequest): Promise<Dispatcher.ResponseData> {
    const { origin, pathname } = new URL(server.url);
    const headers: Record<string, string> = { accept: '*/*' };
    if (server.apiKey !== undefined) headers['authorization'] = `Bearer ${server.apiKey}`;
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    return this.#pools.get(server).request({
      origin,
      path: pathname.replace(/\/$/, '') + request.path,
      method: request.method,
      headers,
      body: request.body ?? null,
      signal: request.signal,
      headersTimeout: server.timeoutMs,
      bodyTimeout: server.timeoutMs,
    });
  }
}

/** Turns a failure while the body is read into the error that says so. */
export function bodyError(answer: XinferenceAnswer, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : errorInAnswer(answer.server, answer.path, error);
}

function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}
