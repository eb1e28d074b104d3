import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostRequest } from '../fake/host/host-request.ts';
import { freePort } from '../fake/network/free-port.ts';
import { MAIN, type PluginProcess, startMain } from '../fake/plugin/transports.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';

let server: FakeXinference;
beforeAll(async () => {
  server = await startFakeXinference({ reply: 'word '.repeat(30), chunkDelay: 30 });
});
afterAll(() => server.close());

const serverless = (env: NodeJS.ProcessEnv = {}): PluginProcess =>
  startMain({ INSTALL_METHOD: 'serverless', SERVERLESS_HOST: '127.0.0.1', SERVERLESS_PORT: '0', ...env });

/** The port that it prints. */
async function portOf(plugin: PluginProcess): Promise<number> {
  const [, port] = await plugin.printed(/Serving Flask app.* port (\d+)\n/);
  return Number(port);
}

/** Whether it is there. */
async function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/health`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function ask(port: number, session = 's1', url = server.url): Promise<Response> {
  const data = {
    model: 'chat',
    credentials: { server_url: url, model_uid: 'chat', max_retries: '1' },
    prompt_messages: [{ role: 'user', content: 'hi' }],
    stream: true,
  };
  const body = JSON.stringify(hostRequest(session, 'invoke_llm', data, null));
  return fetch(`http://127.0.0.1:${port}/invoke?action=invoke_llm`, { method: 'POST', body });
}

describe('a serverless plugin', () => {
  it('listens by the time it says so', async () => {
    await using plugin = serverless();
    const answer = await fetch(`http://127.0.0.1:${await portOf(plugin)}/health`);
    expect([answer.status, await answer.text()]).toEqual([200, 'OK']);
    expect(plugin.stdout.split('\n')).toHaveLength(2); // one line
  });

  it('goes by its older name with the variables of that name', async () => {
    const variables = { AWS_LAMBDA_HOST: '127.0.0.1', AWS_LAMBDA_PORT: '0', SERVERLESS_PORT: 'wrong' };
    await using plugin = serverless({ INSTALL_METHOD: 'aws_lambda', ...variables });
    expect((await fetch(`http://127.0.0.1:${await portOf(plugin)}/`)).status).toBe(200);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'serves on where its log cannot be written (issue 16, point 12)',
    async () => {
      const port = await freePort();
      const full = openSync('/dev/full', 'w');
      const child = spawn(process.execPath, [MAIN], {
        env: {
          ...process.env,
          INSTALL_METHOD: 'serverless',
          SERVERLESS_HOST: '127.0.0.1',
          SERVERLESS_PORT: `${port}`,
        },
        stdio: ['ignore', full, full],
      });
      closeSync(full);
      try {
        while (child.exitCode === null && !(await answers(port))) await sleep(50);
        expect(await (await ask(port)).text()).toContain('"end"');
        // A warning is logged, of an address at which nobody listens.
        const dead = await ask(port, 's2', `http://127.0.0.1:${await freePort()}`);
        expect(await dead.text()).toContain('InvokeConnectionError');
        expect(await answers(port)).toBe(true);
        expect(child.exitCode).toBeNull();
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('serves on when the reader of its log has gone (issue 16, point 12)', async () => {
    await using plugin = serverless({ LOG_LEVEL: 'debug' });
    const port = await portOf(plugin);
    plugin.child.stdout?.destroy();
    plugin.child.stderr?.destroy();
    for (const session of ['s1', 's2', 's3']) {
      const dead = await ask(port, session, `http://127.0.0.1:${await freePort()}`);
      expect(await dead.text()).toContain('InvokeConnectionError');
    }
    expect(await answers(port)).toBe(true);
  });

  it('opens no debugger on SIGUSR1 (issue 16, point 13)', async () => {
    await using plugin = serverless();
    const port = await portOf(plugin);
    plugin.child.kill('SIGUSR1');
    expect(await answers(port)).toBe(true);
    plugin.child.kill('SIGTERM');
    expect(await plugin.exit).toEqual({ code: 0, signal: null });
    expect(plugin.stderr).toBe('');
  });

  it('ends with 1 and one line when its port is taken', async () => {
    await using first = serverless();
    await using second = serverless({ SERVERLESS_PORT: String(await portOf(first)) });
    expect(await second.exit).toEqual({ code: 1, signal: null });
    expect(second.stderr).toMatch(
      /^xinference plugin: Cannot listen on .*\(EADDRINUSE\)\. Set another host or port .*\n$/,
    );
    expect(second.stdout).toBe('');
  });

  it('goes at once on SIGTERM when nothing runs, though clients keep their connections', async () => {
    await using plugin = serverless();
    const port = await portOf(plugin);
    const idle = connect(port, '127.0.0.1');
    idle.write('GET /health HTTP/1.1\r\nhost: plugin\r\n\r\n');
    await once(idle, 'data');
    const silent = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(silent, 'connect');
    plugin.child.kill('SIGTERM');
    expect(await plugin.exit).toEqual({ code: 0, signal: null });
    silent.destroy();
  });

  it('finishes on SIGTERM what runs, and takes nothing more', async () => {
    await using plugin = serverless();
    const port = await portOf(plugin);
    const answer = await ask(port);
    plugin.child.kill('SIGTERM');
    while (
      await fetch(`http://127.0.0.1:${port}/health`).then(
        () => true,
        () => false,
      )
    )
      await sleep(10);
    const lines = (await answer.text()).trim().split('\n');
    expect(lines.map(line => JSON.parse(line).data.type).at(-1)).toBe('end');
    expect(lines.join('').match(/word/g)).toHaveLength(30);
    expect(await plugin.exit).toEqual({ code: 0, signal: null });
  });

  it('leaves an answer visibly broken when it is killed', async () => {
    await using plugin = serverless();
    const answer = await ask(await portOf(plugin));
    plugin.child.kill('SIGKILL');
    await expect(answer.text()).rejects.toThrow('terminated');
  });

  it('leaves the end of an answer to HTTP', async () => {
    await using plugin = serverless();
    const port = await portOf(plugin);
    const body = '{"event":"request","session_id":"a","data":{}}';
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /invoke HTTP/1.1\r\nhost: p\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    expect(await text(socket)).toMatch(/"type":"end","data":\{\}\}\}\n\r\n0\r\n\r\n$/);
  });
});
