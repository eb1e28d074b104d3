import { setImmediate } from 'node:timers/promises';
import type { NumberText } from '../../../src/dify/index.ts';
import type { FailureCode, ServerError } from '../../../src/http/errors/errors.ts';
import { errorIn } from '../../../src/http/errors/stream-errors.ts';
import { parseResponseJson, readBlocks, unexpectedBody } from '../../../src/http/response/body.ts';
import { LONGEST_EMBEDDING_REST } from '../../../src/http/response/bounds.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { LONG, ownTurn } from '../../../src/http/response/own-turn.ts';
import { briefly } from '../../../src/text/briefly.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import { countOf } from '../answer/usage.ts';
import { NumberLists } from './number-lists.ts';

/** More texts are never sent in one request. */
const MOST_LISTS = 50_000;
/** Numbers that are printed without a break. */
const SLICE = 16_384;

/** The texts that were sent in one request. */
export interface SentTexts {
  readonly count: number;
  /** Place of the first of them in the host's request; messages count from 1. */
  readonly start: number;
}

/** What a server answered to one request for embeddings. */
export interface EmbeddingAnswer {
  /** One for each text, in the order of the texts. */
  readonly rows: readonly NumberText[];
  /** As the server counted; undefined when it did not. */
  readonly tokens: number | undefined;
}

/**
 * Reads the answer of `/v1/embeddings` and checks it: a row of finite numbers for each text, placed by its `index`, see
 * {@link placesOf}.
 * @throws ServerError that says which text has no proper embedding; the signal's reason
 */
export async function readEmbeddings(
  response: HttpResponse,
  texts: SentTexts,
  signal: AbortSignal,
): Promise<EmbeddingAnswer> {
  const lists = await readLists(response, signal);
  const rest = lists.end();
  if (rest.length > LONGEST_EMBEDDING_REST) throw tooLong(response); // an unfinished list was no list
  if (rest.length > LONG) await ownTurn();
  const reader = new RowReader(response, lists, texts);
  const value = parseObject(response, rest);
  if (value !== undefined) {
    return { rows: await reader.read(value['data']), tokens: readTokens(value['usage']) };
  }
  // Python prints NaN and Infinity, which are no JSON. With holes in their place it can be told which text has them.
  await setImmediate(); // the text may be long, and has been parsed in this turn already
  const holes = rest.replace(/[+-]?\b(?:NaN|Infinity|nan|inf)\b/g, 'null');
  await setImmediate();
  const holed = parseObject(response, holes);
  if (holed !== undefined) await reader.read(holed['data']);
  throw unexpectedBody(response, rest);
}

async function readLists(response: HttpResponse, signal: AbortSignal): Promise<NumberLists> {
  const lists = new NumberLists();
  await readBlocks(response, signal, block => {
    lists.push(block);
    if (lists.restLength > LONGEST_EMBEDDING_REST || lists.count > MOST_LISTS) throw tooLong(response);
  });
  return lists;
}

function tooLong(response: HttpResponse): ServerError {
  return errorIn(response, 'too-many-numbers', `The answer of ${response.url} is too long to be of use`);
}

/** Puts the rows of an answer into the order of the texts. */
class RowReader {
  readonly #response: HttpResponse;
  readonly #lists: NumberLists;
  readonly #texts: SentTexts;

  constructor(response: HttpResponse, lists: NumberLists, texts: SentTexts) {
    this.#response = response;
    this.#lists = lists;
    this.#texts = texts;
  }

  async read(data: unknown): Promise<NumberText[]> {
    if (!Array.isArray(data)) throw this.#broken('lists no embeddings');
    const { count } = this.#texts;
    if (data.length > count) throw this.#broken(`has ${data.length} embeddings for ${count} texts`);
    const rows = new Map<number, NumberText>();
    const places = placesOf(data.map(indexOf), count);
    for (const [at, entry] of data.entries()) {
      const index = places[at];
      if (index === undefined) throw this.#broken('has an embedding without an index among others with one');
      if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= count) {
        throw this.#broken(`has an embedding with the index ${briefly(index)} for ${count} texts`);
      }
      if (rows.has(index)) throw this.#broken(`has two embeddings for ${this.#text(index)}`);
      const embedding: unknown = isObject(entry) ? entry['embedding'] : undefined;
      rows.set(index, this.#lists.listOf(embedding) ?? (await this.#print(embedding, index)));
    }
    return Array.from({ length: count }, (_, index) => {
      const row = rows.get(index);
      if (row !== undefined) return row;
      throw this.#broken(
        `has ${rows.size} embeddings for ${count} texts: the one of ${this.#text(index)} is missing`,
      );
    });
  }

  /** A row that was not taken as it stood: one that is written unusually, or none at all. */
  async #print(value: unknown, index: number): Promise<NumberText> {
    if (!Array.isArray(value) || value.length === 0) {
      throw this.#broken(`has no list of numbers for ${this.#text(index)}`);
    }
    const pieces: Buffer[] = [];
    for (let from = 0; from < value.length; from += SLICE) {
      const numbers = value.slice(from, from + SLICE);
      if (!numbers.every(Number.isFinite)) throw this.#notFinite(numbers, index);
      pieces.push(Buffer.from(`${from === 0 ? '' : ','}${JSON.stringify(numbers).slice(1, -1)}`));
      await setImmediate();
    }
    return { pieces, count: value.length };
  }

  /** Servers that write JSON by its rules send null for NaN. */
  #notFinite(values: readonly unknown[], index: number): ServerError {
    const isNumber = values.every(value => value === null || typeof value === 'number');
    const what = `has something else than a finite number in the embedding of ${this.#text(index)}`;
    return this.#broken(what, isNumber ? 'not-a-number' : 'broken-answer');
  }

  #text(index: number): string {
    return `text ${this.#texts.start + index + 1}`;
  }

  #broken(what: string, code: FailureCode = 'broken-answer'): ServerError {
    return errorIn(this.#response, code, `The answer of ${this.#response.url} ${what}`);
  }
}

function indexOf(entry: unknown): unknown {
  return isObject(entry) ? (entry['index'] ?? undefined) : undefined;
}

/**
 * Which text each row belongs to. Some servers count over all requests that they happen to compute together
 * (9, 10, 11 for three texts), so a run without gaps counts from its lowest. Without any index the rows are in order.
 * @returns the indexes as they came where they are neither
 */
function placesOf(indexes: readonly unknown[], count: number): readonly unknown[] {
  if (indexes.every(index => index === undefined)) return [...indexes.keys()];
  const numbers = indexes.filter(
    index => typeof index === 'number' && Number.isSafeInteger(index),
  ) as number[];
  const lowest = numbers.reduce((least, index) => Math.min(least, index), Number.POSITIVE_INFINITY);
  const isRun =
    numbers.length === indexes.length &&
    lowest > 0 &&
    new Set(numbers).size === count &&
    numbers.every(index => index < lowest + count);
  return isRun ? numbers.map(index => index - lowest) : indexes;
}

function parseObject(response: HttpResponse, text: string): Fields | undefined {
  const value = parseResponseJson(response, text);
  return isObject(value) ? value : undefined;
}

/** Engines that do not count say -1 or 0, or nothing. */
function readTokens(usage: unknown): number | undefined {
  const { prompt_tokens, total_tokens } = (usage ?? {}) as Record<string, unknown>;
  return countOf(total_tokens) ?? countOf(prompt_tokens);
}
