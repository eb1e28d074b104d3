import { readFileSync } from 'node:fs';
import { launcher } from '../../test/launcher/launch.ts';

/** The flags that the launcher starts Node.js with. */
export function nodeFlags(): string[] {
  const [, listed] = /^NODE_FLAGS = \((.*)\)$/m.exec(readFileSync(launcher, 'utf8')) ?? [];
  if (listed === undefined) throw new Error(`${launcher} has no NODE_FLAGS.`);
  return [...listed.matchAll(/"([^"]+)"/g)].map(([, flag = '']) => flag);
}
