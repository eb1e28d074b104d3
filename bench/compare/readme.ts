import { readFileSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

const README = join(import.meta.dirname, '../README.md');

/** Puts a text into bench/README.md between the comments that name it. */
export function putIntoReadme(name: string, text: string): void {
  const place = new RegExp(`(?<=<!-- ${name} -->\\n)[\\s\\S]*(?=<!-- end of ${name} -->)`);
  const readme = readFileSync(README, 'utf8').replace(place, () => `${text}\n`);
  writeFileSync(README, readme);
}

/** The machine that figures come from. */
export function machine(nodeVersion: string): string {
  return `${availableParallelism()} cores (${arch()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${nodeVersion}`;
}
