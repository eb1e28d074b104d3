import type { HttpClient } from '../http/client.ts';
import { parseResponseJson, readBody } from '../http/response/body.ts';
import type { ModelServer } from '../http/server.ts';
import { type Fields, isObject } from '../text/json.ts';

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
  /** Undefined where the server does not tell, as before 1.14.0. */
  readonly replicas: readonly Replica[] | undefined;
}

/**
 * The models that a server runs, starts or has failed to start.
 * @returns empty where the answer is no list
 * @throws ServerError; an old server takes the path for that of a model, which it does not run
 */
export async function listInstances(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<ModelInstance[]> {
  const response = await client.send(server, {
    method: 'GET',
    path: '/v1/models/instances',
    signal,
    maxRetries: 0,
  });
  const value = parseResponseJson(response, (await readBody(response, signal)).toString('utf8'));
  return Array.isArray(value) ? value.map(instanceOf).filter(instance => instance !== undefined) : [];
}

/**
 * How many of a model's replicas answer. Where nothing is told of each, the model's own status counts for all.
 * @param wanted how many there shall be
 * @returns undefined where the server does not tell
 */
export function readyReplicas(instance: ModelInstance | undefined, wanted = 1): number | undefined {
  if (instance?.replicas !== undefined) {
    return instance.replicas.filter(({ status }) => status === 'READY').length;
  }
  if (instance?.status === undefined) return undefined;
  return instance.status === 'READY' ? wanted : 0;
}

/** What the replicas of a model that failed say, each once. */
export function errorsOf(instance: ModelInstance | undefined): string[] {
  return [...new Set((instance?.replicas ?? []).map(({ error }) => error).filter(error => error !== ''))];
}

function instanceOf(value: unknown): ModelInstance | undefined {
  if (!isObject(value) || typeof value['model_uid'] !== 'string') return undefined;
  const replicas: unknown = value['replica_statuses'];
  return {
    uid: value['model_uid'],
    status: textOf(value['status']),
    replicas: Array.isArray(replicas) ? replicas.filter(isObject).map(replicaOf) : undefined,
  };
}

function replicaOf(replica: Fields): Replica {
  return { status: textOf(replica['status']), error: textOf(replica['error_message']) ?? '' };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
