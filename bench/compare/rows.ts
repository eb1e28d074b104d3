import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, BenchHost } from './host.ts';
import { cpuSeconds, memoryOf } from './usage.ts';
import { type Result, textOf, verifyChat, verifyEmbeddings, verifyRanking } from './verify.ts';
import type { BenchServer } from './xinference.ts';

/** One figure of a row. */
export interface Metric {
  readonly label: string;
  /** What the project wants to reach. */
  readonly goal?: string;
  readonly digits: number;
}

/** What is measured of a program in a fresh process. */
export interface Run {
  readonly server: BenchServer;
  /** Starts the program and waits for its first heartbeat. The run closes it. */
  start(): Promise<BenchHost>;
}

/** A row of the table: one thing that is measured, giving one or several figures. */
export interface Row {
  readonly id: string;
  /** Figures that relays have none of. */
  readonly pluginOnly?: boolean;
  /** At most so many rounds: it takes long. */
  readonly mostRounds?: number;
  readonly metrics: readonly Metric[];
  /** @returns a figure for each metric @throws Error when an answer is wrong */
  measure(run: Run): Promise<number[]>;
}

const PROMPT = {
  prompt_messages: [
    { role: 'system', content: 'You are a helpful assistant.' },
    { role: 'user', content: 'How do the three parts fit together?' },
  ],
  model_parameters: { temperature: 0.7 },
  stream: true,
};

const invokeChat = (host: BenchHost, uid: string) => host.invoke('invoke_llm', uid, PROMPT);

/** Asks one after the other. */
async function repeat(times: number, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let i = 0; i < times; i++) answers.push(await ask());
  return answers;
}

function verifyChats(host: BenchHost, uidOf: (answer: string) => string): void {
  for (const [id, results] of host.takeResults()) verifyChat(uidOf(id), results);
}

async function warmUp(host: BenchHost, uid: string, times: number): Promise<void> {
  await repeat(times, () => invokeChat(host, uid));
  verifyChats(host, () => uid);
}

const took = ({ startedAt, endedAt }: Answer) => endedAt - startedAt;

/** Of sorted or unsorted figures; 0.5 is the median. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = figures.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Seconds of wall clock and CPU that some work takes a process. */
async function timed(host: BenchHost, work: () => Promise<unknown>): Promise<{ wall: number; cpu: number }> {
  const [cpu, wall] = [cpuSeconds(host.pid), performance.now()];
  await work();
  return { wall: (performance.now() - wall) / 1000, cpu: cpuSeconds(host.pid) - cpu };
}

const start: Row = {
  id: 'start',
  metrics: [
    { label: 'start to first heartbeat, ms', goal: '≤ 142', digits: 0 },
    { label: 'first request ever, ms', goal: '≤ 8', digits: 1 },
    { label: 'idle RSS, MiB', goal: '≤ 62', digits: 1 },
    { label: '… of it anonymous, MiB', digits: 1 },
    { label: 'RSS after 300 answers, MiB', digits: 1 },
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

const answer: Row = {
  id: 'answer',
  metrics: [
    { label: 'answer of 8 chunks, p50 ms', goal: '≤ 0.8', digits: 2 },
    { label: '… p99 ms', goal: '≤ 7', digits: 2 },
    { label: '… CPU ms', goal: '≤ 1.0', digits: 2 },
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

const lone: Row = {
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

const stream: Row = {
  id: 'stream',
  metrics: [
    { label: 'one stream of 20,000 chunks, chunks/s', goal: '≥ 170,000', digits: 0 },
    { label: '… CPU s per 100,000', goal: '≤ 0.42', digits: 3 },
  ],
  async measure({ start }) {
    const [uid, chunks, times] = ['chunks:20000', 20_000, 5];
    const host = await start();
    await warmUp(host, uid, 2);
    let answers: Answer[] = [];
    const { cpu } = await timed(host, async () => {
      answers = await repeat(times, () => invokeChat(host, uid));
    });
    verifyChats(host, () => uid);
    return [(1000 * chunks) / percentile(answers.map(took), 0.5), (cpu / (times * chunks)) * 100_000];
  },
};

const streams: Row = {
  id: 'streams',
  metrics: [
    { label: '64 streams of 4,000 chunks at once, chunks/s', goal: '≥ 150,000', digits: 0 },
    { label: '… CPU s per 100,000', goal: '≤ 0.48', digits: 3 },
    { label: '… peak RSS, MiB', goal: '≤ 180', digits: 0 },
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

const embed: Row = {
  id: 'embed',
  metrics: [
    { label: '512 texts embedded in calls of 64, ms', goal: '≤ 420', digits: 0 },
    { label: '… CPU ms', digits: 0 },
    { label: '… HTTP requests', goal: '8', digits: 0 },
    { label: '… peak RSS, MiB', goal: '≤ 125', digits: 0 },
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
    for (const results of host.takeResults().values()) verifyEmbeddings(64, results);
    return [1000 * wall, 1000 * cpu, after.requests - before.requests, peak];
  },
};

const rerank: Row = {
  id: 'rerank',
  metrics: [
    { label: 'rerank of 50, p50 ms', goal: '≤ 2', digits: 2 },
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
    await repeat(100, () => ask(host));
    check(host.takeResults().values());
    let answers: Answer[] = [];
    const { cpu } = await timed(host, async () => {
      answers = await repeat(200, () => ask(host));
    });
    check(host.takeResults().values());
    return [percentile(answers.map(took), 0.5), (1000 * cpu) / answers.length];
  },
};

const crowd: Row = {
  id: 'crowd',
  metrics: [
    { label: '1,000 streams of 20 chunks 20 ms apart, ms', goal: '≤ 1,300', digits: 0 },
    { label: '… CPU ms', digits: 0 },
    { label: '… peak RSS, MiB', goal: '≤ 150', digits: 0 },
    { label: '… worst probe of another session, ms', goal: '≤ 350', digits: 0 },
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

const slowHost: Row = {
  id: 'slow-host',
  mostRounds: 3,
  metrics: [
    { label: 'host reading 1 MiB/s, 200,000 chunks: RSS growth, MiB', goal: '≤ 8', digits: 1 },
    { label: '… worst heartbeat gap, s', goal: '≤ 10.5', digits: 1 },
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

const tokens: Row = {
  id: 'tokens',
  pluginOnly: true,
  metrics: [
    { label: 'token count of 99 kB, ms', goal: '≤ 3', digits: 2 },
    { label: '… of 60,000 × `a`, ms', goal: '≤ 5', digits: 2 },
  ],
  async measure({ start }) {
    const host = await start();
    const sentence = 'The quick brown fox jumps over the lazy dog, and nobody knows exactly why it does so. ';
    const count = (content: string) => {
      const prompt_messages = [{ role: 'user', content }];
      return host.invoke('get_llm_num_tokens', 'chunks:8', { prompt_messages });
    };
    const figures: number[] = [];
    for (const text of [sentence.repeat(99_000 / sentence.length), 'a'.repeat(60_000)]) {
      await repeat(20, () => count(text));
      figures.push(percentile((await repeat(50, () => count(text))).map(took), 0.5));
    }
    for (const results of host.takeResults().values()) {
      const { num_tokens } = (results[0]?.data ?? {}) as { num_tokens?: number };
      if (!Number.isInteger(num_tokens)) throw new Error(`a count of ${num_tokens} tokens`);
    }
    return figures;
  },
};

/** The table, top to bottom. */
export const rows: readonly Row[] = [
  start,
  answer,
  lone,
  stream,
  streams,
  embed,
  rerank,
  crowd,
  slowHost,
  tokens,
];
