import { readFileSync } from 'node:fs';
import { launcher } from '../../test/launcher/launch.ts';

/** The flags that the launcher starts Node.js with. */
export function nodeFlags(): string[] {
  const lists = readFileSync(launcher, 'utf8').match(/^(?:OWN_)?NODE_FLAGS = \([^)]*\)$/gm) ?? [];
  if (lists.length !== 2) throw new Error(`${launcher} has other flags.`);
  return lists.flatMap(list => [...list.matchAll(/"([^"]+)"/g)].map(([, flag = '']) => flag));
}
