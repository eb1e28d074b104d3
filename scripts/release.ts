import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { releaseOf } from './package/release.ts';
import { readPlugin } from './plugin.ts';
import { projectRoot } from './project.ts';

// Prints `name=value` lines for the workflow, and writes what the release says.
try {
  const { author, name, version, notes } = releaseOf(readPlugin(), process.argv[2] ?? '');
  mkdirSync(join(projectRoot, 'dist'), { recursive: true });
  writeFileSync(join(projectRoot, 'dist/release-notes.md'), `${notes}\n`);
  console.log(`author=${author}\nname=${name}\nversion=${version}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
