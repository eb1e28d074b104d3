/** A line, its newline counted, of more bytes than this makes a real host kill the plugin. */
const lineLimit = 5_242_880;

/** Thrown at a line over the limit. */
export class LongLine extends Error {}

/** Cuts bytes into lines, however the bytes arrive. */
export class LineCutter {
  #pending: Buffer[] = [];
  #length = 0;

  /** The lines that end in `chunk`, without their newlines. Throws `LongLine`. */
  *cut(chunk: Buffer): Generator<string> {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = this.#add(chunk.subarray(start, end + 1));
      start = end + 1;
      yield line.toString('utf8', 0, line.length - 1);
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  #add(end: Buffer): Buffer {
    this.#keep(end);
    const line = this.#pending.length === 1 ? end : Buffer.concat(this.#pending);
    this.#pending = [];
    this.#length = 0;
    return line;
  }

  #keep(piece: Buffer): void {
    this.#pending.push(piece);
    this.#length += piece.length;
    if (this.#length > lineLimit)
      throw new LongLine(`a line over ${lineLimit} bytes, for which a host kills the plugin`);
  }
}
