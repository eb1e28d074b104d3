import { ServerError } from '../../http/errors/errors.ts';
import type { ModelServer } from '../../http/server.ts';
import type { Gate } from '../../text/gate.ts';
import { type ListedModel, listModels } from '../../xinference/description.ts';
import { errorsOf, listInstances, type ModelInstance } from '../../xinference/instances.ts';
import type { LaunchReport, Problem, ServerReport } from '../report/report.ts';
import { shown } from '../report/shown.ts';
import { addressForDify } from './address.ts';
import { ageOf } from './age.ts';
import type { Examiner } from './examiner.ts';
import { asksForKey, findNearby, versionOf } from './probes.ts';
import { notXinference, problemOf } from './problems.ts';
import { weaknessesOf } from './weaknesses.ts';

/** A server that can be used. */
export interface ExaminedServer {
  readonly problem: null;
  readonly report: ServerReport;
  readonly models: readonly ListedModel[];
  /** Undefined where the server does not tell. */
  readonly instances: readonly ModelInstance[] | undefined;
  /** What the server says passes it before it is shown. */
  readonly gate: Gate;
}

/** Reaches a server with the key, once: a wrong one counts towards a ban of the address. */
export async function examineServer(examiner: Examiner): Promise<ExaminedServer | { problem: Problem }> {
  const { client, server, signal } = examiner;
  let models: ListedModel[];
  try {
    models = await listModels(client, server, signal);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const clues = { ...examiner.surroundings, server };
    const problem = await problemOf(error, clues, () => findNearby(client, server, signal));
    return { problem: shown(problem, server.gate) };
  }
  const auth = await asksForKey(client, server, signal);
  if (models.length === 0 && auth === undefined) {
    return { problem: notXinference({ ...examiner.surroundings, server }) };
  }
  const [instances, version, urlForDify] = await Promise.all([
    listInstances(client, server, signal).catch(() => undefined),
    versionOf(client, server, signal),
    addressForDify(examiner),
  ]);
  const age = ageOf(version, { models, instances });
  return {
    problem: null,
    report: shown(
      {
        url: server.url,
        urlForDify: urlForDify.url,
        version: version ?? null,
        olderThan: age.olderThan ?? null,
        asksForKey: auth ?? null,
        notes: [...urlForDify.notes, ...keyNotes(auth, server), ...weaknessesOf(age, models)],
      },
      server.gate,
    ),
    models,
    instances,
    gate: server.gate,
  };
}

/** The models that are not in the list, because they are being launched or could not be. */
export function launchesOf({ models, instances, gate }: ExaminedServer): LaunchReport[] {
  const listed = new Set(models.map(({ uid }) => uid));
  const launches = (instances ?? []).filter(({ uid }) => !listed.has(uid));
  return launches.map(instance => {
    const { uid, status = 'unknown' } = instance;
    return shown({ uid, status, errors: errorsOf(instance) }, gate);
  });
}

function keyNotes(auth: boolean | undefined, server: ModelServer): string[] {
  return auth === false && server.apiKey !== undefined
    ? ['The server asks for no API key: the field may stay empty.']
    : [];
}
