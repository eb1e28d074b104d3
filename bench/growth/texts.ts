import type { BenchHost } from '../compare/host.ts';
import { repeat, timed } from '../compare/rows/asking.ts';
import { memoryOf } from '../compare/usage.ts';
import { verifyEmbeddings } from '../compare/verify.ts';
import type { Growth } from './growth.ts';

/** Texts of a model in one call, and always as many in all. A host takes lines of 5 MB: long vectors are fewer. */
function textsOf(id: string, uid: string, sizes: readonly number[]): Growth {
  const all = Math.max(...sizes) * 4;
  return {
    id,
    of: `texts a call (${uid})`,
    sizes,
    metrics: [
      { label: 'CPU per text, ms', digits: 3 },
      { label: 'HTTP requests a call', digits: 0 },
      { label: 'peak RSS, MiB', digits: 0 },
    ],
    async measure(count, { start, server }) {
      const host = await start();
      await embed(host, uid, 2, 100);
      host.takeResults();
      const calls = all / count;
      const before = await server.counts();
      const { cpu } = await timed(host, () => embed(host, uid, count, calls));
      const after = await server.counts();
      const { peak } = memoryOf(host.pid);
      const requests = (after.requests - before.requests) / calls;
      for (const results of host.takeResults().values())
        verifyEmbeddings(uid, count, results, count / requests);
      return [(1000 * cpu) / all, requests, peak];
    },
  };
}

export const shortVectors = textsOf('texts', 'embedding:64', [1, 4, 16, 64, 256, 1024, 4096]);
export const longVectors = textsOf('long-vectors', 'embedding:1024', [1, 4, 16, 64, 256]);

async function embed(host: BenchHost, uid: string, count: number, calls: number): Promise<void> {
  const texts = Array.from({ length: count }, (_, i) => `A sentence about the subject number ${i}.`);
  await repeat(calls, () => host.invoke('invoke_text_embedding', uid, { texts, input_type: 'document' }));
}
