/**
 * Keeps a thousand requests open for minutes, with cancels at random, keys and UIDs that are hard to bear, servers that
 * fail and misbehave in every way, die and come back, and a host that at times reads slowly, or nothing, and goes on asking; then lets all come to rest, and compares what the plugin holds with what it held
 * before:
 *
 *     npm run soak -- [--minutes 5] [--sessions 1000]
 *
 * Fails when a session, a socket, a timer or a listener is left, when the memory at rest grows after the first rounds, when
 * a rule of the protocol was broken, or when heartbeats slipped.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { FakeHost } from '../test/fake/host/host.ts';
import { type FakeXinference, startFakeXinference } from '../test/fake/xinference/xinference-server.ts';
import { invokingActions } from '../test/faults/actions.ts';
import { faults } from '../test/faults/fault-table.ts';
import { nodeFlags } from './process/node-flags.ts';
import type { Holdings } from './process/soak-plugin.ts';
import { fatUid, keys, misdeeds } from './soak/misdeeds.ts';

const { values: options } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, sessions: { type: 'string', default: '1000' } },
});
const SESSIONS = Number(options.sessions);
const ROUND_MS = 30_000;
const ROUNDS = Math.max(3, Math.round((Number(options.minutes) * 60_000) / ROUND_MS));
/** Longer than connections are kept alive, and than the longest timer of a request that was given up. */
const REST_MS = 7_000;
/** Rounds in which caches fill and code is compiled. */
const WARM_UP = 2;
const MOST_GROWTH_MIB = 3;
/** How long the host reads slowly, and then nothing, in ms. A heartbeat can come so much later. */
const SLOW_MS = 2_000;
const UNREAD_MS = 2_000;
/** What it asks meanwhile. */
const UNREAD = 2_000;
const STREAM = { chunkDelay: 100, chunkCount: 40, reply: 'one word after another ' };

const plugin = new URL('process/soak-plugin.ts', import.meta.url).pathname;
const child = spawn(process.execPath, [...nodeFlags(), '--expose-gc', plugin], {
  stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  env: { ...process.env, LOG_LEVEL: 'error' },
});
const { stdin, stdout, stderr } = child;
if (stdin === null || stdout === null || stderr === null) throw new Error('The plugin has no pipes.');
const host = new FakeHost({ stdin, stdout, stderr }, { checkAnswers: true }, child);
await host.ready();

const good = await startFakeXinference(STREAM);
const failing = await startFakeXinference(STREAM);
const hostile = await startFakeXinference(STREAM);
let mortal = await startFakeXinference(STREAM);
const mortalAddress = { url: mortal.url, port: mortal.port };
const schemaAsked = {
  model: 'm',
  model_type: 'llm',
  credentials: { server_url: good.url, model_uid: 'chat' },
};
const outcomes = new Map<string, number>();
let isRunning = false;

const pick = <T>(all: readonly T[]): T => all[Math.floor(Math.random() * all.length)] as T;

