const NEWLINE = 0x0a;
/** Of a line that is too long, enough is kept to find its session id. */
const KEPT_OF_OVERSIZED = 4096;

/** Where lines go. Called while `push` runs, in the order of the lines. */
export interface LineSink {
  /** One line without its newline; blank lines are left out. */
  onLine(line: Buffer): void;
  /** The first bytes of a line that passed the limit and was skipped. */
  onOversizedLine(start: Buffer): void;
}

/**
 * Cuts a stream of bytes into lines, in time linear in the bytes: the pieces of an unfinished line are kept in a list
 * and joined once. (Joining at every piece made a 20 MB line seventy times slower.) Cutting happens on bytes, so a
 * character that is split over two pieces stays whole.
 */
export class LineReader {
  readonly #sink: LineSink;
  readonly #maxLineBytes: number;
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(sink: LineSink, maxLineBytes = 256 * 1024 * 1024) {
    this.#sink = sink;
    this.#maxLineBytes = maxLineBytes;
  }

  /** Whether a line has begun that is not over. */
  get isInLine(): boolean {
    return this.#length > 0;
  }

  push(bytes: Buffer): void {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      this.#add(bytes.subarray(start, end));
      this.#finishLine();
      start = end + 1;
    }
    if (start < bytes.length) this.#add(bytes.subarray(start));
  }

  /** The stream is over: what came after the last newline counts as a line. */
  end(): void {
    this.#finishLine();
  }

  #add(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#length += piece.length;
    if (this.#length <= this.#maxLineBytes) this.#pieces.push(piece);
    else {
      const kept = Math.min(this.#length, KEPT_OF_OVERSIZED);
      this.#pieces = [Buffer.concat([...this.#pieces, piece], kept)];
    }
  }

  #finishLine(): void {
    if (this.#length === 0) return;
    const [first] = this.#pieces;
    const line = this.#pieces.length === 1 && first ? first : Buffer.concat(this.#pieces);
    const oversized = this.#length > this.#maxLineBytes;
    this.#pieces = [];
    this.#length = 0;
    if (oversized) this.#sink.onOversizedLine(line);
    else this.#sink.onLine(line);
  }
}
