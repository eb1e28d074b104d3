import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { OWNER, startFakeConsole } from '../fake/console/console-server.ts';
import { embedding, llm } from '../fake/xinference/models.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';

const MAIN = join(import.meta.dirname, '../../src/main.ts');

it('ends although its standard input, the password in it, stays open', async () => {
  await using server = await startFakeXinference({ models: [llm('chat')] });
  await using dify = await startFakeConsole();
  const argv = ['import', '--server', server.url, '--dify', dify.url, '--email', OWNER.email, '--yes'];
  const command = spawn(process.execPath, [MAIN, ...argv], { stdio: ['pipe', 'ignore', 'inherit'] });
  command.stdin.write(`${OWNER.password}\n`);
  expect(await once(command, 'exit')).toEqual([0, null]);
});

it('a reader that has seen enough does not stop it between two models', async () => {
  await using server = await startFakeXinference({ models: [llm('chat'), embedding('bge-m3')] });
  await using dify = await startFakeConsole();
  const argv = ['import', '--server', server.url, '--dify', dify.url, '--email', OWNER.email, '--yes'];
  const command = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DIFY_PASSWORD: OWNER.password },
  });
  command.stdout.once('data', () => command.stdout.destroy());
  expect(await once(command, 'exit')).toEqual([0, null]);
  expect(dify.models.map(({ name }) => name)).toEqual(['chat', 'bge-m3']);
});
