import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseAnsi, wrap } from './picture/ansi.ts';
import { terminalSvg } from './picture/svg.ts';
import { projectRoot } from './project.ts';

// Runs programs and draws what they write to a terminal, for the README.

const COLUMNS = 100;

const PICTURES = [
  { file: '_assets/import.svg', title: 'npm run import', program: 'scripts/picture/import-session.ts' },
  { file: '_assets/demo.svg', title: 'npm run demo', program: 'scripts/demo.ts' },
];

for (const { file, title, program } of PICTURES) {
  const output = execFileSync(process.execPath, [join(projectRoot, program)], {
    encoding: 'utf8',
    env: { ...process.env, FORCE_COLOR: '1' },
  });
  const lines = wrap(parseAnsi(output.trim()), COLUMNS);
  const path = join(projectRoot, file);
  writeFileSync(path, terminalSvg(title, lines, COLUMNS));
  console.log(`${relative(process.cwd(), path)}  ${lines.length} lines`);
}
