import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../host.ts';
import { memoryOf } from '../usage.ts';
import { invokeChat, timed, took, verifyChats, warmUp } from './asking.ts';
import type { Row } from './row.ts';

export const crowd: Row = {
  id: 'crowd',
  metrics: [
    { label: '1,000 streams of 20 chunks 20 ms apart, ms', goal: '≤ 1,300', digits: 0 },
    {
      label: '… CPU ms',
      digits: 0,
      goal: { timesNative: 1.5 },
      bar: { name: '1,000 streams, CPU', native: 0.74, python: 65 },
    },
    { label: '… peak RSS, MiB', digits: 0, goal: '≤ 125' },
    {
      label: '… worst probe of another session, ms',
      digits: 0,
      goal: { timesRaw: 1 },
      bar: { name: '… worst wait of another session', native: 0.34, python: 63 },
    },
  ],
  async measure({ start }) {
    const [uid, probeUid] = ['chunks:20:20ms', 'chunks:8'];
    const host = await start();
    await warmUp(host, probeUid, 300);
    await warmUp(host, uid, 1);
    let isOver = false;
    const probes: Answer[] = [];
    const { wall, cpu } = await timed(host, async () => {
      const all = Promise.all(Array.from({ length: 1000 }, () => invokeChat(host, uid)));
      const probing = (async () => {
        while (!isOver) {
          probes.push(await invokeChat(host, probeUid));
          await sleep(20);
        }
      })();
      await all;
      isOver = true;
      await probing;
    });
    const { peak } = memoryOf(host.pid);
    const probeIds = new Set(probes.map(probe => probe.id));
    verifyChats(host, id => (probeIds.has(id) ? probeUid : uid));
    return [1000 * wall, 1000 * cpu, peak, Math.max(...probes.map(took))];
  },
};
