/** Buffers of this many bytes are kept for what comes next; longer ones are given back. */
const KEPT = 64 * 1024;
const FIRST = 512;

/**
 * Bytes that come in pieces and are wanted in one. They are copied: a list of pieces costs a hundred bytes for each, and a
 * million pieces may come of a body of a million bytes. Room doubles, so each byte is copied twice at most.
 */
export class GrowingBuffer {
  #room = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafeSlow(Math.max(FIRST, 2 * length));
      room.set(this.#room.subarray(0, this.#length));
      this.#room = room;
    }
    this.#room.set(bytes, this.#length);
    this.#length = length;
  }

  /** @returns all of it as UTF-8; then it is empty */
  takeText(): string {
    const text = this.#room.toString('utf8', 0, this.#length);
    this.#length = 0;
    if (this.#room.length > KEPT) this.#room = Buffer.alloc(0);
    return text;
  }
}
