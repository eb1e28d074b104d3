import type { Answer } from '../host.ts';
import { memoryOf } from '../usage.ts';
import { invokeChat, percentile, repeat, timed, took, verifyChats, warmUp } from './asking.ts';
import type { Row } from './row.ts';

export const stream: Row = {
  id: 'stream',
  metrics: [
    { label: 'one stream of 20,000 chunks, chunks/s', digits: 0 },
    {
      label: '… CPU s per 100,000',
      digits: 3,
      goal: { timesNative: 1.5 },
      bar: { name: 'one stream, CPU', native: 0.35, python: 79 },
    },
  ],
  async measure({ start }) {
    const [uid, chunks, times] = ['chunks:20000', 20_000, 5];
    const host = await start();
    await warmUp(host, uid, times);
    let answers: Answer[] = [];
    const { cpu } = await timed(host, async () => {
      answers = await repeat(times, () => invokeChat(host, uid));
    });
    verifyChats(host, () => uid);
    return [(1000 * chunks) / percentile(answers.map(took), 0.5), (cpu / (times * chunks)) * 100_000];
  },
};

export const streams: Row = {
  id: 'streams',
  metrics: [
    { label: '64 streams of 4,000 chunks at once, chunks/s', digits: 0 },
    {
      label: '… CPU s per 100,000',
      digits: 3,
      goal: { timesNative: 1.5 },
      bar: { name: '64 streams, CPU', native: 0.33, python: 69 },
    },
    {
      label: '… peak RSS, MiB',
      digits: 0,
      goal: '≤ 165',
      bar: { name: '64 streams, peak memory', python: 0.5 },
    },
  ],
  async measure({ start }) {
    const [uid, chunks, count] = ['chunks:4000', 4000, 64];
    const host = await start();
    await warmUp(host, uid, 5);
    const { wall, cpu } = await timed(host, () =>
      Promise.all(Array.from({ length: count }, () => invokeChat(host, uid))),
    );
    const { peak } = memoryOf(host.pid);
    verifyChats(host, () => uid);
    return [(count * chunks) / wall, (cpu / (count * chunks)) * 100_000, peak];
  },
};