/** One request of a random kind to a random server; most are streams. */
async function request(): Promise<void> {
  const action = Math.random() < 0.8 ? pick(invokingActions.slice(0, 1)) : pick(invokingActions);
  const server = pick([good, good, failing, hostile, mortalAddress]);
  if (server === failing) failing.answer('*', pick(faults).handler);
  if (server === hostile) hostile.answer('*', pick(misdeeds));
  const credentials = {
    server_url: server.url,
    model_uid: Math.random() < 0.05 ? fatUid() : action.uid,
    api_key: server === hostile ? pick(keys) : '',
    invoke_timeout: '3',
    max_retries: '1',
  };
  const session = host.request(action.action, { ...action.data, model: 'm', credentials });
  if (Math.random() < 0.2) void sleep(4_000 * Math.random()).then(() => host.cancel(session.id));
  const { error } = await session.result();
  const outcome = error?.error_type ?? 'ok';
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

/** One of many that ask again and again. */
async function caller(): Promise<void> {
  while (isRunning) await request();
}

/** A server that dies with all its connections, and is back at the same place a second later. */
async function dieAndComeBack(): Promise<void> {
  while (isRunning) {
    await sleep(3_000 + 3_000 * Math.random());
    await mortal.close();
    await sleep(1_000);
    mortal = await startFakeXinference(STREAM, mortalAddress.port);
  }
}

/** Slowly, and then nothing, while it asks for more than it could ever read. */
async function readBadlyAtTimes(): Promise<void> {
  while (isRunning) {
    await sleep(4_000);
    host.readRate = 1024 * 1024;
    await sleep(SLOW_MS);
    host.readRate = undefined;
    host.pause();
    const asked = Array.from({ length: UNREAD }, () => host.request('get_ai_model_schemas', schemaAsked));
    await sleep(UNREAD_MS);
    host.resume();
    await Promise.all(asked.map(session => session.result()));
  }
}

async function holdings(): Promise<Holdings> {
  child.send('ask');
  const [answer] = await once(child, 'message');
  return answer as Holdings;
}

const openConnections = (servers: readonly FakeXinference[]) =>
  servers.reduce((sum, { openConnections }) => sum + openConnections, 0);

// All kinds of connections once, so that what is held before is what is held for good.
await Promise.all(Array.from({ length: 100 }, request));
await sleep(REST_MS);
outcomes.clear();
const before = await holdings();
const faultsFound: string[] = [];
const atRest: Holdings[] = [];
console.log(
  '| round | requests | heap at rest, MiB | external | RSS, MiB | peak of open connections |\n|--:|--:|--:|--:|--:|--:|',
);
for (let round = 1; round <= ROUNDS; round++) {
  isRunning = true;
  const callers = Array.from({ length: SESSIONS }, caller);
  const chaos = [dieAndComeBack(), readBadlyAtTimes()];
  let connections = 0;
  for (const until = performance.now() + ROUND_MS; performance.now() < until; await sleep(500)) {
    connections = Math.max(connections, openConnections([good, failing, hostile, mortal]));
  }
  isRunning = false;
  for (const server of [good, failing, hostile, mortal]) server.clear();
  await Promise.all([...callers, ...chaos]);
  await sleep(REST_MS);
  const now = await holdings();
  atRest.push(now);
  const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `| ${round} | ${total} | ${now.heap.toFixed(1)} | ${now.external.toFixed(1)} | ${now.rss.toFixed(0)} | ${connections} |`,
  );
  if (now.sessions > 0) faultsFound.push(`round ${round}: ${now.sessions} sessions left`);
  if (now.listeners !== before.listeners)
    faultsFound.push(`round ${round}: ${now.listeners} listeners, not ${before.listeners}`);
  const kinds = new Set([...Object.keys(before.resources), ...Object.keys(now.resources)]);
  for (const kind of kinds) {
    const [was, is] = [before.resources[kind] ?? 0, now.resources[kind] ?? 0];
    if (is > was) faultsFound.push(`round ${round}: ${is} of ${kind}, not ${was}`);
  }
  const open = openConnections([good, failing, hostile, mortal]);
  if (open > 0) faultsFound.push(`round ${round}: ${open} connections left`);
}

const warm = atRest.slice(WARM_UP - 1);
const [first = before] = warm;
const growth = Math.max(...warm.map(({ heap, external }) => heap + external)) - first.heap - first.external;
if (growth > MOST_GROWTH_MIB)
  faultsFound.push(`${growth.toFixed(1)} MiB more at rest than after the warm-up`);
const slips = host.heartbeatGaps().map(gap => Math.abs(gap - 10_000));
const slip = Math.max(0, ...slips);
if (slip > 1_000 + SLOW_MS + UNREAD_MS) faultsFound.push(`a heartbeat ${slip.toFixed(0)} ms beside its time`);
const { longestTurn } = await holdings();
await host.close().catch((error: Error) => faultsFound.push(error.message));
await Promise.all([good, failing, hostile, mortal].map(server => server.close()));
console.log(
  `\nAnswers: ${[...outcomes]
    .sort(([, a], [, b]) => b - a)
    .map(([outcome, count]) => `${outcome} ${count}`)
    .join(', ')}.`,
);
console.log(
  `Heartbeats: ${host.heartbeats.length}, at most ${slip.toFixed(0)} ms beside their time. Longest turn of the event loop: ${longestTurn.toFixed(0)} ms of CPU.`,
);
console.log(
  `Held at rest, before and after: ${JSON.stringify(before.resources)}, ${JSON.stringify(atRest.at(-1)?.resources)}.`,
);
for (const fault of faultsFound) console.log(`FAULT: ${fault}`);
process.exitCode = faultsFound.length > 0 ? 1 : 0;
