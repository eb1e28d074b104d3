import type { HttpClient } from '../http/client.ts';
import { ServerError } from '../http/errors/errors.ts';
import { readJsonObject } from '../http/response/body.ts';
import type { ModelServer } from '../http/server.ts';

const SHOWN_UIDS = 20;
const SHOWN_OF_A_UID = 100;

/** What a server says about a running model. Servers of every age leave fields out: each but the type may be missing. */
export interface ModelDescription {
  /** `LLM`, `embedding`, `rerank`, `audio`, `image`, `video`, `flexible`. */
  readonly modelType: string;
  readonly name: string | undefined;
  readonly family: string | undefined;
  /** `chat`, `generate`, `tools`, `vision`, ... undefined where the server does not tell. */
  readonly abilities: readonly string[] | undefined;
  /** `vLLM`, `SGLang`, `Transformers`, `llama.cpp`, `MLX`, ... Not told of an LLM before 3.1.0. */
  readonly engine: string | undefined;
  /** Of the model's files: `pytorch`, `gptq`, `awq`, `fp8`, `ggufv2`, `mlx`, ... */
  readonly format: string | undefined;
  /** Nominal context of the family in tokens; what the model was launched with is not told. */
  readonly contextLength: number | undefined;
  /** Of a rerank model: `normal`, `LLM-based`, `LLM-based layerwise`. */
  readonly rerankType: string | undefined;
  /** Longest input of an embedding model, in tokens. */
  readonly maxTokens: number | undefined;
  /** Length of an embedding. */
  readonly dimensions: number | undefined;
  readonly replicas: number | undefined;
  /** Whether a rerank model has given scores outside 0 to 1, which no server tells: answers showed it to this plugin. */
  readonly showedLogits: true | undefined;
}

/** One entry of the list of running models. */
export interface ListedModel {
  readonly uid: string;
  readonly description: ModelDescription;
}

/** @returns undefined when `value` describes no model */
export function parseDescription(value: unknown): ModelDescription | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const modelType = textOf(fields['model_type']);
  if (modelType === undefined) return undefined;
  return {
    modelType,
    name: textOf(fields['model_name']),
    family: textOf(fields['model_family']),
    abilities: textsOf(fields['model_ability']),
    engine: textOf(fields['model_engine']),
    format: textOf(fields['model_format']),
    rerankType: textOf(fields['type']),
    contextLength: countOf(fields['context_length']),
    maxTokens: countOf(fields['max_tokens']),
    dimensions: countOf(fields['dimensions']),
    replicas: countOf(fields['replica']),
    showedLogits: fields['showed_logits'] === true || undefined,
  };
}

/** Writes a description as a server does, so that {@link parseDescription} reads it again. */
export function formatDescription(description: ModelDescription): Record<string, unknown> {
  return {
    model_type: description.modelType,
    model_name: description.name,
    model_family: description.family,
    model_ability: description.abilities,
    model_engine: description.engine,
    model_format: description.format,
    type: description.rerankType,
    context_length: description.contextLength,
    max_tokens: description.maxTokens,
    dimensions: description.dimensions,
    replica: description.replicas,
    showed_logits: description.showedLogits,
  };
}

/** One segment of a path, also where it would name the folder that it stands in or the one above. */
function segmentOf(uid: string): string {
  return uid === '.' || uid === '..' ? uid.replaceAll('.', '%2E') : encodeURIComponent(uid.toWellFormed());
}

/**
 * Asks a server about one model.
 * @throws ServerError; status 400 or 404 when the server does not run it
 */
export async function describeModel(
  client: HttpClient,
  server: ModelServer,
  uid: string,
  signal: AbortSignal,
): Promise<ModelDescription> {
  const path = `/v1/models/${segmentOf(uid)}`;
  try {
    const response = await client.send(server, { method: 'GET', path, signal, maxRetries: 0 });
    const description = parseDescription(await readJsonObject(response, signal));
    if (description !== undefined) return description;
    throw new ServerError('no-answer', server, `${response.url} does not describe a model`, { path });
  } catch (error) {
    // A server decodes the path before it routes, so it never finds a uid with a slash in it.
    if (!isUnknown(error) || !uid.includes('/')) throw error;
    const models = await listModels(client, server, signal);
    const found = models.find(model => model.uid === uid);
    if (found === undefined) throw unknownModel(server, uid, models, error);
    return found.description;
  }
}

/**
 * A better error than the server's own for a model that it does not run: one that lists what it does run.
 * @returns the same error when it is about something else, or when there is no list to be had
 */
export async function explainUnknown(
  client: HttpClient,
  server: ModelServer,
  uid: string,
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (!isUnknown(error)) return error;
  const models = await listModels(client, server, signal).catch(() => undefined);
  signal.throwIfAborted();
  // A list is some seconds old: one that still holds the model explains nothing.
  return models?.every(model => model.uid !== uid) ? unknownModel(server, uid, models, error) : error;
}

function isUnknown(error: unknown): boolean {
  return error instanceof ServerError && (error.status === 400 || error.status === 404);
}

function unknownModel(
  server: ModelServer,
  uid: string,
  models: readonly ListedModel[],
  cause: unknown,
): ServerError {
  const named = models.find(model => model.description.name === uid);
  const uids = models.map(model => model.uid);
  const quoted = (text: string) => server.gate.quote(text, SHOWN_OF_A_UID);
  const running =
    uids.length === 0
      ? 'It runs none at all'
      : `It runs: ${uids.slice(0, SHOWN_UIDS).map(quoted).join(', ')}${uids.length > SHOWN_UIDS ? ', …' : ''}`;
  const found =
    named === undefined ? running : `That is the name of the model with the UID ${quoted(named.uid)}`;
  return new ServerError(
    'model-not-running',
    server,
    `${server.url} runs no model with the UID "${quoted(uid)}". ${found}`,
    { cause },
  );
}

/** The running models of a server. @throws ServerError */
export async function listModels(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<ListedModel[]> {
  const response = await client.send(server, { method: 'GET', path: '/v1/models', signal, maxRetries: 0 });
  const { data } = await readJsonObject(response, signal);
  if (!Array.isArray(data)) {
    throw new ServerError('no-answer', server, `${response.url} does not list models`);
  }
  const models: ListedModel[] = [];
  for (const entry of data) {
    const description = parseDescription(entry);
    const uid = description && textOf((entry as Record<string, unknown>)['id']);
    if (uid !== undefined && description !== undefined) models.push({ uid, description });
  }
  return models;
}

/** A description is kept for half an hour, and those of a thousand models are: each takes 10 kB at most. */
const LONGEST_TEXT = 200;
const MOST_TEXTS = 40;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT ? value : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MOST_TEXTS).filter(entry => textOf(entry) !== undefined);
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
