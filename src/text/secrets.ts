import { type Needle, Needles } from './needles.ts';
import { Unescaped } from './unescaped.ts';

/** What is shorter is nobody's secret: people type `x` where a key is not needed. */
const SHORTEST_SECRET = 4;
/** What is shorter could stand anywhere by chance, in base64 most of all. */
const SHORTEST_FREE = 8;
/** Words and numbers up to this length are typed where a key is not needed, and belong to sentences and addresses. */
const LONGEST_WORD = 15;
/** Escapes within escapes, such as JSON in JSON in a URL. */
const MOST_LAYERS = 6;

const STRUCK = '***';

/**
 * Secrets, and how to strike them out of texts that somebody else wrote, however they are spelled: with the escapes of
 * JSON, of URLs and of pages, one within the other; in base64 and in hexadecimal digits, as a part of more or alone; in
 * upper or lower case; cut short. The work is linear in the length of the text, whatever it says and whatever the secrets are.
 */
export class Secrets {
  readonly #values: ReadonlySet<string>;
  #needles: Needles | undefined;

  constructor(values: Iterable<string | undefined>) {
    const known = [...values].filter(value => value !== undefined);
    // `Bearer` and a key, or the name of a cookie and its value, are sent together, and repeated apart.
    const parts = known
      .flatMap(value => value.split(/[\s;]+/))
      .flatMap(part => [part, part.slice(part.indexOf('=') + 1)])
      .filter(part => part.length >= SHORTEST_FREE);
    this.#values = new Set([...known.map(value => value.trim()), ...parts].filter(isSecret));
  }

  /** Strikes them out of what somebody else wrote: words too, where they stand alone. */
  strikeOut(text: string): string {
    return this.#strike(text, true);
  }

  /** Strikes them out of a text with words of our own, which a secret that is a word must not garble. */
  strikeOutOfOurs(text: string): string {
    return this.#strike(text, false);
  }

  #strike(text: string, isOfOthers: boolean): string {
    if (this.#values.size === 0 || text === '') return text;
    this.#needles ??= new Needles([...this.#values].flatMap(needlesFor));
    const bytes = Buffer.from(text);
    const struck = new Spans(bytes.length);
    const read = new Unescaped(bytes);
    for (let layer = 0; layer === 0 || (layer <= MOST_LAYERS && read.undo()); layer++) {
      this.#needles.search(read.bytes, isOfOthers, (from, to) =>
        struck.add(read.origin(from), read.origin(to)),
      );
    }
    return struck.isEmpty ? text : struck.replacedIn(bytes);
  }
}

function isSecret(value: string): boolean {
  return value.length >= SHORTEST_SECRET;
}

function needlesFor(value: string): Needle[] {
  const bytes = Buffer.from(value);
  if (bytes.length < SHORTEST_FREE) return [{ bytes: new Unescaped(bytes).bytes, isWord: true }];
  const isWord = bytes.length <= LONGEST_WORD && /^(?:[a-z][a-z_.,:/ -]*|[\d.,:/ -]+)$/i.test(value);
  const encoded = [...base64Of(bytes), bytes.toString('hex')].map(text => Buffer.from(text.toLowerCase()));
  return [
    ...layersOf(bytes).map(layer => ({ bytes: layer, isWord })),
    ...encoded.map(text => ({ bytes: text, isWord: false })),
  ];
}

/** A secret that has escapes in itself reads otherwise where those around it have been undone. */
function layersOf(bytes: Uint8Array): Uint8Array[] {
  const read = new Unescaped(bytes);
  const layers: Uint8Array[] = [];
  do layers.push(read.bytes.slice());
  while (layers.length <= MOST_LAYERS && read.undo() && read.bytes.length >= SHORTEST_FREE);
  return layers;
}

/** What of a text's base64 does not depend on what stands before and behind it, for each of its three alignments. */
function base64Of(bytes: Buffer): string[] {
  const texts = [0, 1, 2].map(shift => {
    const base64 = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    return base64.slice(Math.ceil((shift * 8) / 6), Math.floor(((shift + bytes.length) * 8) / 6));
  });
  return [...new Set([...texts, ...texts.map(text => text.replaceAll('+', '-').replaceAll('/', '_'))])];
}

/** Pieces of a text, which may overlap. */
class Spans {
  /** Where the longest of those that begin at an index ends. */
  readonly #ends: Int32Array;
  #isEmpty = true;

  constructor(length: number) {
    this.#ends = new Int32Array(length);
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  add(from: number, to: number): void {
    this.#isEmpty = false;
    this.#ends[from] = Math.max(this.#ends[from] ?? 0, to);
  }

  /** The text with one mark in place of each run of pieces. */
  replacedIn(text: Buffer): string {
    const kept: string[] = [];
    let keptFrom = 0;
    let struckTo = 0;
    for (const [index, end] of this.#ends.entries()) {
      if (end === 0) continue;
      if (index > struckTo || (index === 0 && struckTo === 0)) {
        kept.push(text.toString('utf8', keptFrom, index), STRUCK);
      }
      if (end > struckTo) keptFrom = struckTo = end;
    }
    kept.push(text.toString('utf8', keptFrom));
    return kept.join('');
  }
}
