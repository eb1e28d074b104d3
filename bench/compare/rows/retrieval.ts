import type { Answer, BenchHost } from '../host.ts';
import { memoryOf } from '../usage.ts';
import { type Result, verifyEmbeddings, verifyRanking } from '../verify.ts';
import { percentile, repeat, timed, took } from './asking.ts';
import type { Row } from './row.ts';

export const embed: Row = {
  id: 'embed',
  metrics: [
    { label: '512 texts embedded in calls of 64, ms', digits: 0 },
    {
      label: '… CPU ms',
      digits: 0,
      goal: { timesRaw: 1 },
      bar: { name: 'embedding of 512 texts, CPU', native: 0.42, python: 19 },
    },
    {
      label: '… CPU ms of the next 512',
      digits: 0,
      goal: { timesNative: 1.8 },
      bar: { name: 'embedding of 512 more, CPU', native: 0.84 },
    },
    { label: '… HTTP requests', goal: '8', digits: 0 },
    { label: '… peak RSS, MiB', digits: 0, goal: '≤ 92' },
  ],
  async measure({ start, server }) {
    const embed = (host: BenchHost, count: number) => {
      const texts = Array.from({ length: count }, (_, i) => `A sentence about the subject number ${i}.`);
      return host.invoke('invoke_text_embedding', 'embedding', { texts, input_type: 'document' });
    };
    const host = await start();
    await repeat(5, () => embed(host, 2));
    host.takeResults();
    const before = await server.counts();
    const { wall, cpu } = await timed(host, () => repeat(8, () => embed(host, 64)));
    const after = await server.counts();
    const { peak } = memoryOf(host.pid);
    const next = await timed(host, () => repeat(8, () => embed(host, 64)));
    for (const results of host.takeResults().values()) verifyEmbeddings('embedding', 64, results);
    return [1000 * wall, 1000 * cpu, 1000 * next.cpu, after.requests - before.requests, peak];
  },
};

export const rerank: Row = {
  id: 'rerank',
  metrics: [
    {
      label: 'rerank of 50, p50 ms',
      digits: 2,
      goal: { timesNative: 1.2 },
      bar: { name: 'rerank of 50', native: 1.06, python: 3.9 },
    },
    { label: '… CPU ms', digits: 2 },
  ],
  async measure({ start }) {
    const docs = Array.from({ length: 50 }, (_, i) => `Document ${i} is about something. `.repeat(12));
    const ask = (host: BenchHost) =>
      host.invoke('invoke_rerank', 'rerank', { query: 'What is it about?', docs, top_n: 50 });
    const host = await start();
    const check = (results: Iterable<Result[]>) => {
      for (const result of results) verifyRanking(docs, result);
    };
    await repeat(300, () => ask(host)); // as answers are, so that V8 compiles for none of the contenders meanwhile
    check(host.takeResults().values());
    let answers: Answer[] = [];
    const { cpu } = await timed(host, async () => {
      answers = await repeat(200, () => ask(host));
    });
    check(host.takeResults().values());
    return [percentile(answers.map(took), 0.5), (1000 * cpu) / answers.length];
  },
};
