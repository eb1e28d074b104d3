import { percentile } from './rows/asking.ts';
import type { Metric, Row } from './rows/row.ts';

/** For each row and program the figures of every round. */
export type Figures = Map<Row, Map<string, number[][]>>;

/** The program whose figures others are held against. */
export const YARDSTICK = 'raw relay';

/** Medians over the rounds, a line for each metric and a column for each program. */
export function markdownTable(figures: Figures, names: readonly string[]): string {
  const lines = [...figures].flatMap(([row, byProgram]) =>
    row.metrics.map((metric, at) => {
      const cells = names.map(name => {
        const all = byProgram.get(name);
        return all === undefined ? '' : grouped(median(all, at), metric.digits);
      });
      return `| ${[metric.label, goalText(metric, median(byProgram.get(YARDSTICK), at)), ...cells].join(' | ')} |`;
    }),
  );
  const head = ['', 'goal', ...names];
  return [`| ${head.join(' | ')} |`, `|---|---|${names.map(() => '---:|').join('')}`, ...lines].join('\n');
}

/** Of a metric over the rounds; NaN when any of them failed, or there was none. */
export function median(rounds: readonly number[][] | undefined, at: number): number {
  const figures = (rounds ?? [[]]).map(round => round[at] ?? Number.NaN);
  return figures.some(Number.isNaN) ? Number.NaN : percentile(figures, 0.5);
}

/** How many times the yardstick's figure a metric may be, where its goal is of that kind. */
export function goalRatio({ goal, bar }: Metric): number | undefined {
  if (typeof goal !== 'object') return undefined;
  if ('timesRaw' in goal) return goal.timesRaw;
  return bar?.native === undefined ? undefined : goal.timesNative * bar.native;
}

function goalText(metric: Metric, yardstick: number): string {
  if (typeof metric.goal === 'string') return metric.goal;
  const ratio = goalRatio(metric);
  if (ratio === undefined) return '';
  const bound = Number.isNaN(yardstick) ? '' : `${grouped(ratio * yardstick, metric.digits)}: `;
  return `≤ ${bound}${ratio.toFixed(2)} × ${YARDSTICK}`;
}

/** With a comma between thousands; a row fails when the program cannot do it, or answered wrongly. */
export function grouped(figure: number, digits: number): string {
  if (Number.isNaN(figure)) return 'failed';
  return figure.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
