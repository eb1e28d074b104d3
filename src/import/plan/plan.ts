import type { ModelType } from '../../dify/protocol/requests.schemas.ts';
import { serverAddress } from '../../http/address.ts';
import { labelOf } from '../own-plugin.ts';
import type { DifyEntry, FormValues, NamedModel, ServerModel, Step } from './entry.ts';
import { changedForm } from './form-values.ts';
import { Names } from './names.ts';

/** What is known of both sides. */
export interface PlanFacts {
  /** The server's address, as {@link serverAddress} gives it. */
  readonly serverUrl: string;
  /** What the server runs, each model once for each of its types. */
  readonly models: readonly ServerModel[];
  /** The UIDs of all models that the server runs. */
  readonly running: readonly string[];
  /** The UIDs of those that it launches, or has failed to launch. */
  readonly launching: readonly string[];
  /** All of the plugin's models in Dify, those of other servers too. */
  readonly entries: readonly DifyEntry[];
  /** The variables whose values Dify hides. */
  readonly secretFields: ReadonlySet<string>;
}

/** What was asked for. */
export interface PlanWishes {
  /** UIDs; undefined: all. */
  readonly only: readonly string[] | undefined;
  readonly types: readonly ModelType[] | undefined;
  readonly prefix: string;
  readonly update: boolean;
  readonly updateKey: boolean;
  readonly removeMissing: boolean;
  /** The values of the form that were given on the command line, but for the key. */
  readonly given: FormValues;
  readonly apiKey: string | undefined;
}

/**
 * What is to be done so that Dify has the models of a server. A model of the server is known in Dify by the address, the
 * UID and the type in its credentials, whatever its name. Pure: it asks nobody.
 */
export function planImport(facts: PlanFacts, wishes: PlanWishes): Step[] {
  const { serverUrl, models, entries } = facts;
  const alive = new Set([...facts.running, ...facts.launching]);
  const isWanted = ({ uid, modelType }: { uid: string; modelType: ModelType }) =>
    (wishes.only?.includes(uid) ?? true) && (wishes.types?.includes(modelType) ?? true);
  const names = new Names();
  for (const { name, modelType } of entries) names.take(name, modelType);
  const ours = entries.map(entry => ({ entry, uid: uidAt(serverUrl, entry) }));

  const running = models.filter(isWanted).flatMap((model): Step[] => {
    const there = ours.filter(({ entry, uid }) => uid === model.uid && entry.modelType === model.modelType);
    if (there.length > 0) return there.map(({ entry }) => stepForEntry(model, entry, facts, wishes));
    const { uid, modelType, form } = model;
    const wanted = `${wishes.prefix}${uid}`;
    const reason = model.refusal ?? namesakeOf({ name: wanted, modelType }, entries);
    if (reason !== null) return [{ uid, modelType, name: '', action: 'refuse', reason }];
    const name = names.give(wanted, modelType, serverUrl);
    return [{ uid, modelType, name, action: 'add', form }];
  });
  const missing = ours.flatMap(({ entry, uid }): Step[] => {
    const { modelType, name, credentialId } = entry;
    if (uid === undefined || alive.has(uid) || !isWanted({ uid, modelType })) return [];
    if (wishes.removeMissing && facts.running.length > 0) {
      return [{ uid, modelType, name, action: 'remove', credentialId }];
    }
    const reason = wishes.removeMissing
      ? 'stays: the server runs no model at all'
      : 'does not run any more; --remove-missing takes it out';
    return [{ uid, modelType, name, action: 'missing', reason }];
  });
  return [...running, ...missing];
}

/** The UID that credentials name, if they are of the server. Where they name none, the model's name is the UID. */
function uidAt(serverUrl: string, { name, credentials }: DifyEntry): string | undefined {
  const { server_url: url, model_uid: uid } = credentials;
  if (typeof url !== 'string' || addressOf(url) !== serverUrl) return undefined;
  return typeof uid === 'string' && uid !== '' ? uid.trim() : name;
}

/** Why a model is not added that may be there already, as an earlier run would have named it; null where none may. */
function namesakeOf({ name, modelType }: NamedModel, entries: readonly DifyEntry[]): string | null {
  const found = entries.find(
    entry =>
      entry.unread !== null &&
      entry.modelType === modelType &&
      (entry.name === name || entry.name.startsWith(`${name} (`)),
  );
  return found === undefined
    ? null
    : `${found.name} is there, and Dify does not give its form out: ${found.unread}`;
}

function addressOf(url: string): string | undefined {
  try {
    return serverAddress(url).url;
  } catch {
    return undefined;
  }
}

function stepForEntry(
  { uid, modelType }: ServerModel,
  { name, credentialId, credentials, isUsed }: DifyEntry,
  { secretFields }: PlanFacts,
  { update, updateKey, given, apiKey }: PlanWishes,
): Step {
  const step = { uid, modelType, name };
  if (!isUsed && credentialId !== null) return { ...step, action: 'relist', credentialId };
  const differing = Object.entries(given).filter(
    ([variable, value]) => String(credentials[variable] ?? '') !== value,
  );
  const changes: FormValues = {
    ...(update && Object.fromEntries(differing)),
    ...(updateKey && apiKey !== undefined && { api_key: apiKey }),
  };
  const variables = Object.keys(changes);
  if (variables.length > 0) {
    const form = { model_uid: uid, ...changedForm(credentials, secretFields, changes) };
    return { ...step, action: 'update', credentialId, changes: variables, credentials: form };
  }
  const reason =
    differing.length === 0
      ? 'is there'
      : `is there; --update would write: ${differing.map(([variable]) => labelOf(variable)).join(', ')}`;
  return { ...step, action: 'leave', reason };
}
