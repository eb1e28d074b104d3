import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePackage } from '../../scripts/package/make-package.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { FakeHost } from '../fake/host/host.ts';
import { hostRequest } from '../fake/host/host-request.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { pluginPython, VENV_TIMEOUT } from '../launcher/venv.ts';

const folder = mkdtempSync(join(tmpdir(), 'xinference-package-'));
const plugin = join(folder, 'plugin');
let python: string;
let server: FakeXinference;

beforeAll(async () => {
  python = await pluginPython();
  server = await startFakeXinference();
  const { file } = await makePackage(readPlugin(), { out: join(folder, 'xinference.difypkg') });
  execFileSync(python, ['-m', 'zipfile', '-e', file, plugin]);
}, VENV_TIMEOUT);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the package, unpacked, in an environment that has only the Node wheel', () => {
  it('answers a host that starts `python -m main`', async () => {
    const host = FakeHost.spawn(python, ['-m', 'main'], { cwd: plugin, env: { PATH: '/nowhere' } });
    await host.ready();
    const credentials = { server_url: server.url, model_uid: 'chat' };
    for (const action of ['validate_model_credentials', 'get_ai_model_schemas']) {
      expect((await host.request(action, { credentials, model: 'chat' }).result()).error).toBeUndefined();
    }
    expect(await host.close()).toEqual({ code: 0, signal: null });
    expect(host.stderr).toBe('');
  });

  it.each(['an orderly end', 'SIGKILL'])(
    'shows a model as it was after %s, although its server is away',
    async end => {
      const start = async () => {
        const host = FakeHost.spawn(python, ['-m', 'main'], { cwd: plugin, env: { PATH: '/nowhere' } });
        await host.ready();
        return host;
      };
      const file = join(plugin, 'model-descriptions.json');
      rmSync(file, { force: true });
      await using away = await startFakeXinference();
      const credentials = { server_url: away.url, model_uid: 'chat-tools' };
      const schema = async (host: FakeHost) =>
        (await host.request('get_ai_model_schemas', { credentials, model: 'chat-tools' }).result()).stream[0];
      const first = await start();
      const before = await schema(first);
      expect(before).toMatchObject({ model_schema: { features: expect.arrayContaining(['tool-call']) } });
      if (end === 'SIGKILL') {
        while (!existsSync(file)) await new Promise(resolve => setTimeout(resolve, 10));
        first.kill('SIGKILL');
        await first.exit;
      } else await first.close();
      await away.close();
      const second = await start();
      expect(await schema(second)).toEqual(before);
      await second.close();
    },
  );

  it('evaluates no code and starts no process, as the Marketplace is told', () => {
    const bundle = readFileSync(join(plugin, 'runtime/index.cjs'), 'utf8');
    expect(bundle).not.toMatch(/\beval\(|\bnew Function\(|child_process/);
  });

  it('has the doctor in it', async () => {
    const child = spawn(
      python,
      ['-m', 'main', 'doctor', '--server', server.url, '--model', 'chat', '--try'],
      {
        cwd: plugin,
        env: {},
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString('utf8');
    });
    const code = await new Promise(resolve => child.once('close', resolve));
    expect(out).toContain('Dify can use 1 of 1 model.');
    expect(out).toContain('a call as LLM:');
    expect(code).toBe(0);
  });

  it('answers one request typed into its stdin, whole, and exits with 0', async () => {
    const request = hostRequest(
      's1',
      'invoke_llm',
      {
        model: 'chat',
        credentials: { server_url: server.url, model_uid: 'chat' },
        prompt_messages: [{ role: 'user', content: 'hi' }],
        stream: true,
      },
      null,
    );
    const child = spawn(python, ['-m', 'main'], { cwd: plugin, env: {}, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(`${JSON.stringify(request)}\n`);
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString('utf8');
    });
    const code = await new Promise(resolve => child.once('close', resolve));
    expect(code).toBe(0);
    const messages = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(messages[0].event).toBe('heartbeat');
    expect(messages.at(-2).data.data.delta.finish_reason).toBe('stop');
    expect(messages.at(-1).data.type).toBe('end');
  });
});
