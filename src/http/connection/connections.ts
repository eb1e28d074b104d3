import type { ModelServer } from '../server.ts';
import { Connection, type ConnectionOptions, connectorTo } from './connection.ts';
import { type Bypass, bypassOf } from './no-proxy.ts';
import { type Proxies, proxiesOf } from './proxies.ts';

/** Whom to connect to, and how. */
type Destination = Pick<ModelServer, 'origin' | 'hostname' | 'port' | 'protocol' | 'verifyTls'>;

/** The connections to one server, as long as there are any. */
interface Peer {
  readonly connect: ConnectionOptions['connect'];
  /** Undefined where it is reached without one. */
  readonly proxies: Proxies | undefined;
  readonly free: Connection[];
  /** How many there are, free ones included. */
  size: number;
}

/**
 * The connections to all servers. Those that are free wait, for each (origin, TLS choice) apart, so that no server
 * delays another; there is no cap on them: the sockets are bounded by the open sessions, and a cap of 128 was measured to
 * halve the speed of a crowd.
 */
export class Connections {
  readonly #proxies: Proxies | undefined;
  readonly #bypasses: Bypass;
  readonly #open = new Set<Connection>();
  readonly #peers = new Map<string, Peer>();

  /** @param env where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up, in either case */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    const named = proxiesOf(env);
    // undici's own reading of NO_PROXY knows neither networks nor stars within a name.
    this.#proxies = named && { ...named, noProxy: '' };
    this.#bypasses = bypassOf(named?.noProxy ?? '');
  }

  /** How many there are: in use, free, and being made. */
  get size(): number {
    return this.#open.size;
  }

  /** The connection that became free last, so that what a crowd left behind is closed as idle; else a new one. */
  take(server: Destination): Connection {
    return this.#peers.get(keyOf(server))?.free.pop() ?? this.open(server);
  }

  /** A new connection. */
  open(server: Destination): Connection {
    const key = keyOf(server);
    const peer = this.#peers.get(key) ?? this.#peer(server);
    const connection = new Connection({
      origin: server.origin,
      verifyTls: server.verifyTls,
      connect: peer.connect,
      proxies: peer.proxies,
      onFree: freed => peer.free.push(freed),
      onClosed: closed => this.#forget(key, peer, closed),
    });
    peer.size++;
    this.#peers.set(key, peer);
    this.#open.add(connection);
    return connection;
  }

  /** Closes all of them at once. */
  close(): void {
    for (const connection of this.#open) connection.close();
  }

  #peer(server: Destination): Peer {
    const proxies = this.#bypasses(server) ? undefined : this.#proxies;
    return { connect: connectorTo(server), proxies, free: [], size: 0 };
  }

  #forget(key: string, peer: Peer, closed: Connection): void {
    this.#open.delete(closed);
    const at = peer.free.indexOf(closed);
    if (at >= 0) peer.free.splice(at, 1);
    if (--peer.size === 0) this.#peers.delete(key);
  }
}

function keyOf(server: Destination): string {
  return `${server.origin} ${server.verifyTls}`;
}
