import { grouped, median } from '../compare/table.ts';
import type { Growth } from './growth.ts';

/** What was measured of a program: for each size the figures of every round. */
export interface GrowthOf {
  readonly name: string;
  readonly rounds: readonly (readonly number[][])[];
}

/** Medians of the rounds: a line for each size, and for each program a column for each metric. The first needs no name. */
export function growthTable(
  { of, sizes, metrics }: Pick<Growth, 'of' | 'sizes' | 'metrics'>,
  programs: readonly GrowthOf[],
): string {
  const columns = programs.flatMap((program, place) =>
    metrics.map(({ label, digits }, at) => ({
      head: place === 0 ? label : `${program.name}: ${label}`,
      cells: sizes.map((_, row) => grouped(median(program.rounds[row], at), digits)),
    })),
  );
  const lines = sizes.map((size, row) => [
    size.toLocaleString('en-US'),
    ...columns.map(({ cells }) => cells[row]),
  ]);
  const table = [[of, ...columns.map(({ head }) => head)], ...lines].map(cells => `| ${cells.join(' | ')} |`);
  table.splice(1, 0, `|--:|${columns.map(() => '--:|').join('')}`);
  return table.join('\n');
}
