import { Connection } from './connection.ts';
import { type Proxies, proxiesOf } from './proxies.ts';
import { originOf, type XinferenceServer } from './server.ts';

/**
 * The connections to all servers. Those that are free wait, for each (origin, TLS choice) apart, so that no server
 * delays another; there is no cap on them: the sockets are bounded by the open sessions, and a cap of 128 was measured to
 * halve the speed of a crowd.
 */
export class Connections {
  readonly #proxies: Proxies | undefined;
  readonly #open = new Set<Connection>();
  readonly #free = new Map<string, Connection[]>();

  /** @param env where `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are looked up, in either case */
  constructor(env: NodeJS.ProcessEnv = process.env) {
    this.#proxies = proxiesOf(env);
  }

  /** How many there are: in use, free, and being made. */
  get size(): number {
    return this.#open.size;
  }

  /** The connection that became free last, so that what a crowd left behind is closed as idle; else a new one. */
  take(server: XinferenceServer): Connection {
    return this.#free.get(keyOf(server))?.pop() ?? this.open(server);
  }

  /** A new connection. */
  open(server: XinferenceServer): Connection {
    const key = keyOf(server);
    const connection = new Connection({
      origin: originOf(server),
      verifyTls: server.verifyTls,
      proxies: this.#proxies,
      onFree: freed => this.#keep(key, freed),
      onClosed: closed => this.#forget(key, closed),
    });
    this.#open.add(connection);
    return connection;
  }

  /** Closes all of them at once. */
  close(): void {
    for (const connection of this.#open) connection.close();
  }

  #keep(key: string, freed: Connection): void {
    const free = this.#free.get(key);
    if (free === undefined) this.#free.set(key, [freed]);
    else free.push(freed);
  }

  #forget(key: string, closed: Connection): void {
    this.#open.delete(closed);
    const free = this.#free.get(key) ?? [];
    const at = free.indexOf(closed);
    if (at >= 0) free.splice(at, 1);
    if (free.length === 0) this.#free.delete(key);
  }
}

function keyOf(server: XinferenceServer): string {
  return `${originOf(server)} ${server.verifyTls}`;
}
