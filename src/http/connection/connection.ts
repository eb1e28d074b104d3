import type { IncomingHttpHeaders } from 'node:http';
import { Socket } from 'node:net';
import { buildConnector, Client, type Dispatcher, EnvHttpProxyAgent, errors } from 'undici';
import { ResponseBody } from '../response/response-body.ts';
import type { Proxies } from './proxies.ts';

/** Below the 5 s after which uvicorn closes an idle connection, so that a dead one is rarely picked. */
const KEEP_ALIVE_MS = 4_000;

/** undici's time limit covers a part of connecting only: see `#inTime`. Model servers speak no HTTP/2. */
const SOCKET = { timeout: 0, allowH2: false };

/** Makes the sockets to a server. All connections to it share one connector and, without a proxy, the TLS sessions to resume. */
export function connectorTo({ verifyTls }: Pick<ConnectionOptions, 'verifyTls'>): buildConnector.connector {
  return buildConnector({ ...SOCKET, rejectUnauthorized: verifyTls });
}

export interface ConnectionOptions {
  readonly origin: string;
  readonly verifyTls: boolean;
  /** From {@link connectorTo}. */
  readonly connect: buildConnector.connector;
  readonly proxies: Proxies | undefined;
  /** An answer has been read to its end: the connection can take another request. */
  readonly onFree: (connection: Connection) => void;
  /** It is closed, and takes no request any more. */
  readonly onClosed: (connection: Connection) => void;
}

/** The head of an answer, and the body that follows. */
export interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: ResponseBody;
}

/** A header of an answer, the first where it came several times; empty when there is none. @param name in lower case */
export function headerOf(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? '';
}

/**
 * How long may pass, in ms: until the connection stands, without a byte of the answer, and until all of the answer has come
 * unless it {@link ResponseBody.mayLast}. The second is undici's, whose clock ticks twice a second.
 */
export interface Limits {
  readonly connectMs: number;
  readonly silenceMs: number;
  readonly wholeMs: number;
}

/** A response goes on and on: bytes come, but its end does not. */
export class EndlessResponseError extends Error {
  override readonly name = 'EndlessResponseError';
}

