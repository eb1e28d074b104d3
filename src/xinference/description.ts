import { readJsonObject } from './body.ts';
import type { XinferenceClient } from './client.ts';
import { XinferenceError } from './errors.ts';
import type { XinferenceServer } from './server.ts';

/** What a server says about a running model. Servers of every age leave fields out: each but the type may be missing. */
export interface ModelDescription {
  /** `LLM`, `embedding`, `rerank`, `audio`, `image`, `video`, `flexible`. */
  readonly modelType: string;
  readonly name: string | undefined;
  readonly family: string | undefined;
  /** `chat`, `generate`, `tools`, `vision`, ... undefined where the server does not tell. */
  readonly abilities: readonly string[] | undefined;
  /** `vLLM`, `SGLang`, `Transformers`, `llama.cpp`, `MLX`, ... */
  readonly engine: string | undefined;
  /** Nominal context of the family in tokens; what the model was launched with is not told. */
  readonly contextLength: number | undefined;
  /** Longest input of an embedding model, in tokens. */
  readonly maxTokens: number | undefined;
  /** Length of an embedding. */
  readonly dimensions: number | undefined;
  readonly languages: readonly string[] | undefined;
  readonly replicas: number | undefined;
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
    contextLength: countOf(fields['context_length']),
    maxTokens: countOf(fields['max_tokens']),
    dimensions: countOf(fields['dimensions']),
    languages: textsOf(fields['model_lang'] ?? fields['language']),
    replicas: countOf(fields['replica']),
  };
}

/**
 * Asks a server about one model.
 * @throws XinferenceError; `not-found` when the server does not have it
 */
export async function describeModel(
  client: XinferenceClient,
  server: XinferenceServer,
  uid: string,
  signal: AbortSignal,
): Promise<ModelDescription> {
  const path = `/v1/models/${encodeURIComponent(uid)}`;
  try {
    const answer = await client.send(server, { method: 'GET', path, signal, maxRetries: 0 });
    const description = parseDescription(await readJsonObject(answer, signal));
    if (description !== undefined) return description;
    throw new XinferenceError(
      'broken-answer',
      `${server.url}${path} does not describe a model. Check that the server URL is the address of Xinference itself.`,
    );
  } catch (error) {
    const unknown = error instanceof XinferenceError && (error.status === 400 || error.status === 404);
    if (!unknown || !uid.includes('/')) throw error;
  }
  // A server decodes the path before it routes, so it never finds a uid with a slash in it.
  const found = (await listModels(client, server, signal)).find(model => model.uid === uid);
  if (found !== undefined) return found.description;
  throw new XinferenceError('not-found', `${server.url} runs no model with the UID ${JSON.stringify(uid)}.`, {
    status: 404,
  });
}

/** The running models of a server. @throws XinferenceError */
export async function listModels(
  client: XinferenceClient,
  server: XinferenceServer,
  signal: AbortSignal,
): Promise<ListedModel[]> {
  const answer = await client.send(server, { method: 'GET', path: '/v1/models', signal, maxRetries: 0 });
  const { data } = await readJsonObject(answer, signal);
  if (!Array.isArray(data)) {
    throw new XinferenceError(
      'broken-answer',
      `${server.url}/v1/models does not list models. Check that the server URL is the address of Xinference itself.`,
    );
  }
  const models: ListedModel[] = [];
  for (const entry of data) {
    const description = parseDescription(entry);
    const uid = description && textOf((entry as Record<string, unknown>)['id']);
    if (uid !== undefined && description !== undefined) models.push({ uid, description });
  }
  return models;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter(entry => typeof entry === 'string');
}

function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
