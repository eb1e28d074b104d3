import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { startDebugHost } from '../debug-host/debug-host.ts';
import { FakeHost } from '../host/host.ts';
import type { Exit } from '../host/host-options.ts';
import { HttpHost } from '../host/http-host.ts';

/** The plugin's entry, as source. */
export const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** A plugin process, and a host that reaches it over one of the transports. */
export interface ServedPlugin extends AsyncDisposable {
  readonly host: FakeHost;
  /** The host's HTTP side, where that is the transport. */
  readonly http?: HttpHost;
  readonly exit: Promise<Exit>;
  kill(signal: NodeJS.Signals): void;
  /** The host goes away. */
  leave(): void;
}

/** Starts `src/main.ts` with nothing of this process's environment but what is given. */
export function startMain(
  env: NodeJS.ProcessEnv,
  cwd = tmpdir(),
  words: readonly string[] = [],
): PluginProcess {
  return new PluginProcess(spawn(process.execPath, [MAIN, ...words], { cwd, env, stdio: 'pipe' }));
}

/** A process whose output is kept. */
export class PluginProcess {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;
  readonly exit: Promise<Exit>;

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (bytes: Buffer) => {
      this.stdout += bytes.toString('utf8');
    });
    child.stderr?.on('data', (bytes: Buffer) => {
      this.stderr += bytes.toString('utf8');
    });
    this.exit = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** The first match in what it printed on stdout, as soon as it is there. Rejects when the process ends without. */
  async printed(what: RegExp): Promise<RegExpExecArray> {
    const ended = this.exit.then(({ code }) => {
      throw new Error(`the plugin ended (${code}) without ${what}: ${this.stdout}${this.stderr}`);
    });
    for (;;) {
      const found = what.exec(this.stdout);
      if (found !== null) {
        ended.catch(() => undefined);
        return found;
      }
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), ended]);
    }
  }

  /** Ends it at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null) this.child.kill('SIGKILL');
    await this.exit;
  }
}

async function stdio(env: NodeJS.ProcessEnv): Promise<ServedPlugin> {
  const child = spawn(process.execPath, [MAIN], { env: { ...env, INSTALL_METHOD: 'local' }, stdio: 'pipe' });
  const host = new FakeHost(child, { checkAnswers: true }, child);
  await host.ready();
  return {
    host,
    exit: host.exit,
    kill: signal => void child.kill(signal),
    leave: () => {
      child.stdin.destroy();
      child.stdout.destroy();
    },
    [Symbol.asyncDispose]: async () => void (await host.close()),
  };
}

async function remote(env: NodeJS.ProcessEnv): Promise<ServedPlugin> {
  const debugging = await startDebugHost();
  const plugin = startMain({ ...env, ...debugging.env, INSTALL_METHOD: 'remote' });
  const connection = await debugging.connection();
  return {
    host: connection.host,
    exit: plugin.exit,
    kill: signal => void plugin.child.kill(signal),
    leave: () => connection.cut(),
    [Symbol.asyncDispose]: async () => {
      await plugin[Symbol.asyncDispose]();
      connection.host.inspect(plugin.stdout + plugin.stderr, 'the log');
      await connection.host.close();
      await debugging.close();
    },
  };
}

async function serverless(env: NodeJS.ProcessEnv): Promise<ServedPlugin> {
  const plugin = startMain({
    ...env,
    INSTALL_METHOD: 'serverless',
    SERVERLESS_HOST: '127.0.0.1',
    SERVERLESS_PORT: '0',
  });
  const [, port] = await plugin.printed(/Serving Flask app.* port (\d+)\n/);
  const http = new HttpHost(`http://127.0.0.1:${port}`);
  const host = new FakeHost(http, { checkAnswers: true });
  return {
    host,
    http,
    exit: plugin.exit,
    kill: signal => void plugin.child.kill(signal),
    leave: () => http.close(),
    [Symbol.asyncDispose]: async () => {
      await plugin[Symbol.asyncDispose]();
      host.inspect(plugin.stdout + plugin.stderr, 'the log');
      await host.close();
    },
  };
}

/** Each way between a host and the plugin, with the plugin as a process that runs from source. */
export const transports = { stdio, 'remote debugging': remote, serverless } as const;
export type TransportName = keyof typeof transports;
