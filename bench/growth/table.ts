import { grouped, median } from '../compare/table.ts';
import type { Growth } from './growth.ts';

/** Medians of the rounds: a line for each size, and for each program a column for each metric. */
export function growthTable(
  { of, sizes, metrics }: Growth,
  programs: ReadonlyMap<string, ReadonlyMap<number, readonly number[][]>>,
): string {
  const [first = '', ...others] = programs.keys();
  const head = [
    ...metrics.map(({ label }) => label),
    ...others.flatMap(name => metrics.map(({ label }) => `${name}: ${label}`)),
  ];
  const lines = sizes.map(size => {
    const cells = [first, ...others].flatMap(name =>
      metrics.map(({ digits }, at) => grouped(median(programs.get(name)?.get(size), at), digits)),
    );
    return `| ${[size.toLocaleString('en-US'), ...cells].join(' | ')} |`;
  });
  return [`| ${[of, ...head].join(' | ')} |`, `|--:|${head.map(() => '--:|').join('')}`, ...lines].join('\n');
}
