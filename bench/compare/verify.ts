import { chatWorkload, deltasOf, dimensionsOf, PROMPT_TOKENS, scoreOf, vectorOf } from './answers.ts';

/** One result of a session, as it came. */
export interface Result {
  /** In ms of `performance.now()`. */
  readonly at: number;
  readonly data: unknown;
}

/** Float32 have nine digits that count. */
const PRECISION = 1e-8;

/**
 * The text of a streamed answer: ours, or the server's own chunks as a raw relay passes them.
 * @throws Error when a chunk is neither
 */
export function textOf(data: unknown): string {
  const { delta, choices } = data as { delta?: { message: { content: string } }; choices?: unknown[] };
  if (delta !== undefined) return delta.message.content;
  const [choice] = choices as { delta: { content: string } }[];
  return choice?.delta.content ?? '';
}

/** @throws Error unless the results are the whole answer of that model, to the letter */
export function verifyChat(uid: string, results: readonly Result[]): void {
  const workload = chatWorkload(uid);
  const text = results.map(result => textOf(result.data)).join('');
  const last = JSON.stringify(results.at(-1)?.data);
  if (!last.includes('"stop"') || !last.includes(`"prompt_tokens":${PROMPT_TOKENS}`))
    throw new Error(`${uid} ended with ${last}`);
  if (workload.content !== 'clock' && text !== deltasOf(workload).join(''))
    throw new Error(`${uid} was answered with ${text.length} other characters`);
}

/**
 * @param perRequest texts in each request to the server, which knows no more vectors than that
 * @throws Error unless there are `count` vectors of that model, each the server's
 */
export function verifyEmbeddings(
  uid: string,
  count: number,
  results: readonly Result[],
  perRequest = count,
): void {
  const [result] = results;
  const { embeddings, data } = (result?.data ?? {}) as {
    embeddings?: number[][];
    data?: { embedding: number[] }[];
  };
  const rows = embeddings ?? data?.map(row => row.embedding) ?? [];
  if (results.length !== 1 || rows.length !== count) throw new Error(`${rows.length} vectors, not ${count}`);
  for (const [index, row] of rows.entries()) {
    const expected = vectorOf(uid, index % perRequest);
    if (row.length !== dimensionsOf(uid) || row.some((value, at) => !isSame(value, expected[at] ?? 0)))
      throw new Error(`the vector ${index} is another`);
  }
}

/** @throws Error unless the documents are ranked as the server did, each with its own text */
export function verifyRanking(docs: readonly string[], results: readonly Result[]): void {
  const { docs: ranked, results: raw } = (results[0]?.data ?? {}) as {
    docs?: { index: number; text: string; score: number }[];
    results?: { index: number; relevance_score: number }[];
  };
  const rows =
    ranked ?? raw?.map(({ index, relevance_score: score }) => ({ index, score, text: docs[index] }));
  const order = docs.map((_, index) => index);
  order.sort((a, b) => scoreOf(b, docs.length) - scoreOf(a, docs.length));
  const isRanked =
    rows?.length === docs.length &&
    rows.every(
      ({ index, score, text }, place) =>
        index === order[place] && text === docs[index] && isSame(score, scoreOf(index, docs.length)),
    );
  if (!isRanked) throw new Error('the ranking is another');
}

function isSame(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= PRECISION * Math.abs(expected);
}
