import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bar, barsSvg } from './picture.ts';
import { machine, putIntoReadme } from './readme.ts';
import { type Figures, goalRatio, markdownTable, median, YARDSTICK } from './table.ts';

const folder = join(import.meta.dirname, '..');

/** Puts the table into bench/README.md, the picture into bench/results.svg, and all figures into bench/results.json. */
export function save(
  figures: Figures,
  names: readonly string[],
  { rounds, nodeVersion }: { rounds: number; nodeVersion: string },
): void {
  const where = machine(nodeVersion);
  putIntoReadme('results', `${markdownTable(figures, names)}\n\nMedians of ${rounds} rounds on ${where}.`);
  writeFileSync(join(folder, 'results.svg'), barsSvg(barsOf(figures, names[0] ?? '')));
  const json = [...figures].flatMap(([row, byProgram]) =>
    row.metrics.map(({ label, digits }, at) => ({
      row: row.id,
      label,
      figures: Object.fromEntries(
        [...byProgram].map(([name, all]) => [name, all.map(round => Number(round[at]?.toFixed(digits + 1)))]),
      ),
    })),
  );
  writeFileSync(
    join(folder, 'results.json'),
    `${JSON.stringify({ machine: where, rounds, results: json }, null, 1)}\n`,
  );
}

/** The bars of a program: of the figures that have one, and that were measured. */
export function barsOf(figures: Figures, program: string): Bar[] {
  return [...figures].flatMap(([row, byProgram]) =>
    row.metrics.flatMap((metric, at) => {
      const ratio = median(byProgram.get(program), at) / median(byProgram.get(YARDSTICK), at);
      if (metric.bar === undefined || !Number.isFinite(ratio)) return [];
      return [{ ...metric.bar, ratio, goal: goalRatio(metric) }];
    }),
  );
}
