import { readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { percentile, type Row } from './rows.ts';

/** For each row and program the figures of every round. */
export type Figures = Map<Row, Map<string, number[][]>>;

const README = join(import.meta.dirname, '../README.md');
const JSON_FILE = join(import.meta.dirname, '../results.json');
const PLACE = /(?<=<!-- results -->\n)[\s\S]*(?=<!-- end of results -->)/;

/** Medians over the rounds, a line for each metric and a column for each program. */
export function markdownTable(figures: Figures, names: readonly string[]): string {
  const lines = [...figures].flatMap(([row, byProgram]) =>
    row.metrics.map(({ label, goal = '', digits }, at) => {
      const cells = names.map(name => {
        const all = byProgram.get(name);
        return all === undefined ? '' : grouped(median(all, at), digits);
      });
      return `| ${[label, goal, ...cells].join(' | ')} |`;
    }),
  );
  const head = ['', 'goal', ...names];
  return [`| ${head.join(' | ')} |`, `|---|---|${names.map(() => '---:|').join('')}`, ...lines].join('\n');
}

/** Puts the table into bench/README.md and all figures into bench/results.json. */
export function save(
  figures: Figures,
  names: readonly string[],
  { rounds, nodeVersion }: { rounds: number; nodeVersion: string },
): void {
  const machine = `${availableParallelism()} cores (${arch()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${nodeVersion}`;
  const results = `${markdownTable(figures, names)}\n\nMedians of ${rounds} rounds on ${machine}.\n`;
  writeFileSync(
    README,
    readFileSync(README, 'utf8').replace(PLACE, () => results),
  );
  const json = [...figures].flatMap(([row, byProgram]) =>
    row.metrics.map(({ label, goal, digits }, at) => ({
      row: row.id,
      label,
      goal,
      figures: Object.fromEntries(
        [...byProgram].map(([name, all]) => [name, all.map(round => Number(round[at]?.toFixed(digits + 1)))]),
      ),
    })),
  );
  writeFileSync(JSON_FILE, `${JSON.stringify({ machine, rounds, results: json }, null, 1)}\n`);
}

/** NaN when any round failed. */
function median(rounds: readonly number[][], at: number): number {
  const figures = rounds.map(round => round[at] ?? Number.NaN);
  return figures.some(Number.isNaN) ? Number.NaN : percentile(figures, 0.5);
}

/** With a comma between thousands; a row fails when the program cannot do it, or answered wrongly. */
function grouped(figure: number, digits: number): string {
  if (Number.isNaN(figure)) return 'failed';
  return figure.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
