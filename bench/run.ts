/**
 * Measures this plugin beside two relays, and beside any other plugin:
 *
 *     npm run bench -- [--rounds 5] [--only start,stream] [--against "COMMAND"]... [--save]
 *
 * Rounds are interleaved: in each of them every program takes its turn at every row, in a fresh process. What is shown
 * are medians. `--save` writes them to bench/README.md, bench/results.svg and bench/results.json.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choose } from './compare/choose.ts';
import { contenders } from './compare/contenders.ts';
import { measure } from './compare/measure.ts';
import { firstRun } from './compare/rows/start.ts';
import { rows } from './compare/rows.ts';
import { save } from './compare/save.ts';
import { type Figures, markdownTable } from './compare/table.ts';
import { startServer } from './compare/xinference.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string' },
    against: { type: 'string', multiple: true, default: [] },
    save: { type: 'boolean', default: false },
  },
});

const chosen = choose(rows, options);
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const server = await startServer();
try {
  const { programs, nodeVersion } = await contenders(folder, options.against);
  const rounds = Number(options.rounds);
  const figures: Figures = new Map();
  for (const program of programs) await measure(firstRun, program, server);
  for (let round = 0; round < rounds; round++) {
    for (const row of chosen) {
      if (round >= (row.mostRounds ?? rounds)) continue;
      for (let turn = 0; turn < programs.length; turn++) {
        const program = programs[(round + turn) % programs.length]; // nobody always goes first
        if (program === undefined || (row.pluginOnly && program.isRelay)) continue;
        const measured = await measure(row, program, server).catch((error: Error) => {
          process.exitCode = 1;
          console.error(`${row.id} of ${program.name} failed: ${error.message}`);
          return row.metrics.map(() => Number.NaN);
        });
        const shown = measured.map((figure, i) => figure.toFixed(row.metrics[i]?.digits)).join('  ');
        console.error(`round ${round + 1}  ${row.id.padEnd(10)} ${program.name.padEnd(12)} ${shown}`);
        const byProgram = figures.get(row) ?? new Map<string, number[][]>();
        byProgram.set(program.name, [...(byProgram.get(program.name) ?? []), measured]);
        figures.set(row, byProgram);
      }
    }
  }
  const names = programs.map(program => program.name);
  console.log(markdownTable(figures, names));
  if (options.save) save(figures, names, { rounds, nodeVersion });
} finally {
  server.close();
  rmSync(folder, { recursive: true });
}
