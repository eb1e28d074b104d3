import type { Embeddings, NumberText } from '../../../src/dify/index.ts';
import { ServerError } from '../../../src/http/errors/errors.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import { explainEmpty } from '../empty-texts.ts';
import { inParallel } from '../parallel.ts';
import { type EmbeddingInput, inputText, type Part, splitInputs } from './inputs.ts';
import { readEmbeddings } from './read-embeddings.ts';

/** Parts of one call that are sent side by side: a server spreads them over the replicas of a model. */
const PARTS_AT_ONCE = 4;

/** One call for embeddings, prepared. */
export interface EmbeddingCall {
  readonly server: ModelServer;
  /** As the server knows the model. */
  readonly uid: string;
  /** Texts that go in one request. */
  readonly maxChunks: number;
  /** Sends one request. */
  readonly send: (inputs: readonly EmbeddingInput[], signal: AbortSignal) => Promise<HttpResponse>;
  /** The tokens of inputs that the server did not count. */
  readonly estimate: (inputs: readonly EmbeddingInput[], signal: AbortSignal) => Promise<number>;
}

/** Embeds any number of inputs, in as many requests as that takes. @throws ServerError; the signal's reason */
export async function embed(
  call: EmbeddingCall,
  inputs: readonly EmbeddingInput[],
  signal: AbortSignal,
): Promise<Embeddings> {
  const parts = await inParallel(splitInputs(inputs, call.maxChunks), PARTS_AT_ONCE, signal, (part, either) =>
    embedPart(call, part, either),
  );
  const rows = parts.flatMap(part => part.rows);
  checkLengths(rows, call);
  return { rows, tokens: parts.reduce((sum, part) => sum + part.tokens, 0) };
}

async function embedPart(
  call: EmbeddingCall,
  { inputs, start }: Part,
  signal: AbortSignal,
): Promise<{ rows: readonly NumberText[]; tokens: number }> {
  const response = await call.send(inputs, signal).catch(error => {
    throw explainEmpty(error, inputs.map(inputText), 'text', at => start + at);
  });
  const { rows, tokens } = await readEmbeddings(response, { count: inputs.length, start }, signal);
  const counted = tokens === undefined || tokens > mostTokens(inputs) ? undefined : tokens;
  return { rows, tokens: counted ?? (await call.estimate(inputs, signal)) };
}

/** Tokens that a tokenizer puts around a text. */
const SPECIAL_TOKENS = 2;

/**
 * More tokens than bytes no tokenizer makes. A server that computes several requests together may tell
 * each of them the tokens of all.
 */
function mostTokens(inputs: readonly EmbeddingInput[]): number {
  return inputs.reduce((sum, input) => {
    const text = inputText(input); // an image makes any number of tokens
    return sum + (text === undefined ? Number.POSITIVE_INFINITY : Buffer.byteLength(text) + SPECIAL_TOKENS);
  }, 0);
}

/** The parts of one call come from several replicas, so they too are held against each other. */
function checkLengths(rows: readonly NumberText[], { server, uid }: EmbeddingCall): void {
  const length = rows[0]?.count;
  const odd = rows.findIndex(row => row.count !== length);
  if (odd < 0) return;
  throw new ServerError(
    'uneven-embeddings',
    server,
    `The model ${uid} at ${server.url} gave ${rows[odd]?.count} numbers for text ${odd + 1} and ${length} for text 1`,
  );
}
