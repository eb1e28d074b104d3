/** Characters beyond the limit that are looked at, so that what ends near it is not taken for an end of its own. */
const MARGIN = 64;

interface Segmenters {
  readonly sentences: Intl.Segmenter;
  readonly words: Intl.Segmenter;
  readonly clusters: Intl.Segmenter;
}
let segmenters: Segmenters | undefined;

/** Made when the first long text comes: 30 ms that the start keeps. */
function segmentersOnce(): Segmenters {
  segmenters ??= {
    sentences: new Intl.Segmenter('und', { granularity: 'sentence' }),
    words: new Intl.Segmenter('und', { granularity: 'word' }),
    clusters: new Intl.Segmenter('und', { granularity: 'grapheme' }),
  };
  return segmenters;
}

/**
 * A full stop after one of these, or after a single capital, ends no sentence. The segmenter knows no abbreviations: the
 * locale key that ICU has for them is not part of `Intl`.
 */
const ABBREVIATION =
  /(?:^|[^\p{L}\p{N}])(?:\p{Lu}|Mr|Mrs|Ms|Mx|Dr|Prof|Rev|Hon|St|Sr|Jr|Gen|Col|Capt|Lt|Sgt|vs|etc|al|cf|No|Nr|Nos|Vol|Fig|Eq|Ch|pp?|ed|eds|Inc|Ltd|Co|Corp|Ave|Blvd|Rd|Dept|approx|e\.g|i\.e|a\.m|p\.m|ca|bzw|usw|vgl|Hr|Fr|Str|z\.B|d\.h|Mme|Mlle|Sra?|Dña|Ud|Uds)\.\s*$/u;
/** The longest of them, with blanks around. */
const ABBREVIATION_ROOM = 16;
/** Ends of clauses: of a comma only with a blank after it, because numbers have commas. */
const CLAUSE_END = /[，；：、…—]|[,;:–](?=\s)|\n/gu;

/**
 * Cuts a text into pieces of at most `limit` UTF-16 units: at the last end of a sentence that fits, else of a clause, else
 * between words, and within one only where it is longer than a piece. A cluster that makes one character to the eye stays
 * whole if it fits. Nothing is lost but blanks at the cuts. Lazy, and the work for a piece does not grow with the text.
 * @param limit at least 2
 */
export function* splitText(text: string, limit: number): Generator<string, void, undefined> {
  let rest = text.trim();
  while (rest.length > limit) {
    const cut = cutOf(rest.slice(0, limit + MARGIN), limit);
    yield rest.slice(0, cut).trimEnd();
    rest = rest.slice(cut).trimStart();
  }
  if (rest !== '') yield rest;
}

/** @param start of a text that goes on */
function cutOf(start: string, limit: number): number {
  const clusters = segmentersOnce().clusters.segment(start);
  for (const ends of [sentenceEnds, clauseEnds, wordEnds, clusterEnds]) {
    let cut = 0;
    for (const end of ends(start)) {
      if (start.slice(0, end).trimEnd().length > limit) break;
      // Unicode's words do not always end where its clusters do.
      if (clusters.containing(end)?.index === end) cut = end;
    }
    if (cut > 0) return cut;
  }
  return isHighSurrogate(start.charCodeAt(limit - 1)) ? limit - 1 : limit;
}

// What ends with the window itself is not known to end there, so the last end of each is left out.

function* sentenceEnds(text: string): Generator<number> {
  for (const { index } of segmentersOnce().sentences.segment(text)) {
    if (index > 0 && !ABBREVIATION.test(text.slice(Math.max(0, index - ABBREVIATION_ROOM), index)))
      yield index;
  }
}

function* clauseEnds(text: string): Generator<number> {
  for (const { 0: mark, index } of text.matchAll(CLAUSE_END)) {
    if (index + mark.length < text.length) yield index + mark.length;
  }
}

/** Not before a mark that belongs to the word before it. */
function* wordEnds(text: string): Generator<number> {
  for (const { index, segment } of segmentersOnce().words.segment(text)) {
    if (index > 0 && !/^[\p{Pe}\p{Pf}\p{Po}]/u.test(segment)) yield index;
  }
}

function* clusterEnds(text: string): Generator<number> {
  for (const { index } of segmentersOnce().clusters.segment(text)) if (index > 0) yield index;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