/**
 * One connection, for one request at a time. It is made of undici's client, not of its pool: a connection that belongs
 * to one request is closed with it in any phase, also while it is still being made; it has its own time to connect, knows
 * whether it has carried an answer before, and leaves nothing behind when it is closed.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #dispatcher: Dispatcher;
  /** The last one made: undici does not close one that is still connecting. */
  #socket: Socket | undefined;
  /** The one that is connected, through a proxy too. */
  #connected: Socket | undefined;
  /** What had come on it when the request was sent. */
  #bytesBefore = 0;
  /** Closes the sockets to and through a proxy, which undici makes inside, and hands out when they are connected. */
  readonly #proxyAbort: AbortController | undefined;
  #connectMs = 0;
  #isConnected = false;
  #isFree = false;
  #isClosed = false;
  #hasAnswered = false;
  #reason: unknown;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { origin, verifyTls, proxies, connect } = options;
    if (proxies === undefined) {
      this.#dispatcher = this.#client(origin, connect);
      return;
    }
    this.#proxyAbort = new AbortController();
    const socket = { ...SOCKET, signal: this.#proxyAbort.signal };
    this.#dispatcher = new EnvHttpProxyAgent({
      ...proxies,
      connect,
      proxyTls: socket, // the proxy's own certificate is verified whatever the model's form says
      requestTls: { ...socket, rejectUnauthorized: verifyTls },
      factory: (at, made) => this.#client(at, (made as { connect: buildConnector.connector }).connect),
    });
  }

  /** Whether it has carried an answer since it was connected: then the server may have closed it unnoticed. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** Whether anything has come since the last request was sent, if only a part of a status line. */
  get hasReceived(): boolean {
    return (this.#connected?.bytesRead ?? 0) > this.#bytesBefore;
  }

  /**
   * Sends a request and waits for the head of the answer. The connection becomes free when the body has ended, and is
   * closed when the body is destroyed before, when the request fails, and when the signal aborts.
   * @param onSent called when the connection stands and the request begins to be written
   * @throws what undici or the system throws; EndlessResponseError; the signal's reason
   */
  async request(
    request: Pick<Dispatcher.DispatchOptions, 'path' | 'method' | 'headers' | 'body'>,
    { connectMs, silenceMs, wholeMs }: Limits,
    signal: AbortSignal,
    onSent: () => void = () => {},
  ): Promise<Head> {
    this.#isFree = false;
    this.#connectMs = connectMs;
    let body: ResponseBody | undefined;
    const onAbort = () => {
      body?.destroy(); // what has come of it is wanted no more
      this.close(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const limit = setTimeout(() => {
      const error = new EndlessResponseError();
      if (body === undefined) this.close(error);
      else body.fail(error);
    }, wholeMs);
    const onBodyClosed = ({ isEnded }: ResponseBody) => {
      signal.removeEventListener('abort', onAbort);
      // Its session may have been given up while the end of the body was still on its way.
      if (this.#isClosed) return;
      if (!isEnded || !this.#isConnected) return this.close();
      this.#isFree = true;
      this.#options.onFree(this);
    };
    try {
      signal.throwIfAborted();
      const options = {
        ...request,
        origin: this.#options.origin,
        headersTimeout: silenceMs,
        bodyTimeout: silenceMs,
      };
      return await new Promise<Head>((resolve, reject) => {
        this.#dispatcher.dispatch(options, {
          onRequestStart: () => {
            this.#bytesBefore = this.#connected?.bytesRead ?? 0;
            onSent();
          },
          onResponseStart: (controller, status, headers) => {
            if (status < 200) return;
            this.#hasAnswered = true;
            body = new ResponseBody(controller, onBodyClosed, limit);
            resolve({ status, headers, body });
          },
          onResponseData: (_controller, piece) => body?.push(piece),
          onResponseEnd: () => body?.end(),
          onResponseError: (_controller, error) => (body === undefined ? reject(error) : body.fail(error)),
        });
      });
    } catch (error) {
      clearTimeout(limit);
      signal.removeEventListener('abort', onAbort);
      const reason = this.#reason ?? error;
      this.close();
      throw reason;
    }
  }

  /** Closes it at once. @param reason what a request that waits for its answer throws */
  close(reason?: unknown): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    void this.#dispatcher.destroy(reason instanceof Error ? reason : null);
    this.#socket?.destroy(new errors.ClientDestroyedError()); // the error is what stops the clock of its connecting
    this.#proxyAbort?.abort();
    this.#options.onClosed(this);
  }

  #client(origin: string | URL, connect: buildConnector.connector): Client {
    return new Client(origin, {
      connect: this.#inTime(connect),
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      allowH2: false,
    })
      .on('connect', () => {
        this.#isConnected = true;
      })
      .on('disconnect', () => {
        this.#isConnected = false;
        if (this.#isFree) this.close();
      });
  }

  /** Bounds the time to connect: that to a proxy and through it is included, where undici bounds each step. */
  #inTime(connect: buildConnector.connector): buildConnector.connector {
    return (target, callback) => {
      this.#hasAnswered = false;
      let isSettled = false;
      const giveUp = () => {
        if (!isSettled) this.close(new errors.ConnectTimeoutError());
      };
      // A turn later: a connection that came about while the process was busy is taken first.
      const timer = setTimeout(() => setImmediate(giveUp), this.#connectMs);
      const made: unknown = connect(target, (...result: Parameters<buildConnector.Callback>) => {
        isSettled = true;
        clearTimeout(timer);
        this.#connected = result[1] ?? undefined;
        callback(...result);
      });
      // What undici's connectors return is not in their type; a signal for the socket costs 30 µs a connection.
      if (made instanceof Socket) this.#socket = made;
    };
  }
}
