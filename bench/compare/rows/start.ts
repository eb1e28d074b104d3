import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../usage.ts';
import { invokeChat, percentile, took, verifyChats, warmUp } from './asking.ts';
import type { Row } from './row.ts';

/** Before all rows: none is of a program's first start ever, which compiles code that this plugin and Python keep. */
export const firstRun: Pick<Row, 'measure'> = {
  async measure({ start }) {
    await warmUp(await start(), 'chunks:8', 1);
    await sleep(3_000); // code is kept when nobody has asked for a second
    return [];
  },
};

export const start: Row = {
  id: 'start',
  metrics: [
    {
      label: 'start to first heartbeat, ms',
      digits: 0,
      goal: '≤ 80',
      bar: { name: 'start to first heartbeat', python: 15 },
    },
    {
      label: 'first request ever, ms',
      digits: 1,
      goal: { timesRaw: 1 },
      bar: { name: 'first request ever', native: 0.13, python: 52 },
    },
    { label: 'idle RSS, MiB', digits: 1, goal: '≤ 55', bar: { name: 'idle memory', python: 1.4 } },
    { label: '… of it anonymous, MiB', digits: 1 },
    { label: 'RSS after 300 answers, MiB', digits: 1, goal: '≤ 85' },
  ],
  async measure({ start }) {
    const uid = 'chunks:8';
    const fresh = async () => {
      const host = await start();
      const toHeartbeat = (host.heartbeats[0] ?? Number.NaN) - host.startedAt;
      await sleep(1500); // what is loaded after the heartbeat counts
      const idle = memoryOf(host.pid);
      const first = await invokeChat(host, uid);
      verifyChats(host, () => uid);
      return { host, figures: [toHeartbeat, took(first), idle.rss, idle.anonymous] };
    };
    const starts: number[][] = [];
    for (let i = 0; i < 4; i++) {
      const { host, figures } = await fresh();
      starts.push(figures);
      await host.close();
    }
    const { host, figures } = await fresh();
    starts.push(figures);
    await warmUp(host, uid, 300);
    const each = (at: number) => starts.map(figures => figures[at] ?? Number.NaN);
    return [...figures.map((_, at) => percentile(each(at), 0.5)), memoryOf(host.pid).rss];
  },
};
