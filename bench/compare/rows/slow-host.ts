import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../usage.ts';
import { invokeChat, verifyChats, warmUp } from './asking.ts';
import type { Row } from './row.ts';

export const slowHost: Row = {
  id: 'slow-host',
  mostRounds: 3,
  metrics: [
    { label: 'host reading 1 MiB/s, 200,000 chunks: RSS growth, MiB', goal: '≤ 2', digits: 1 },
    { label: '… worst heartbeat gap, s', goal: '≤ 10.2', digits: 1 },
  ],
  async measure({ start }) {
    const [uid, seconds] = ['chunks:200000:long', 25];
    const host = await start();
    await warmUp(host, 'chunks:20000:long', 2);
    await sleep(1000);
    const before = memoryOf(host.pid).rss;
    const from = host.heartbeats.at(-1) ?? performance.now();
    host.readAt(1024 * 1024);
    const answer = invokeChat(host, uid);
    let most = before;
    for (let i = 0; i < seconds * 4; i++) {
      await sleep(250);
      most = Math.max(most, memoryOf(host.pid).rss);
    }
    const beats = [from, ...host.heartbeats.filter(at => at > from), performance.now()];
    const gaps = beats.slice(1).map((at, i) => at - (beats[i] ?? at));
    host.readAt(Number.POSITIVE_INFINITY); // the rest at full speed: what counts has been seen
    await answer;
    verifyChats(host, () => uid);
    return [most - before, Math.max(...gaps) / 1000];
  },
};
