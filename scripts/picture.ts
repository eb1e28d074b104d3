import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAnsi, wrap } from './picture/ansi.ts';
import { terminalSvg } from './picture/svg.ts';
import { projectRoot } from './project.ts';

// Runs the demo and draws what it writes to a terminal, for the README.

const COLUMNS = 100;
const FILE = join(projectRoot, '_assets/demo.svg');

const output = execFileSync(process.execPath, [join(projectRoot, 'scripts/demo.ts')], {
  encoding: 'utf8',
  env: { ...process.env, FORCE_COLOR: '1' },
});
const lines = wrap(parseAnsi(output.trim()), COLUMNS);
writeFileSync(FILE, terminalSvg('npm run demo', lines, COLUMNS));
console.log(`${relative(process.cwd(), FILE)}  ${lines.length} lines`);
