/**
 * Measures how CPU and memory grow with sessions at once, with texts in a call, and with processes behind a balancer:
 *
 *     node bench/growth.ts [--rounds 3] [--only sessions,texts,long-vectors,replicas] [--save]
 *
 * What is shown are medians of rounds, in a fresh process each; `--save` writes them to bench/README.md. `npm run build`
 * comes before.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { choose } from './compare/choose.ts';
import { type Contender, contenders } from './compare/contenders.ts';
import { measure } from './compare/measure.ts';
import { machine, putIntoReadme } from './compare/readme.ts';
import { type BenchServer, startServer } from './compare/xinference.ts';
import type { Growth } from './growth/growth.ts';
import { replicas } from './growth/replicas.ts';
import { sessions } from './growth/sessions.ts';
import { type GrowthOf, growthTable } from './growth/table.ts';
import { longVectors, shortVectors } from './growth/texts.ts';

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    save: { type: 'boolean', default: false },
  },
});
const kinds: readonly Growth[] = [sessions, shortVectors, longVectors, replicas];
const chosen = choose(kinds, options);

async function grow(growth: Growth, program: Contender, server: BenchServer): Promise<GrowthOf> {
  const rounds: number[][][] = growth.sizes.map(() => []);
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [at, size] of growth.sizes.entries()) {
      const measured = await measure({ measure: run => growth.measure(size, run) }, program, server);
      rounds[at]?.push(measured);
      const shown = measured.map(figure => figure.toFixed(3)).join('  ');
      console.error(`round ${round + 1}  ${growth.id} ${size}  ${program.name}  ${shown}`);
    }
  }
  return { name: program.name, rounds };
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const server = await startServer();
try {
  const { programs, nodeVersion } = await contenders(folder, []);
  const tables: string[] = [];
  for (const growth of chosen) {
    const taking = programs.filter(({ name, isRelay }) => !isRelay || name === growth.beside);
    const grown: GrowthOf[] = [];
    for (const program of taking) grown.push(await grow(growth, program, server));
    tables.push(growthTable(growth, grown));
  }
  console.log(tables.join('\n\n'));
  tables.push(`Medians of ${options.rounds} rounds on ${machine(nodeVersion)}.`);
  if (options.save) putIntoReadme('growth', tables.join('\n\n'));
} finally {
  server.close();
  rmSync(folder, { recursive: true });
}
