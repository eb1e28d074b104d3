import { TYPE_NAMES } from '../../models/common/model-types.ts';
import type { Paint } from '../doctor/report/render.ts';
import { columnsOf } from '../text/columns.ts';
import { visibleLine } from '../text/visible.ts';
import { labelOf } from './own-plugin.ts';
import type { DefaultRow, DifyReport, ModelRow, Rows, UnsupportedModel } from './report.ts';

const HEAD: readonly string[] = ['model', 'type', 'in Dify', 'what happens'];

export function difyLines({ url, name }: DifyReport, paint: Paint): string[] {
  return [`${paint('green', '✓')} ${paint('bold', url)}  ${name} has the plugin`];
}

/**
 * The plan as a table: what the server has, what Dify has, and what will be done.
 * @param notRunning UIDs that were asked for in vain
 */
export function planLines(
  { models, defaults }: Rows,
  { notRunning, unsupported }: { notRunning: readonly string[]; unsupported: readonly UnsupportedModel[] },
  paint: Paint,
): string[] {
  const table = [HEAD, ...models.map(cellsOf)];
  const widths = HEAD.map((_title, at) => Math.max(...table.map(line => columnsOf(line[at] ?? ''))));
  const [head = '', ...lines] = table.map(line =>
    line
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - columnsOf(cell)))
      .join('  ')
      .trimEnd(),
  );
  return [
    '',
    ...(models.length === 0 ? [] : [paint('dim', `  ${head}`)]),
    ...models.map((row, at) => `${mark(row, paint)} ${lines[at]}`),
    ...defaults.map(row => `${paint('cyan', '*')} ${defaultText(row)}`),
    ...unsupported.map(({ uid, type }) =>
      paint('dim', `  ${visibleLine(`${uid}: Dify has no model type for it (${type})`)}`),
    ),
    ...notRunning.map(uid => `${paint('yellow', '!')} ${visibleLine(uid)}: the server does not run it`),
    '',
  ];
}

/** What became of one model. */
export function outcomeLine({ name, modelType, action, outcome, reason }: ModelRow, paint: Paint): string {
  const what = `${visibleLine(name)} (${TYPE_NAMES[modelType]})`;
  return outcome === 'failed'
    ? `${paint('red', '✗')} ${what}: ${reason}`
    : `${paint('green', '✓')} ${what} ${DONE[action]}`;
}

/** What became of a default. */
export function defaultLine(row: DefaultRow, paint: Paint): string {
  return row.outcome === 'failed'
    ? `${paint('red', '✗')} ${defaultText(row)}: ${row.reason}`
    : `${paint('green', '✓')} ${defaultText(row)}`;
}

const DONE: Readonly<Record<ModelRow['action'], string>> = {
  add: 'added',
  relist: 'put back into use',
  update: 'updated',
  remove: 'taken out',
  leave: 'left as it is',
  missing: 'left as it is',
  refuse: 'not added',
};

function cellsOf(row: ModelRow): string[] {
  const isThere = row.action !== 'add' && row.action !== 'refuse';
  return [row.uid, TYPE_NAMES[row.modelType], isThere ? row.name : '-', plannedText(row)].map(visibleLine);
}

function plannedText({ action, uid, name, changes, reason }: ModelRow): string {
  switch (action) {
    case 'add':
      return name === uid ? 'add' : `add as ${name}`;
    case 'relist':
      return 'put back into use';
    case 'update':
      return `update: ${changes.map(labelOf).join(', ')}`;
    case 'remove':
      return 'take out: the server does not run it any more';
    case 'leave':
    case 'missing':
      return reason;
    case 'refuse':
      return `not added: ${reason}`;
  }
}

function defaultText({ name, modelType, before }: DefaultRow): string {
  const was = before === '' ? '' : `, in place of ${before}`;
  return visibleLine(`${name} becomes the default of type ${TYPE_NAMES[modelType]}${was}`);
}

function mark({ action }: ModelRow, paint: Paint): string {
  switch (action) {
    case 'add':
    case 'relist':
      return paint('green', '+');
    case 'update':
      return paint('yellow', '~');
    case 'remove':
      return paint('red', '-');
    case 'refuse':
      return paint('red', '✗');
    case 'leave':
      return paint('dim', '=');
    case 'missing':
      return paint('yellow', '!');
  }
}
