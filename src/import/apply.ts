import type { ModelType } from '../dify/protocol/requests.schemas.ts';
import { ConsoleError } from './console/errors.ts';
import type { PluginModels } from './console/plugin-models.ts';
import { PROVIDER } from './own-plugin.ts';
import type { Step } from './plan/entry.ts';
import type { DefaultRow, ModelRow, Outcome } from './report.ts';

/** What is told of each thing as soon as it is done. */
export interface Listener {
  readonly onStep: (step: string) => void;
  readonly onModel: (row: ModelRow) => void;
  readonly onDefault: (row: DefaultRow) => void;
}

/** What became of a plan. */
export interface Applied {
  readonly models: readonly ModelRow[];
  readonly defaults: readonly DefaultRow[];
  /** After this Dify could not be used any more; what was left to do stays planned. */
  readonly stopped: ConsoleError | undefined;
}

/** The plan, with nothing done about it. */
export function plannedRow(step: Step): ModelRow {
  const { uid, modelType, name, action } = step;
  const changes = step.action === 'update' ? step.changes : [];
  const reason = 'reason' in step ? step.reason : '';
  return { uid, modelType, name, action, changes, reason, outcome: 'planned' };
}

/** Whether a line of the plan is one where something is done. */
export function isWork({ action }: Pick<Step, 'action'>): boolean {
  return action !== 'leave' && action !== 'missing' && action !== 'refuse';
}

/**
 * The defaults that a workspace gets: for each type the first model of the server, unless it is that already.
 * @throws ConsoleError
 */
export async function planDefaults(models: PluginModels, rows: readonly ModelRow[]): Promise<DefaultRow[]> {
  const defaults: DefaultRow[] = [];
  for (const modelType of new Set(rows.filter(stands).map(row => row.modelType))) {
    const name = firstOf(modelType, rows)?.name ?? '';
    const before = await models.defaultOf(modelType);
    if (before?.name === name && before.provider === PROVIDER) continue;
    const was = before === undefined ? '' : `${before.name} of ${before.provider}`;
    defaults.push({ modelType, name, before: was, outcome: 'planned', reason: '' });
  }
  return defaults;
}

function firstOf(modelType: ModelType, rows: readonly ModelRow[]): ModelRow | undefined {
  return rows.find(row => row.modelType === modelType && stands(row));
}

/** What leaves a running model in Dify. */
const STANDING: ReadonlySet<Step['action']> = new Set(['add', 'relist', 'update', 'leave']);

function stands({ action, outcome }: ModelRow): boolean {
  return STANDING.has(action) && outcome !== 'failed';
}

/** Does what was planned. One model that fails does not stop the rest, unless Dify cannot be used any more. */
export async function applyPlan(
  models: PluginModels,
  steps: readonly Step[],
  planned: readonly DefaultRow[],
  { onStep, onModel, onDefault }: Listener,
): Promise<Applied> {
  const rows = steps.map(plannedRow);
  const defaults: DefaultRow[] = [];
  try {
    for (const [at, step] of steps.entries()) {
      const row = plannedRow(step);
      if (!isWork(step)) continue;
      onStep(`${step.action === 'remove' ? 'taking out' : 'saving'} ${step.name}`);
      const done = { ...row, ...(await outcomeOf(() => applyStep(models, step))) };
      rows[at] = done;
      onModel(done);
    }
    for (const row of planned) {
      // The one that was to be it may have failed, and all others of its type.
      const model = firstOf(row.modelType, rows);
      if (model === undefined) continue;
      const { name } = model;
      const done = { ...row, name, ...(await outcomeOf(() => models.setDefault(model))) };
      defaults.push(done);
      onDefault(done);
    }
    return { models: rows, defaults, stopped: undefined };
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    return { models: rows, defaults, stopped: error };
  }
}

/** @throws ConsoleError after which nothing more can be done */
async function outcomeOf(work: () => Promise<void>): Promise<{ outcome: Outcome; reason: string }> {
  try {
    await work();
    return { outcome: 'done', reason: '' };
  } catch (error) {
    if (!(error instanceof ConsoleError) || error.isFatal) throw error;
    return { outcome: 'failed', reason: error.message };
  }
}

async function applyStep(models: PluginModels, step: Step): Promise<void> {
  switch (step.action) {
    case 'add':
      return models.add(step, step.form);
    case 'relist':
      return models.relist(step, step.credentialId);
    case 'update':
      return models.update(step, step.credentialId, step.credentials);
    case 'remove':
      return models.remove(step, step.credentialId);
    case 'leave':
    case 'missing':
    case 'refuse':
      return;
  }
}
