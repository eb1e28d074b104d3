import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Gate } from '../../../text/gate.ts';
import { startHeartbeat } from '../../heartbeat.ts';
import { StartError } from '../../start-error.ts';
import type { Receiver, Transport } from '../transport.ts';
import { BackOff } from './back-off.ts';
import { type ConnectionEnd, RemoteConnection } from './remote-connection.ts';
import { handshakeLine } from './remote-declaration.ts';
import { addressText, type RemoteSettings } from './remote-settings.ts';

/**
 * How long to listen for a refusal, in ms. A host acknowledges nothing; it answers a bad key with a line and closes, and
 * that line could be lost if we were still sending then.
 */
const SETTLE_MS = 250;

/** Of what a host says. */
const LONGEST_WORDS = 300;

/** A host that refuses because of a state of its own takes the plugin later. */
const PASSING = /try again later|failed to get connection info/;

export interface RemoteOptions extends RemoteSettings {
  /** The lines that follow the handshake, for each connection anew. */
  readonly declaration: () => Iterable<string>;
  readonly maxLineBytes: number;
  readonly log: Logger;
  readonly backOff?: BackOff;
}

/**
 * Remote debugging: a TCP connection to a Dify host, over which the plugin declares itself and then gets requests as over
 * stdio. A lost connection is made again until {@link RemoteTransport.stop}.
 */
export class RemoteTransport implements Transport {
  /** Never, as `gone`: the next connection may bring more requests. */
  readonly finished = new Promise<never>(() => undefined);
  readonly gone = new Promise<never>(() => undefined);
  readonly #options: RemoteOptions;
  readonly #place: string;
  /** Knows the key, which a host may repeat. */
  readonly #gate: Gate;
  readonly #backOff: BackOff;
  readonly #stopping = new AbortController();
  #connection: RemoteConnection | undefined;

  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#place = addressText(options.address);
    this.#gate = new Gate([options.key]);
    this.#backOff = options.backOff ?? new BackOff();
  }

  /**
   * Connects, and connects again whenever the connection is lost.
   * @returns when stopped and the last connection is over
   * @throws StartError when the host refuses the plugin, in the host's words
   */
  async start(receiver: Receiver): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const end = await this.#hold(receiver);
      receiver.cancelAll('The connection to the host was lost.');
      if (signal.aborted) return;
      if (end.words !== undefined && !PASSING.test(end.words)) {
        throw new StartError(refusal(this.#place, this.#gate.quote(end.words, LONGEST_WORDS)));
      }
      if (end.lasted > this.#backOff.most) this.#backOff.reset();
      const delay = this.#backOff.next();
      this.#options.log.warn(`${this.#loss(end)} Trying again in ${(delay / 1000).toFixed(1)} s.`);
      await sleep(delay, undefined, { signal }).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#connection?.mute();
  }

  async flush(): Promise<void> {
    await this.#connection?.writer.flush();
  }

  /** One connection, from the attempt to its end. */
  async #hold(receiver: Receiver): Promise<ConnectionEnd> {
    const { address, maxLineBytes } = this.#options;
    const lines = {
      onLine: (line: Buffer) => void receiver.receive(line, connection.writer),
      onOversizedLine: (start: Buffer) => receiver.receiveOversized(start, connection.writer),
    };
    const connection = new RemoteConnection(address, lines, maxLineBytes);
    this.#connection = connection;
    if (await connection.connected) await this.#serve(connection);
    return connection.ended;
  }

  async #serve({ writer, ended }: RemoteConnection): Promise<void> {
    const { key, declaration, log } = this.#options;
    let over = false;
    void ended.then(() => {
      over = true;
    });
    const settle = () => Promise.race([ended, sleep(SETTLE_MS)]);

    void writer.write(handshakeLine(key));
    await settle();
    for (const line of declaration()) {
      if (over) return;
      await writer.write(line);
    }
    // A heartbeat goes before all that waits, and a host takes none before the declaration's end.
    await writer.flush();
    const stopHeartbeat = startHeartbeat(writer);
    void ended.then(stopHeartbeat);
    await settle();
    if (over) return;
    log.info(
      `Declared to Dify at ${this.#place}: the plugin is there while this process runs. ` +
        'If it is installed there too, Dify uses that one: uninstall it first, its models stay.',
    );
  }

  #loss({ words, error, lasted }: ConnectionEnd): string {
    if (words !== undefined) {
      return `Dify at ${this.#place} says: "${this.#gate.quote(words, LONGEST_WORDS)}".`;
    }
    const why = error === undefined ? 'closed by the host' : (error.code ?? error.message);
    return lasted > 0
      ? `The connection to Dify at ${this.#place} was lost (${why}); what it had asked was given up.`
      : `Dify cannot be reached at ${this.#place} (${why}). Is REMOTE_INSTALL_URL the address under Plugins → Debug?`;
  }
}

function refusal(place: string, words: string): string {
  const said = `${place} refuses the plugin: "${words}".`;
  if (/invalid key/.test(words)) {
    return `${said} Keys expire: copy the one that Dify now shows under Plugins → Debug to REMOTE_INSTALL_KEY.`;
  }
  if (/invalid|assets|declaration|register/.test(words)) {
    return `${said} Correct what it names in manifest.yaml, provider/ or _assets/.`;
  }
  return `${said} Is REMOTE_INSTALL_URL the address under Plugins → Debug, port 5003 by default?`;
}
