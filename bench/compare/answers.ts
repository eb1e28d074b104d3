/**
 * What the models of the bench's server say. Server and host both know it, so the host can check every answer. A
 * model's UID is its workload: `chunks:20`, `chunks:20:20ms`, `chunks:200000:long`, `clock:100:5ms`, `embedding`, `embedding:64`, `rerank`.
 */

/** A chat model's stream. */
export interface ChatWorkload {
  readonly chunks: number;
  /** Between two chunks; 0 sends all at once. */
  readonly delayMs: number;
  /** `words` are a token or two each, `long` is about 160 characters, `clock` is the time of sending in ns. */
  readonly content: 'words' | 'long' | 'clock';
}

export const PROMPT_TOKENS = 29;

/** Markdown as models write it: one delta in fifteen has to be escaped in JSON, one in 25 is not ASCII. */
const TEXT = `Sure! Here is how the three parts fit together, and what each of them costs.

1. **Parsing** turns bytes into events. It has to be fast, because every token passes through it.
2. **Mapping** gives each event the shape that the host wants; \`null\` is not the same as "".
3. **Writing** joins what belongs together and hands it over in one call.

A short example in a café – naïve, but it works:

\`\`\`js
const reply = await model.ask("Où est la gare?");
\`\`\`

简而言之，速度来自于少做事情。 In short: the fastest code is the code that does not run at all, and the second fastest runs once. `;

const WORDS = TEXT.match(/\s*[\p{L}\p{N}]+|[^\p{L}\p{N}]/gu) ?? [];
const LONG = Array.from({ length: 40 }, (_, at) =>
  Array.from({ length: 45 }, (_none, word) => WORDS[(at * 45 + word) % WORDS.length]).join(''),
);

/** The workload of a chat model's UID. */
export function chatWorkload(uid: string): ChatWorkload {
  const [kind, chunks, ...rest] = uid.split(':');
  const delay = rest.find(part => part.endsWith('ms'));
  return {
    chunks: Number(chunks),
    delayMs: delay === undefined ? 0 : Number.parseInt(delay, 10),
    content: kind === 'clock' ? 'clock' : rest.includes('long') ? 'long' : 'words',
  };
}

/** The text of each delta, but for `clock`. */
export function deltasOf({ chunks, content }: ChatWorkload): string[] {
  const pieces = content === 'long' ? LONG : WORDS;
  return Array.from({ length: chunks }, (_, at) => pieces[at % pieces.length] ?? '');
}

/** Numbers in the vectors of an embedding model. */
export function dimensionsOf(uid: string): number {
  const [, dimensions = 1024] = uid.split(':');
  return Number(dimensions);
}

/** The vectors of an embedding model, as many different ones as a request may have texts: float32, as servers send them. */
export function vectorOf(uid: string, index: number): number[] {
  let state = index + 1;
  return Array.from({ length: dimensionsOf(uid) }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.fround((state / 2 ** 32 - 0.5) / 8);
  });
}

/** The rerank model's score of the document at `index` of `count`. */
export function scoreOf(index: number, count: number): number {
  return Math.fround(((index * 37) % count) / count);
}
