/** What server and host of the embedding benchmark agree on: text number `n`, and the embedding that belongs to it. */

const TEXT_LENGTH = 500;

/** Text `n`: its number, then words up to 500 characters. */
export function text(n: number): string {
  return `${n} ${'The quick brown fox jumps over the lazy dog. '.repeat(12)}`.slice(0, TEXT_LENGTH);
}

/** The number of a text. */
export function numberOf(text: string): number {
  return Number.parseInt(text, 10);
}

/** A vector of length 1 whose numbers are float32, as a model makes them (mulberry32). */
export function embedding(n: number, dimensions: number): number[] {
  let state = n * 0x9e3779b1;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const vector = Float64Array.from({ length: dimensions }, () => random() + random() + random() - 1.5);
  const length = Math.hypot(...vector);
  return Array.from(vector, value => Math.fround(value / length));
}
