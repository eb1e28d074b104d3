import type { RawCredentials } from '../../src/dify/index.ts';
import type { Fields } from '../../src/text/json.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { extraBodyOf, readAdvanced } from '../common/advanced.ts';
import { contextSizeField, numberField, typedField } from '../common/credentials.ts';

/** Longest text, in tokens, where neither the form nor the server says. */
const DEFAULT_CONTEXT = 512;

/** Of 4096 numbers each, and rewritten as the runtime does with what is long, so many fit into a line of a host. */
const DEFAULT_CHUNKS = 64;
const MOST_CHUNKS = 4096;
/** More than any model gives. */
const MOST_DIMENSIONS = 65_536;

/** An answer is planned to stay below this, well under what a host takes in one line. */
const PLANNED_ANSWER_BYTES = 4 * 1024 * 1024;
/** A float32 that is printed as a double, as Xinference does, has up to 24 characters with its comma. */
const BYTES_A_NUMBER = 24;

/** Older servers do not report the ability to take images; these are the families that they serve so. */
const IMAGE_FAMILIES = /clip|jina-embeddings-v4|jina-embeddings-v5-omni|qwen3-vl-embedding/i;

/** What the form of an embedding model has beyond the common fields. */
export interface EmbeddingForm {
  readonly contextSize: number | undefined;
  /** Texts per call. */
  readonly maxChunks: number;
  /** Put before each text of a query. */
  readonly queryPrefix: string;
  /** Numbers a vector; undefined leaves it to the model. */
  readonly dimensions: number | undefined;
  /** Fields that go into each request. */
  readonly extraBody: Fields;
}

/** @throws InvalidCredentialsError */
export function readEmbeddingForm(form: RawCredentials): EmbeddingForm {
  return {
    contextSize: contextSizeField(form),
    maxChunks: numberField(form, 'max_chunks', {
      default: DEFAULT_CHUNKS,
      min: 1,
      max: MOST_CHUNKS,
      whole: true,
    }),
    dimensions: numberField(form, 'dimensions', {
      default: undefined,
      min: 1,
      max: MOST_DIMENSIONS,
      whole: true,
    }),
    extraBody: extraBodyOf(readAdvanced(form)),
    queryPrefix: prefixToSend(typedField(form, 'query_prefix')),
  };
}

/**
 * A line break is typed as `\n`. A blank at the end is seen by nobody and lost to a form that trims, so a single line of
 * Latin script gets one: e5 was trained with `query: `, bge in English with `…passages: `. What ends otherwise (bge in
 * Chinese, with a full-width colon) needs none, and several lines are sent as they were typed: after their `Query:`
 * Qwen3 wants none, multilingual-e5-large-instruct one.
 */
function prefixToSend(typed: string): string {
  const prefix = typed.replaceAll('\\n', '\n');
  return /[!-~]$/.test(prefix) && !prefix.includes('\n') ? `${prefix} ` : prefix;
}

/** What is known of an embedding model: the server's description, overridden by the form. */
export interface EmbeddingModel {
  readonly uid: string;
  /** Longest text in tokens, as Dify is told. */
  readonly contextSize: number;
  /** Longest text in tokens that the model takes; undefined when nothing is known. */
  readonly tokenLimit: number | undefined;
  /** What a server shall cut longer texts to: a number of tokens, or -1 for what it knows of the model. */
  readonly truncateTo: number;
  /** Texts per call, so few that the answer fits into a line. */
  readonly maxChunks: number;
  /** undefined when it is not known: then images are sent, and the server judges. */
  readonly takesImages: boolean | undefined;
  /** Whether it embeds queries and passages in different ways, told apart by the field `task`. */
  readonly takesTask: boolean;
  readonly queryPrefix: string;
  /** Fields that go into each request; `dimensions` among them where the form has a number. */
  readonly fields: Fields;
  /** Numbers a vector that the form wants; undefined leaves it to the model. */
  readonly dimensions: number | undefined;
}

/**
 * @param description undefined where it could not be had
 * @param maxResultBytes what the host takes in one line
 */
export function embeddingModel(
  uid: string,
  description: ModelDescription | undefined,
  form: EmbeddingForm,
  maxResultBytes: number,
): EmbeddingModel {
  const { maxTokens, abilities, name } = description ?? {};
  const dimensions = form.dimensions ?? description?.dimensions;
  const bytes = Math.min(PLANNED_ANSWER_BYTES, maxResultBytes);
  const unmeasured = description === undefined ? DEFAULT_CHUNKS : MOST_CHUNKS;
  const fitting = dimensions === undefined ? unmeasured : Math.floor(bytes / (dimensions * BYTES_A_NUMBER));
  return {
    uid,
    contextSize: form.contextSize ?? maxTokens ?? DEFAULT_CONTEXT,
    ...tokenLimits(form.contextSize, maxTokens),
    maxChunks: Math.max(1, Math.min(form.maxChunks, fitting)),
    takesImages:
      description && (abilities?.includes('embed_vision') === true || IMAGE_FAMILIES.test(name ?? '')),
    takesTask: Number(/jina-embeddings-v(\d+)/i.exec(name ?? '')?.[1]) >= 3,
    queryPrefix: form.queryPrefix,
    fields: { ...form.extraBody, ...(form.dimensions !== undefined && { dimensions: form.dimensions }) },
    dimensions: form.dimensions,
  };
}

/** A model can be launched with less than its family takes; only the user knows that. */
function tokenLimits(
  typed: number | undefined,
  reported: number | undefined,
): Pick<EmbeddingModel, 'tokenLimit' | 'truncateTo'> {
  return typed !== undefined && typed < (reported ?? Number.POSITIVE_INFINITY)
    ? { tokenLimit: typed, truncateTo: typed }
    : { tokenLimit: reported, truncateTo: -1 };
}
