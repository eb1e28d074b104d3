import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { selfSigned } from '../network/tls.ts';
import { defaultModels, type FakeModel } from './models.ts';
import type { Recording } from './recordings/recordings.ts';
import { type Cut, replay } from './recordings/replay.ts';
import type { Handler } from './replies.ts';
import { FakeRequest } from './request.ts';
import { createRoutes } from './routes.ts';

export interface FakeXinferenceOptions {
  /** What the server offers; by default one model of each kind (`models.ts`). */
  readonly models?: readonly FakeModel[];
  /** Milliseconds between the events of a streamed answer; default 0. */
  readonly chunkDelay?: number;
  /** How many text events a streamed answer has: its words, over and over. By default one for each word. */
  readonly chunkCount?: number;
  /** What chat and completion models say; by default a few sentences. */
  readonly reply?: string;
  /** With keys given, a request must carry one of them, as it must on a real server whose auth is on. */
  readonly apiKeys?: readonly string[];
  /** Milliseconds after which an idle connection is closed; default 5000, as on a real server. */
  readonly keepAliveTimeout?: number;
  /** Serve HTTPS with a certificate that nobody has signed but itself. */
  readonly tls?: boolean;
}

interface Override {
  readonly route: string;
  readonly handler: Handler;
  left: number;
}

/** A server on 127.0.0.1 that answers as Xinference 4.1 does, until a test tells it otherwise. */
export class FakeXinference {
  /** Every request since the start or the last `clear()`, in the order in which their bodies were complete. */
  readonly requests: FakeRequest[] = [];
  readonly #server: Server;
  readonly #tls: boolean;
  readonly #sockets = new Map<Socket, number>();
  readonly #route: Handler;
  readonly #waiting = new Set<() => void>();
  #overrides: Override[] = [];
  #connections = 0;

  constructor(options: FakeXinferenceOptions = {}) {
    this.#tls = options.tls ?? false;
    this.#route = createRoutes({
      models: options.models ?? defaultModels,
      chunkDelay: options.chunkDelay ?? 0,
      chunkCount: options.chunkCount,
      reply: options.reply,
      apiKeys: options.apiKeys,
    });
    // Without a buffer: Node keeps an idle connection a second longer than the time it is told.
    const http = { keepAliveTimeout: options.keepAliveTimeout ?? 5000, keepAliveTimeoutBuffer: 0 };
    const listener = (message: IncomingMessage, response: ServerResponse) =>
      void this.#serve(message, response);
    this.#server = this.#tls
      ? createTlsServer({ ...http, ...selfSigned() }, listener)
      : createServer(http, listener);
    this.#server.on('connection', (socket: Socket) => {
      if (!this.#tls) this.#accept(socket);
    });
    this.#server.on('secureConnection', (socket: Socket) => this.#accept(socket));
    // A client that refuses the certificate, or speaks no TLS, is what some tests are about.
    this.#server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  }

  /** Starts to listen, on a free port unless one is given. */
  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Without a path and without a trailing slash. */
  get url(): string {
    return `${this.#tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** How many connections were accepted since the start. */
  get connections(): number {
    return this.#connections;
  }

  /** How many of them are open now. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  /**
   * Answers requests for `route` by `handler` in place of the default. A route is `POST /v1/rerank`, one that ends
   * in `*` stands for all that begin so, `*` alone for every request. Answers with `times` are used up in the order
   * given; one without stays, in place of an earlier one without for the same route.
   */
  answer(route: string, handler: Handler, options: { readonly times?: number } = {}): this {
    const left = options.times ?? Number.POSITIVE_INFINITY;
    if (left === Number.POSITIVE_INFINITY) {
      this.#overrides = this.#overrides.filter(
        override => override.route !== route || override.left !== left,
      );
    }
    this.#overrides.push({ route, handler, left });
    return this;
  }

  /** Answers the next request for the recording's own route by that recording. */
  replay(recorded: Recording, options: { readonly cut?: Cut; readonly times?: number } = {}): this {
    const path = recorded.request.path.replace(/\?.*/, '');
    return this.answer(`${recorded.request.method} ${path}`, replay(recorded, options.cut ?? 'recorded'), {
      times: options.times ?? 1,
    });
  }

  /** The requests for `route` (as in `answer`) so far. */
  seen(route: string): FakeRequest[] {
    return this.requests.filter(request => matches(route, request));
  }

  /** The `count`-th request for `route`, as soon as it is there. */
  async arrival(route: string, count = 1): Promise<FakeRequest> {
    for (;;) {
      const request = this.seen(route)[count - 1];
      if (request !== undefined) return request;
      await new Promise<void>(resolve => this.#waiting.add(resolve));
    }
  }

  /** Forgets the requests seen and the answers given. */
  clear(): void {
    this.requests.length = 0;
    this.#overrides = [];
  }

  /** Stops listening and destroys every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const socket of this.#sockets.keys()) socket.destroy();
    this.#server.closeAllConnections();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    this.#sockets.set(socket, ++this.#connections);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = message;
    const request = new FakeRequest(message, response, this.#sockets.get(socket) ?? 0);
    const [, key] = /^Bearer (.{6,})/.exec(message.headers.authorization ?? '') ?? [];
    if (key !== undefined && message.url?.includes(key)) {
      throw new Error(`a key in the path ${message.url}`); // logs of proxies keep paths
    }
    const whole = await request.read(message);
    this.requests.push(request);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
    if (whole) await this.#pick(request)(request, response, socket);
  }

  #pick(request: FakeRequest): Handler {
    const override = this.#overrides.find(({ route }) => matches(route, request));
    if (override === undefined) return this.#route;
    override.left--;
    if (override.left <= 0) this.#overrides = this.#overrides.filter(other => other !== override);
    return override.handler;
  }
}

/** Starts a fake Xinference server; the caller closes it. */
export function startFakeXinference(
  options: FakeXinferenceOptions = {},
  port?: number,
): Promise<FakeXinference> {
  return new FakeXinference(options).listen(port);
}

function matches(route: string, request: FakeRequest): boolean {
  return route.endsWith('*') ? request.route.startsWith(route.slice(0, -1)) : request.route === route;
}
