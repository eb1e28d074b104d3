import { describe, expect, it } from 'vitest';
import { barsSvg } from '../../bench/compare/picture.ts';
import type { Metric, Row } from '../../bench/compare/rows/row.ts';
import { barsOf } from '../../bench/compare/save.ts';
import { type Figures, markdownTable } from '../../bench/compare/table.ts';
import { growthTable } from '../../bench/growth/table.ts';

const metrics: readonly Metric[] = [
  { label: 'one stream, chunks/s', digits: 0 },
  {
    label: '… CPU s',
    digits: 3,
    goal: { timesNative: 1.5 },
    bar: { name: 'one <stream>', native: 0.4, python: 77.3 },
  },
  { label: '… peak RSS, MiB', digits: 1, goal: '≤ 60', bar: { name: 'memory' } },
  { label: 'first request, ms', digits: 0, goal: { timesRaw: 1 } },
];
const row: Row = { id: 'stream', metrics, measure: () => Promise.resolve([]) };

function figuresOf(ours: readonly number[][], relay: readonly number[][]): Figures {
  return new Map([
    [
      row,
      new Map([
        ['this plugin', [...ours]],
        ['raw relay', [...relay]],
      ]),
    ],
  ]);
}

const figures = figuresOf(
  [
    [71_000, 0.15, 50, 31],
    [70_000, 0.17, 52, 32],
    [75_000, 0.16, 51, 33],
  ],
  [[30_000, 0.32, 102, 30]],
);
const names = ['this plugin', 'raw relay'];

describe('the table of the benchmarks', () => {
  it('has medians, and goals that follow the raw relay of the same run', () => {
    expect(markdownTable(figures, names).split('\n').slice(2)).toEqual([
      '| one stream, chunks/s |  | 71,000 | 30,000 |',
      '| … CPU s | ≤ 0.192: 0.60 × raw relay | 0.160 | 0.320 |',
      '| … peak RSS, MiB | ≤ 60 | 51.0 | 102.0 |',
      '| first request, ms | ≤ 30: 1.00 × raw relay | 32 | 30 |',
    ]);
  });

  it('says where a program failed, and keeps the goal', () => {
    const failed = figuresOf([[Number.NaN, Number.NaN, Number.NaN, Number.NaN]], [[1, Number.NaN, 1, 1]]);
    expect(markdownTable(failed, names)).toContain('| … CPU s | ≤ 0.60 × raw relay | failed | failed |');
    expect(barsOf(failed, 'this plugin')).toEqual([]);
  });
});

describe('the table of growth', () => {
  it('has a line for each size, and medians of each program side by side', () => {
    const growth = { of: 'sessions', sizes: [1, 3000], metrics: [{ label: 'CPU, µs', digits: 1 }] };
    const table = growthTable(growth, [
      { name: 'this plugin', rounds: [[[7], [5], [6]], [[3.25]]] },
      { name: 'raw relay', rounds: [[[4]], []] },
    ]);
    expect(table.split('\n')).toEqual([
      '| sessions | CPU, µs | raw relay: CPU, µs |',
      '|--:|--:|--:|',
      '| 1 | 6.0 | 4.0 |',
      '| 3,000 | 3.3 | failed |',
    ]);
  });
});

describe('the picture of the benchmarks', () => {
  const bars = barsOf(figures, 'this plugin');
  const svg = barsSvg(bars);
  const numbers = (pattern: RegExp) => [...svg.matchAll(pattern)].map(([, number]) => Number(number));

  it('has a bar for each figure that has a name in it, as a multiple of the raw relay', () => {
    expect(bars).toEqual([
      { name: 'one <stream>', ratio: 0.5, goal: 0.6000000000000001, native: 0.4, python: 77.3 },
      { name: 'memory', ratio: 0.5, goal: undefined },
    ]);
  });

  it('draws bars, the mark of a native relay and the goal to one scale', () => {
    const [from = 0] = numbers(/class="bar" x="(\d+)"/g);
    const [relay = 0] = numbers(/class="relay" x1="(\d+)"/g);
    const [bar = 0] = numbers(/class="bar" [^>]*width="(\d+)"/g);
    const [native = 0] = numbers(/class="native" cx="(\d+)"/g);
    const [goal = 0] = numbers(/class="goal" x1="(\d+)"/g);
    const shares = [bar, native - from, goal - from].map(width => width / (relay - from));
    expect(shares.map(share => share.toFixed(1))).toEqual(['0.5', '0.4', '0.6']);
  });

  it('says each number, and escapes names', () => {
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text);
    expect(texts).toEqual(expect.arrayContaining(['one &lt;stream>', '0.50', '77', 'memory']));
  });

  it('can be read in both themes, and fetches nothing', () => {
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|href|url\(|<script/);
  });

  it('has room for a bar of any length', () => {
    const long = barsSvg([{ name: 'slow', ratio: 12 }]);
    const [, from, width] = /class="bar" x="(\d+)" y="\d+" width="(\d+)"/.exec(long) ?? [];
    expect(Number(from) + Number(width)).toBeLessThanOrEqual(600);
  });
});
