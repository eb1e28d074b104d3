import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import { hostRequest } from '../../test/fake/host/host-request.ts';
import { roundRobin } from '../../test/fake/network/balancers.ts';
import { PluginProcess } from '../../test/fake/plugin/transports.ts';
import { PROMPT } from '../compare/rows/asking.ts';
import { cpuSeconds, memoryOf } from '../compare/usage.ts';
import { verifyChat } from '../compare/verify.ts';
import type { Growth } from './growth.ts';

const UID = 'chunks:200';
const CHUNKS = 200;
const CLIENTS = 64;
/** Of each client, for each process, so that all processes run compiled code for as long. */
const ANSWERS_EACH = 30;

/** Processes of the serverless mode behind a balancer, which share what 64 clients ask for. */
export const replicas: Growth = {
  id: 'replicas',
  of: 'processes behind a balancer',
  sizes: [1, 2, 3],
  metrics: [
    { label: 'CPU per chunk of all together, µs', digits: 2 },
    { label: 'peak RSS of one, MiB', digits: 0 },
  ],
  async measure(count, { command: { program, args, cwd }, server }) {
    const env = {
      ...process.env,
      INSTALL_METHOD: 'serverless',
      SERVERLESS_HOST: '127.0.0.1',
      SERVERLESS_PORT: '0',
    };
    await using stack = new AsyncDisposableStack();
    const processes = Array.from({ length: count }, () =>
      stack.use(new PluginProcess(spawn(program, args, { cwd, env, stdio: 'pipe' }))),
    );
    const ports = await Promise.all(
      processes.map(async one => Number((await one.printed(/ port (\d+)\n/))[1])),
    );
    const balancer = stack.use(await roundRobin(ports));
    const client = stack.adopt(new Agent({ connections: CLIENTS }), agent => agent.destroy());
    const ask = () => invoke(`http://127.0.0.1:${balancer.port}`, client, server.url);
    const askAll = (times: number) =>
      Promise.all(
        Array.from({ length: CLIENTS }, async () => {
          const answers: string[] = [];
          for (let i = 0; i < times; i++) answers.push(await ask());
          return answers;
        }),
      );

    await askAll(15 * count);
    const pids = processes.map(({ child }) => child.pid ?? 0);
    const used = () => pids.reduce((sum, pid) => sum + cpuSeconds(pid), 0);
    const before = used();
    const answers = await askAll(ANSWERS_EACH * count);
    const cpu = used() - before;
    for (const answer of answers.flat()) verify(answer);
    const peak = Math.max(...pids.map(pid => memoryOf(pid).peak));
    return [(1e6 * cpu) / (answers.flat().length * CHUNKS), peak];
  },
};

/** @returns the lines of the session, as they came */
async function invoke(url: string, dispatcher: Agent, serverUrl: string): Promise<string> {
  const credentials = { server_url: serverUrl, model_uid: UID, max_retries: '0' };
  const body = JSON.stringify(hostRequest(randomUUID(), 'invoke_llm', PROMPT, credentials));
  const response = await request(`${url}/invoke`, { method: 'POST', body, dispatcher });
  return response.body.text();
}

/** @throws Error unless it is the whole answer */
function verify(lines: string): void {
  const messages = lines
    .trim()
    .split('\n')
    .map(line => JSON.parse(line).data);
  const results = messages.filter(({ type }) => type === 'stream').map(({ data }) => ({ at: 0, data }));
  if (messages.at(-1)?.type !== 'end') throw new Error(`an answer ended with ${lines.slice(-200)}`);
  verifyChat(UID, results);
}
