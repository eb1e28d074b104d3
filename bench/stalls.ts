/**
 * For how long requests of an unusual kind keep a plugin from doing anything else, and what memory they take:
 *
 *     node bench/stalls.ts [part of a load's name]
 *
 * Each load runs in a fresh process, beside heartbeats. Prints a Markdown table.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { FakeHost } from '../test/fake/host/host.ts';
import { audio, defaultModels, embedding } from '../test/fake/xinference/models.ts';
import { type FakeXinference, startFakeXinference } from '../test/fake/xinference/xinference-server.ts';
import { memoryOf } from './compare/usage.ts';
import { nodeFlags } from './process/node-flags.ts';
import { answers } from './stalls/answers.ts';
import { ask, type Load } from './stalls/load.ts';
import { requests } from './stalls/requests.ts';
import { speech } from './stalls/speech.ts';
import { serverWords } from './stalls/words.ts';

const ROOT = new URL('..', import.meta.url).pathname;
const loads = [...answers, ...serverWords, ...speech, ...requests];

const server = await startFakeXinference({
  models: [
    ...defaultModels,
    embedding('wide', { dimensions: 4096 }),
    audio('paraformer', { model_name: 'paraformer-zh-spk' }),
  ],
});
const wanted = process.argv[2] ?? '';
console.log(
  '| load | longest turn of the event loop, ms of CPU | ms in all | peak RSS, MiB | ended with |\n|---|--:|--:|--:|---|',
);
for (const load of loads.filter(({ name }) => name.includes(wanted)))
  console.log(await measure(load, server));
await server.close();

async function measure(load: Load, server: FakeXinference): Promise<string> {
  const child = spawn(
    process.execPath,
    [...nodeFlags(), '--import', `${ROOT}bench/process/stall-probe.ts`, `${ROOT}src/main.ts`],
    {
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, INSTALL_METHOD: 'local', LOG_LEVEL: 'silent' },
    },
  );
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
  const host = new FakeHost({ stdin, stdout, stderr }, {}, child);
  await host.ready();
  server.clear();
  const credentials = { server_url: server.url, model_uid: load.uid };
  // Warm: the description is there, and the code is compiled.
  for (let round = 0; round < 20; round++)
    await host
      .request('invoke_llm', { ...ask('hi'), credentials: { ...credentials, model_uid: 'chat' } })
      .result();
  await host.request('get_ai_model_schemas', { credentials, model: load.uid, model_type: 'llm' }).result();
  await host.request('validate_provider_credentials', { credentials }).result();
  if (load.route !== undefined && load.answer !== undefined) server.answer(load.route, load.answer);
  const request = (at: number) =>
    host.request(load.action, {
      model: load.uid,
      ...load.data(at),
      credentials: { ...credentials, ...load.credentials?.(at) },
    });
  const stall = async () => {
    child.send('ask');
    return Number((await once(child, 'message'))[0]);
  };
  await stall();
  const from = performance.now();
  const last = load.unreadMs === undefined ? await inTurn(load, request) : await unread(load, request, host);
  const ms = performance.now() - from;
  const longest = await stall();
  const { peak } = memoryOf(child.pid ?? 0);
  await host.close().catch((error: Error) => console.log(error.message));
  const end = last.error === undefined ? `${last.stream.length} results` : last.error.error_type;
  return `| ${load.name} | ${longest.toFixed(0)} | ${ms.toFixed(0)} | ${peak.toFixed(0)} | ${end} |`;
}

type Request = (at: number) => ReturnType<FakeHost['request']>;

/** @returns how the last one ended */
async function inTurn({ times = 1 }: Load, request: Request) {
  for (let at = 0; at < times - 1; at++) await request(at).result();
  return request(times - 1).result();
}

/** The same, all at once and unread for a while. */
async function unread({ times = 1, unreadMs }: Load, request: Request, host: FakeHost) {
  host.pause();
  const sessions = Array.from({ length: times }, (_, at) => request(at));
  await sleep(unreadMs);
  host.resume();
  const results = await Promise.all(sessions.map(session => session.result()));
  return results.at(-1) ?? request(times).result();
}
