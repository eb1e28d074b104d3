import type { Writable } from 'node:stream';

/**
 * Text collected within one turn of the event loop is written at the latest when it has this many characters. A pipe of
 * the launcher's 256 KiB takes them at once, and the host reads them while the turn goes on; what a pipe does not take
 * waits for the next turn, which with 1,000 streams comes 40 ms later. Texts of twice the length are as fast, but V8 takes
 * them for large objects and seldom collects them: 25 s of a slow host then grew the process by 7 MiB instead of 1.
 */
const FLUSH_AT = 32 * 1024;

/** One line without its newline: as text, or as the pieces of its UTF-8 bytes, which are written uncopied. */
export type Line = string | readonly Buffer[];

/**
 * How many characters of a message fit into so many bytes of a line, whatever they are: JSON makes six bytes of a control
 * character, and as many again are for what stands around the message.
 */
export function charactersFitting(bytes: number): number {
  return bytes / 12;
}

/** A line is longer than the host can take: it would kill the plugin, with every session on it. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError';
  readonly bytes: number;
  readonly limit: number;

  constructor(bytes: number, limit: number) {
    super(`an answer line of ${bytes} bytes passes the limit of ${limit}`);
    this.bytes = bytes;
    this.limit = limit;
  }
}

/**
 * The one way out to a host: whole lines, never interleaved. What one turn of the event loop produces leaves in one
 * write, because a write call costs more than a chunk's conversion. While the host does not read, nothing more is
 * handed to the stream, and {@link LineWriter.write} gives producers a promise to wait for: memory stays bounded by the
 * number of producers.
 */
export class LineWriter {
  /** The longest line the host takes, in bytes without its newline. */
  readonly maxLineBytes: number;
  readonly #out: Writable;
  #lines: Line[] = [];
  /** Characters or bytes of the lines that wait. */
  #length = 0;
  #scheduled = false;
  /** The stream has more than it wants. */
  #full = false;
  /** What producers wait for; settles when all lines have gone to the stream and it wants more. */
  #backlog: PromiseWithResolvers<void> | undefined;
  #closed = false;

  constructor(out: Writable, maxLineBytes: number) {
    this.#out = out;
    this.maxLineBytes = maxLineBytes;
    out.on('drain', this.#onDrain);
    out.on('close', this.#onClose);
  }

  /**
   * Queues one line.
   * @param line the JSON of one message; bytes must not change afterwards
   * @returns nothing while the host keeps up, else a promise to await before the next line
   * @throws LineTooLongError when the line passes the limit; nothing is written then
   */
  write(line: Line): Promise<void> | undefined {
    const length = lengthOf(line);
    // A UTF-16 unit is at most three bytes of UTF-8: short lines need no counting.
    if (length * 3 > this.maxLineBytes) {
      const bytes = bytesOf(line);
      if (bytes > this.maxLineBytes) throw new LineTooLongError(bytes, this.maxLineBytes);
    }
    if (this.#closed) return undefined;
    this.#lines.push(line);
    this.#length += length;
    this.#schedule();
    return this.backlog();
  }

  /** @returns nothing while the host keeps up, else a promise that resolves when no line waits any more */
  backlog(): Promise<void> | undefined {
    if (!this.#full) return undefined;
    this.#backlog ??= Promise.withResolvers();
    return this.#backlog.promise;
  }

  /**
   * Sends a line before all that wait, and without waiting for the turn's end: a heartbeat must stand neither behind a slow
   * host's backlog nor, when the plugin starts, behind the loading of everything else.
   */
  writeFirst(line: string): void {
    if (this.#closed) return;
    this.#lines.unshift(line);
    this.#length += line.length;
    this.#flushNow();
  }

  /** Resolves when everything queued so far has been taken by the operating system, or the stream is closed. */
  async flush(): Promise<void> {
    this.#flushNow();
    await this.backlog();
    if (this.#closed || this.#out.writableLength === 0) return;
    await new Promise<void>(resolve => {
      this.#out.write('', () => resolve());
      this.#out.once('close', resolve);
    });
  }

  #schedule(): void {
    if (this.#full) return;
    if (this.#length >= FLUSH_AT) this.#flushNow();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      // After this turn's input was handled, before the loop sleeps: nothing is held back.
      setImmediate(this.#onTurnEnd);
    }
  }

  readonly #onTurnEnd = () => {
    this.#scheduled = false;
    this.#flushNow();
  };

  #flushNow(): void {
    while (this.#lines.length > 0 && !this.#full) {
      const [first] = this.#lines;
      this.#full = !(Array.isArray(first) ? this.#writeBytes(first) : this.#out.write(this.#takeText()));
    }
  }

  /** Writes the first line, which is of bytes, in one system call. */
  #writeBytes(pieces: readonly Buffer[]): boolean {
    this.#lines.shift();
    this.#length -= lengthOf(pieces);
    this.#out.cork();
    for (const piece of pieces) this.#out.write(piece);
    const keepsUp = this.#out.write('\n');
    this.#out.uncork();
    return keepsUp;
  }

  /** The next lines of text, up to the flush size, as one. */
  #takeText(): string {
    let length = 0;
    let end = 0;
    for (const line of this.#lines) {
      if (typeof line !== 'string' || length >= FLUSH_AT) break;
      length += line.length;
      end++;
    }
    const taken = end === this.#lines.length ? this.#lines : this.#lines.splice(0, end);
    if (taken === this.#lines) this.#lines = [];
    this.#length -= length;
    return `${taken.join('\n')}\n`;
  }

  readonly #onDrain = () => {
    this.#full = false;
    this.#flushNow();
    // Not before the backlog is gone: woken at each drain, a thousand producers would add more than one drain takes.
    if (!this.#full) this.#release();
  };

  readonly #onClose = () => {
    this.#closed = true;
    this.#lines = [];
    this.#length = 0;
    this.#full = false;
    this.#release();
  };

  #release(): void {
    this.#backlog?.resolve();
    this.#backlog = undefined;
  }
}

/** The bytes of a line as it goes out. */
export function bytesOf(line: Line): number {
  return typeof line === 'string' ? Buffer.byteLength(line) : lengthOf(line);
}

function lengthOf(line: Line): number {
  return typeof line === 'string' ? line.length : line.reduce((sum, piece) => sum + piece.length, 0);
}
