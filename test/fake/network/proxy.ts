import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a proxy was asked for: `CONNECT host:port`, or `GET http://host:port/path`. */
export type ProxyRequest = string;

export interface FakeProxyOptions {
  /** Refuse everything with this status. */
  readonly refuse?: number;
  /** A refusal has the headers of the request in it. */
  readonly repeats?: boolean;
  /** Take the request for a tunnel, and never answer it. */
  readonly silent?: boolean;
}

/** A forward proxy on 127.0.0.1: passes on requests for http, and opens tunnels for https. */
export class FakeProxy implements AsyncDisposable {
  readonly requests: ProxyRequest[] = [];
  /** The `proxy-authorization` of each request. */
  readonly authorizations: (string | undefined)[] = [];
  readonly #options: FakeProxyOptions;
  readonly #sockets = new Set<Duplex>();
  readonly #server = createServer({ keepAliveTimeout: 20_000 }, (message, response) =>
    this.#pass(message, response),
  );

  constructor(options: FakeProxyOptions = {}) {
    this.#options = options;
    this.#server.on('connection', (socket: Socket) => this.#hold(socket));
    this.#server.on('connect', (message: IncomingMessage, socket: Duplex) => this.#tunnel(message, socket));
  }

  async listen(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** How many connections are open, those to servers included. */
  get openConnections(): number {
    return this.#sockets.size;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #note(message: IncomingMessage): void {
    this.requests.push(`${message.method} ${message.url}`);
    this.authorizations.push(message.headers['proxy-authorization']);
  }

  #hold(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #pass(message: IncomingMessage, response: ServerResponse): void {
    this.#note(message);
    if (this.#options.refuse !== undefined) {
      const said = this.#options.repeats ? JSON.stringify({ message: message.headers }) : '';
      response.writeHead(this.#options.refuse).end(said);
      return;
    }
    const { method, headers } = message;
    const upstream = request(message.url ?? '', { method, headers, agent: false }, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => upstream.destroy());
    message.pipe(upstream);
  }

  #tunnel(message: IncomingMessage, socket: Duplex): void {
    this.#note(message);
    if (this.#options.silent) {
      socket.resume().once('end', () => socket.end()); // else its end goes unseen
      return;
    }
    if (this.#options.refuse !== undefined) {
      socket.end(`HTTP/1.1 ${this.#options.refuse} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${message.url}`);
    const upstream = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(upstream).pipe(socket);
    });
    this.#hold(upstream);
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
  }
}

/** Starts a fake proxy; the caller closes it. */
export function startFakeProxy(options: FakeProxyOptions = {}): Promise<FakeProxy> {
  return new FakeProxy(options).listen();
}
