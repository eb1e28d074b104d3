import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** Something that spreads requests over ports of 127.0.0.1. */
export interface Balancer extends AsyncDisposable {
  readonly port: number;
}

/** One connection after the other to the next port that takes it; bytes, ends and resets pass as they are. */
export async function roundRobin(ports: readonly number[]): Promise<Balancer> {
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ allowHalfOpen: true }, client => {
    sockets.add(client);
    const first = turn++;
    const attempt = (tried: number): void => {
      const port = ports[(first + tried) % ports.length] ?? 0;
      const plugin = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      let connected = false;
      plugin.once('error', () => {
        if (connected || tried + 1 === ports.length) client.resetAndDestroy();
        else attempt(tried + 1);
      });
      plugin.once('connect', () => {
        connected = true;
        client.once('error', () => plugin.resetAndDestroy());
        client.pipe(plugin).pipe(client);
      });
    };
    client.on('error', () => undefined).once('close', () => sockets.delete(client));
    attempt(0);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Starts a program with a configuration in a folder of its own, and waits until it takes connections. */
async function startProgram(
  configure: (port: number, folder: string) => string,
  command: (file: string, folder: string) => readonly [string, ...string[]],
): Promise<Balancer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'balancer-'));
  const file = join(folder, 'configuration');
  writeFileSync(file, configure(port, folder));
  const [program, ...args] = command(file, folder);
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr?.on('data', (bytes: Buffer) => {
    stderr += bytes.toString('utf8');
  });
  const exit = once(child, 'close');
  while (!(await takes(port))) {
    if (child.exitCode !== null) throw new Error(`${program} did not start: ${stderr}`);
    await sleep(20);
  }
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await exit;
      rmSync(folder, { recursive: true });
    },
  };
}

async function takes(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const taken = await new Promise<boolean>(resolve => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return taken;
}

const nginx = (ports: readonly number[]): Promise<Balancer> =>
  startProgram(
    (port, folder) => `
daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  upstream plugin { ${ports.map(replica => `server 127.0.0.1:${replica};`).join(' ')} keepalive 16; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    location / { proxy_pass http://plugin; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}`,
    (file, folder) => ['nginx', '-p', folder, '-c', file],
  );

const haproxy = (ports: readonly number[]): Promise<Balancer> =>
  startProgram(
    port => `
global
  maxconn 4096
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option redispatch
  retries 3
frontend host
  bind 127.0.0.1:${port}
  default_backend plugin
backend plugin
  balance roundrobin
  option httpchk GET /health
  default-server check inter 200ms fall 1 rise 1
${ports.map((replica, at) => `  server replica${at} 127.0.0.1:${replica}`).join('\n')}
`,
    file => ['haproxy', '-db', '-f', file],
  );

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['-v'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What can stand before replicas here: a balancer of the tests' own, and the real ones that this machine has. */
export const balancers: Readonly<Record<string, (ports: readonly number[]) => Promise<Balancer>>> = {
  'a round robin': roundRobin,
  ...(isThere('nginx') ? { nginx } : {}),
  ...(isThere('haproxy') ? { haproxy } : {}),
};
