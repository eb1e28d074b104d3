import { readFileSync } from 'node:fs';
import { invokeChat, timed, verifyChats, warmUp } from '../compare/rows/asking.ts';
import type { Run } from '../compare/rows/row.ts';
import { memoryOf } from '../compare/usage.ts';
import type { Growth } from './growth.ts';

/** As fast as they are read, and as a model writes them; `sessions` is how many there are at least, in all. */
const BURST = { uid: 'chunks:100', chunks: 100, sessions: 6000 };
const SPACED = { uid: 'chunks:20:50ms', chunks: 20, sessions: 10 };

/** Streams at once. Where there are few, more follow each other. */
export const sessions: Growth = {
  id: 'sessions',
  of: 'sessions at once',
  sizes: [1, 10, 100, 1000, 3000],
  metrics: [
    { label: 'CPU per chunk, µs', digits: 2 },
    { label: '… of chunks 50 ms apart', digits: 1 },
    { label: 'peak RSS, MiB', digits: 0 },
  ],
  beside: 'raw relay',
  async measure(count, run) {
    expectFiles(count);
    const burst = await cpuPerChunk(run, count, BURST);
    const spaced = await cpuPerChunk(run, count, SPACED);
    return [burst.cpu, spaced.cpu, Math.max(burst.peak, spaced.peak)];
  },
};

async function cpuPerChunk(
  { start }: Run,
  count: number,
  { uid, chunks, sessions }: typeof BURST,
): Promise<{ cpu: number; peak: number }> {
  const host = await start();
  await warmUp(host, BURST.uid, 300);
  const wave = () => Promise.all(Array.from({ length: count }, () => invokeChat(host, uid)));
  await wave(); // connections are opened
  const waves = Math.ceil(sessions / count);
  const { cpu } = await timed(host, async () => {
    for (let i = 0; i < waves; i++) await wave();
  });
  const { peak } = memoryOf(host.pid);
  verifyChats(host, () => uid);
  await host.close();
  return { cpu: (1e6 * cpu) / (waves * count * chunks), peak };
}

/** Node.js raises the soft limit of open files by itself, and its children inherit that. */
function expectFiles(connections: number): void {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const most = Number(/^Max open files +\d+ +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  if (most < connections + 100)
    throw new Error(`${connections} connections need a higher \`ulimit -Hn\` than ${most}.`);
}
