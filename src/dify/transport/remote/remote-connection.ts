import { connect, type Socket } from 'node:net';
import { LineReader, type LineSink } from '../lines/line-reader.ts';
import { LineWriter } from '../lines/line-writer.ts';
import { readLines } from '../lines/read-lines.ts';
import type { Address } from './remote-settings.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const BRACE = 0x7b;

/** How a connection ended. */
export interface ConnectionEnd {
  /** What the host said in plain text, which is how it refuses a plugin before it closes the connection. */
  readonly words: string | undefined;
  readonly error: NodeJS.ErrnoException | undefined;
  /** How long it was connected, in ms; 0 if it never was. */
  readonly lasted: number;
}

/** One TCP connection to a debugging host, from the attempt to its end. */
export class RemoteConnection {
  readonly writer: LineWriter;
  /** Resolves when it stands, or with false when it came to nothing. */
  readonly connected: Promise<boolean>;
  /** Resolves when it is over. Never rejects. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #socket: Socket;
  readonly #sink: LineSink;
  #words: string | undefined;
  #muted = false;

  constructor(address: Address, sink: LineSink, maxLineBytes: number) {
    this.#sink = sink;
    this.#socket = connect({ ...address, noDelay: true, keepAlive: true });
    this.writer = new LineWriter(this.#socket, maxLineBytes);
    let connectedAt: number | undefined;
    let error: NodeJS.ErrnoException | undefined;
    const socket = this.#socket
      .setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer within 10 s')))
      .on('error', reason => {
        error = reason;
      })
      .once('connect', () => {
        connectedAt = performance.now();
        socket.setTimeout(0);
      });
    this.ended = new Promise(resolve => {
      socket.once('close', () => {
        const lasted = connectedAt === undefined ? 0 : performance.now() - connectedAt;
        resolve({ words: this.#words, error, lasted });
      });
    });
    this.connected = new Promise(resolve => {
      socket.once('connect', () => resolve(true)).once('close', () => resolve(false));
    });
    this.#read();
  }

  /** Takes no more lines. What comes is still read: closing a socket with unread bytes would cut off what we wrote. */
  mute(): void {
    this.#muted = true;
  }

  #read(): void {
    const reader = new LineReader({
      onLine: line => this.#take(line),
      onOversizedLine: start => {
        if (!this.#muted) this.#sink.onOversizedLine(start);
      },
    });
    readLines(this.#socket, reader, this.writer);
    this.#socket.on('end', () => reader.end());
  }

  #take(line: Buffer): void {
    if (line[0] === BRACE) {
      this.#words = undefined;
      if (!this.#muted) this.#sink.onLine(line);
    } else this.#words ??= readable(line) || undefined;
  }
}

/** Whoever answers at a wrong address may answer anything. */
function readable(line: Buffer): string {
  return line
    .toString('utf8', 0, 300)
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, ' ')
    .trim();
}
