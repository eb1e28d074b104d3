import type { LaunchReport } from '../doctor/report/report.ts';
import type { ExitCode, ModelRow, Rows } from './report.ts';

/** What an import comes to, where both sides can be used. */
export interface Findings extends Rows {
  readonly launching: readonly LaunchReport[];
  /** UIDs that were asked for, and do not run. */
  readonly notRunning: readonly string[];
}

/** 0 when every model that was asked for stands in Dify, or is to; else 3. */
export function exitCodeOf({ models, defaults, launching, notRunning }: Findings): ExitCode {
  const isWell =
    launching.length === 0 &&
    notRunning.length === 0 &&
    models.every(({ action, outcome }) => action !== 'refuse' && outcome !== 'failed') &&
    defaults.every(({ outcome }) => outcome !== 'failed');
  return isWell ? 0 : 3;
}

/** What is to be done, in one sentence. */
export function plannedCounts({ models, defaults }: Rows): string {
  const count = (...actions: ModelRow['action'][]) =>
    models.filter(({ action }) => actions.includes(action)).length;
  return sentence([
    [count('add', 'relist'), 'to add'],
    [count('update'), 'to update'],
    [count('remove'), 'to take out'],
    left(count('leave', 'missing'), 'to leave'),
    [defaults.length, 'to become a default'],
    [count('refuse'), 'that cannot be added'],
  ]);
}

/** What was done, in one sentence. */
export function doneCounts({ models, defaults }: Rows): string {
  const count = (outcome: ModelRow['outcome'], ...actions: ModelRow['action'][]) =>
    models.filter(row => row.outcome === outcome && actions.includes(row.action)).length;
  const failed = [...models, ...defaults].filter(({ outcome }) => outcome === 'failed').length;
  return sentence([
    [count('done', 'add', 'relist'), 'added'],
    [count('done', 'update'), 'updated'],
    [count('done', 'remove'), 'taken out'],
    left(count('planned', 'leave', 'missing'), 'left'),
    [defaults.filter(({ outcome }) => outcome === 'done').length, 'made a default'],
    [failed + count('planned', 'refuse'), 'failed'],
    [count('planned', 'add', 'relist', 'update', 'remove'), 'not tried'],
  ]);
}

function left(count: number, verb: string): readonly [number, string] {
  return [count, `${verb} as ${count === 1 ? 'it is' : 'they are'}`];
}

function sentence(counts: readonly (readonly [number, string])[]): string {
  const parts = counts.filter(([count]) => count > 0).map(([count, words]) => `${count} ${words}`);
  return parts.length === 0 ? 'There is nothing to do.' : `${parts.join(', ')}.`;
}
