import type { Answer } from '../host.ts';
import { textOf, verifyChat } from '../verify.ts';
import { invokeChat, percentile, repeat, timed, took, verifyChats, warmUp } from './asking.ts';
import type { Row } from './row.ts';

export const answer: Row = {
  id: 'answer',
  metrics: [
    { label: 'answer of 8 chunks, p50 ms', goal: '≤ 0.8', digits: 2 },
    { label: '… p99 ms', goal: '≤ 7', digits: 2 },
    {
      label: '… CPU ms',
      digits: 2,
      goal: { timesNative: 2 },
      bar: { name: 'answer of 8 chunks, CPU', native: 0.58, python: 100 },
    },
    { label: '… HTTP requests', goal: '1', digits: 2 },
    { label: '… new connections', goal: '0', digits: 2 },
  ],
  async measure({ start, server }) {
    const times = 500;
    const host = await start();
    await warmUp(host, 'chunks:8', 300);
    const before = await server.counts();
    let answers: Answer[] = [];
    const { cpu } = await timed(host, async () => {
      answers = await repeat(times, () => invokeChat(host, 'chunks:8'));
    });
    const after = await server.counts();
    verifyChats(host, () => 'chunks:8');
    const waits = answers.map(took);
    return [
      percentile(waits, 0.5),
      percentile(waits, 0.99),
      (1000 * cpu) / times,
      (after.requests - before.requests) / times,
      (after.connections - before.connections) / times,
    ];
  },
};

export const lone: Row = {
  id: 'lone',
  metrics: [
    { label: 'a chunk that comes alone, server to host, p50 ms', digits: 2 },
    { label: '… p99 ms', digits: 2 },
  ],
  async measure({ start }) {
    const uid = 'clock:300:3ms';
    const host = await start();
    await warmUp(host, 'chunks:8', 300);
    const offset = performance.now() - Number(process.hrtime.bigint()) / 1e6;
    const { id } = await invokeChat(host, uid);
    const results = host.takeResults().get(id) ?? [];
    verifyChat(uid, results);
    // Two that were sent while the machine was busy may come in one message.
    const delays = results.flatMap(({ at, data }) =>
      (textOf(data).match(/\d+/g) ?? []).map(sent => at - offset - Number(sent) / 1e6),
    );
    if (delays.length !== 300) throw new Error(`${delays.length} chunks came, not 300`);
    return [percentile(delays, 0.5), percentile(delays, 0.99)];
  },
};
