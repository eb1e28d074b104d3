/** On how many places of the vector a word falls. */
const places = 8;

/**
 * A vector of length 1 for a text: each of its words falls on a few places of the vector, so texts that share words are
 * closer than texts that do not. The same text always gives the same vector. Its numbers are float32 and take as
 * many characters in JSON as a real server's.
 */
export function embed(text: string, dimensions: number): number[] {
  const vector = new Float64Array(dimensions);
  // A faint trace of the text itself: no place is zero, and no two texts share a vector.
  const trace = generator(text);
  for (let at = 0; at < dimensions; at++) vector[at] = (trace() - 0.5) / (4 * Math.sqrt(dimensions));
  for (const word of words(text)) {
    const random = generator(word);
    // Short words say little: "of" and "the" bring no two texts together.
    const weight = word.length > 3 || /\P{ASCII}/u.test(word) ? 1 : 0.2;
    for (let place = 0; place < places; place++) {
      const at = Math.floor(random() * dimensions);
      vector[at] = (vector[at] ?? 0) + (random() < 0.5 ? -weight : weight);
    }
  }
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return Array.from(vector, value => Math.fround(value / length));
}

/** The cosine of the angle between two vectors of one length. */
export function cosine(left: readonly number[], right: readonly number[]): number {
  const dot = (a: readonly number[], b: readonly number[]) =>
    a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
  return dot(left, right) / Math.sqrt(dot(left, left) * dot(right, right));
}

/** Words in lower case, cut to a stem of six letters; where a script does not part its words, single characters. */
function words(text: string): string[] {
  const found = text
    .toLowerCase()
    .match(/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+/gu);
  return (found ?? []).map(word => word.slice(0, 6));
}

/** Numbers from 0 to 1 that depend on `seed` alone (FNV-1a, then mulberry32). */
function generator(seed: string): () => number {
  let state = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) state = Math.imul(state ^ seed.charCodeAt(at), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
