import type { HttpClient } from '../http/client.ts';
import { LONGEST_JSON, readBody } from '../http/response/body.ts';
import type { ModelServer } from '../http/server.ts';
import { isObject, parsed } from '../text/json.ts';

/** One process that serves a model. */
export interface Replica {
  /** `READY`, `CREATING`, `UPDATING`, `LOADING`, `TERMINATING` or `ERROR`; undefined where the server does not tell. */
  readonly status: string | undefined;
  /** What a failed one says; empty when it says nothing. */
  readonly error: string;
}

/** How far a model is, replica by replica. The list of models shows one before it answers; this tells. */
export interface ModelInstance {
  readonly uid: string;
  readonly status: string | undefined;
  readonly replicas: readonly Replica[];
}

/**
 * The models that a server runs, starts or has failed to start.
 * @returns empty where the answer is no list
 * @throws ServerError; an old server takes the path for that of a model, and answers `bad-request`
 */
export async function listInstances(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<ModelInstance[]> {
  const answer = await client.send(server, {
    method: 'GET',
    path: '/v1/models/instances',
    signal,
    maxRetries: 0,
  });
  const value = parsed((await readBody(answer, signal, LONGEST_JSON)).toString('utf8'));
  return Array.isArray(value) ? value.map(instanceOf).filter(instance => instance !== undefined) : [];
}

/** What the replicas of a model that failed say, each once. */
export function errorsOf(instance: ModelInstance | undefined): string[] {
  return [...new Set((instance?.replicas ?? []).map(({ error }) => error).filter(error => error !== ''))];
}

function instanceOf(value: unknown): ModelInstance | undefined {
  if (!isObject(value) || typeof value['model_uid'] !== 'string') return undefined;
  const replicas = Array.isArray(value['replica_statuses']) ? value['replica_statuses'] : [];
  return {
    uid: value['model_uid'],
    status: textOf(value['status']),
    replicas: replicas.filter(isObject).map(replica => ({
      status: textOf(replica['status']),
      error: textOf(replica['error_message']) ?? '',
    })),
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
