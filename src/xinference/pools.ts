import type { Socket } from 'node:net';
import { buildConnector, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import type { XinferenceServer } from './server.ts';

/** Below the 5 s after which Xinference closes an idle connection, so that a dead one is rarely picked. */
const KEEP_ALIVE_MS = 4_000;
const LONGEST_CONNECT_MS = 10_000;
/** Pools beyond this many are closed, the longest unused first: one process serves every tenant of a node. */
const MOST_POOLS = 256;

/** Marks an error of a connection that had carried an answer before. */
const REUSED = Symbol('reused connection');

/**
 * Connections to servers, kept alive. One pool for each (origin, TLS choice, connect timeout), so that a dead server
 * delays nobody else; no cap on connections, because a cap of 128 was measured to halve the speed of a crowd. The
 * sockets are bounded by the open sessions.
 */
export class Pools {
  readonly #pools = new Map<string, Dispatcher>();
  readonly #proxied: boolean;

  /** @param env where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up, in either case */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#proxied = ['http_proxy', 'https_proxy'].some(name => Boolean(env[name] || env[name.toUpperCase()]));
  }

  /** The pool for a server; made when there is none. */
  get(server: XinferenceServer): Dispatcher {
    const { origin } = new URL(server.url);
    const connectMs = Math.min(LONGEST_CONNECT_MS, server.timeoutMs);
    const key = `${origin} ${server.verifyTls} ${connectMs}`;
    const pool = this.#pools.get(key) ?? this.#open(origin, server.verifyTls, connectMs);
    this.#pools.delete(key);
    this.#pools.set(key, pool); // the last one used is the last in the map
    this.#closeOldest();
    return pool;
  }

  /** Closes all connections at once. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(pool => pool.destroy()));
  }

  #open(origin: string, verifyTls: boolean, connectMs: number): Dispatcher {
    const tls = { rejectUnauthorized: verifyTls, timeout: connectMs, allowH2: false };
    const options = {
      connections: null,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      allowH2: false,
    };
    if (this.#proxied) {
      return new EnvHttpProxyAgent({ ...options, connect: markReused(tls), requestTls: tls });
    }
    return new Pool(origin, { ...options, connect: markReused(tls) });
  }

  #closeOldest(): void {
    if (this.#pools.size <= MOST_POOLS) return;
    for (const [key, pool] of this.#pools) {
      this.#pools.delete(key);
      void pool.close(); // lets what runs on it finish
      return;
    }
  }
}

/** A connector whose sockets say of an error whether they had carried an answer before. */
function markReused(options: buildConnector.BuildOptions): buildConnector.connector {
  const connect = buildConnector(options);
  return (target, callback) =>
    connect(target, (...result: Parameters<buildConnector.Callback>) => {
      const [, socket] = result;
      if (socket) markErrors(socket);
      callback(...result);
    });
}

function markErrors(socket: Socket): void {
  const atStart = socket.bytesRead; // of a TLS handshake
  socket.prependListener('error', error => {
    if (socket.bytesRead > atStart) Object.defineProperty(error, REUSED, { value: true });
  });
}

/** Whether a request failed because the kept-alive connection that it was sent on was dead already. */
export function wasReusedConnection(error: unknown): boolean {
  return error instanceof Error && REUSED in error;
}
