import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type DebugConnection, DebugPeer } from './debug-peer.ts';

export interface DebugHostOptions {
  /** The key that a plugin must bring. */
  readonly key?: string;
  /** Milliseconds from connecting to the handshake; 10 s as on a real host. */
  readonly handshakeTimeout?: number;
  /** Milliseconds without a heartbeat after which the connection is closed; 60 s as on a real host. */
  readonly heartbeatTimeout?: number;
  /** What to listen on; 127.0.0.1 unless told. */
  readonly address?: string;
}

/**
 * The debugging port of a Dify host. It refuses what a real one refuses, in its words, and takes over each connection
 * whose declaration it accepts.
 */
export class FakeDebugHost {
  readonly key: string;
  /** What was refused, in the words that the plugin was told, or why it was closed without a word. */
  readonly refusals: string[] = [];
  /** Set to refuse whole declarations with these words. */
  refuseWith: string | undefined;
  readonly #options: DebugHostOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #accepted: DebugConnection[] = [];
  #attempts = 0;
  #changed = Promise.withResolvers<void>();

  constructor(options: DebugHostOptions = {}) {
    this.#options = options;
    this.key = options.key ?? '0b5fd9a4-1111-4222-8333-444455556666';
    this.#server = createServer({ noDelay: true }, socket => this.#take(socket));
  }

  async listen(port = 0): Promise<this> {
    await once(this.#server.listen(port, this.#options.address ?? '127.0.0.1'), 'listening');
    return this;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What the plugin is told of this host. */
  get env(): { readonly REMOTE_INSTALL_URL: string; readonly REMOTE_INSTALL_KEY: string } {
    return { REMOTE_INSTALL_URL: `127.0.0.1:${this.port}`, REMOTE_INSTALL_KEY: this.key };
  }

  /** How often a plugin has connected. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The `count`-th connection whose declaration was accepted, as soon as it is there. */
  async connection(count = 1): Promise<DebugConnection> {
    return this.#when(() => this.#accepted[count - 1]);
  }

  /** The `count`-th refusal, as soon as it is there. */
  async refusal(count = 1): Promise<string> {
    return this.#when(() => this.refusals[count - 1]);
  }

  /** Stops listening and cuts every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #take(socket: Socket): void {
    this.#attempts++;
    this.#sockets.add(socket);
    socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket));
    new DebugPeer(socket, {
      key: this.key,
      handshakeTimeout: this.#options.handshakeTimeout ?? 10_000,
      heartbeatTimeout: this.#options.heartbeatTimeout ?? 60_000,
      refuseWith: () => this.refuseWith,
      onAccepted: connection => {
        this.#accepted.push(connection);
        this.#notify();
      },
      onRefused: reason => {
        this.refusals.push(reason);
        this.#notify();
      },
    });
  }

  async #when<T>(get: () => T | undefined): Promise<T> {
    for (;;) {
      const value = get();
      if (value !== undefined) return value;
      await this.#changed.promise;
    }
  }

  #notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

/** Starts a debugging host on a free port; the caller closes it. */
export function startDebugHost(options: DebugHostOptions = {}): Promise<FakeDebugHost> {
  return new FakeDebugHost(options).listen();
}
