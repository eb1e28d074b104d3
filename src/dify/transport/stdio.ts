import type { Readable, Writable } from 'node:stream';
import { LineReader } from './lines/line-reader.ts';
import { LineWriter } from './lines/line-writer.ts';
import { readLines } from './lines/read-lines.ts';
import type { Receiver, Transport } from './transport.ts';

/** The host's lines on stdin, ours on stdout. */
export class StdioTransport implements Transport {
  readonly writer: LineWriter;
  readonly finished: Promise<void>;
  readonly gone: Promise<void>;
  readonly #input: Readable;
  readonly #finish: () => void;

  constructor(input: Readable, output: Writable, maxLineBytes: number) {
    this.#input = input;
    this.writer = new LineWriter(output, maxLineBytes);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.finished = promise;
    this.#finish = resolve;
    // EPIPE: the host has closed our output, so there is no one left to answer. Only writing tells.
    this.gone = new Promise(resolve => output.on('error', () => resolve()));
  }

  /** Begins to read. Until then the host's lines wait in the pipe. */
  start(receiver: Pick<Receiver, 'receive' | 'receiveOversized'>): void {
    const { writer } = this;
    const reader = new LineReader({
      onLine: line => void receiver.receive(line, writer),
      onOversizedLine: start => receiver.receiveOversized(start, writer),
    });
    readLines(this.#input, reader, writer);
    this.#input.on('end', () => {
      reader.end();
      this.#finish();
    });
    this.#input.on('error', () => this.#finish());
  }

  stop(): void {
    this.#input.removeAllListeners('data');
    this.#input.pause();
  }

  flush(): Promise<void> {
    return this.writer.flush();
  }
}
