import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { projectRoot } from '../../scripts/project.ts';
import { type FakeDebugHost, startDebugHost } from '../fake/debug-host/debug-host.ts';
import { PluginProcess, startMain } from '../fake/plugin/transports.ts';

let folder: string;
let host: FakeDebugHost;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'xinference-debug-'));
  host = await startDebugHost();
});
afterEach(async () => {
  await host.close();
  rmSync(folder, { recursive: true });
});

function writeEnvFile(key = host.key): void {
  const lines = ['INSTALL_METHOD=remote', `REMOTE_INSTALL_URL=127.0.0.1:${host.port}`];
  writeFileSync(join(folder, '.env'), [...lines, `REMOTE_INSTALL_KEY=${key}`, ''].join('\n'));
}

it('debugs remotely with nothing but a file .env, and goes on SIGTERM', async () => {
  writeEnvFile();
  await using plugin = startMain({}, folder);
  const connection = await host.connection();
  const { error } = await connection.host.request('invoke_moderation').result();
  expect(error?.error_type).toBe('InvokeBadRequestError');
  await plugin.printed(/"msg":"Declared to Dify at /);
  plugin.child.kill('SIGTERM');
  expect(await plugin.exit).toEqual({ code: 0, signal: null });
  expect(plugin.stderr).toBe('');
});

it('ends with 1 and one line when the host refuses its key', async () => {
  writeEnvFile('old');
  await using plugin = startMain({}, folder);
  expect(await plugin.exit).toEqual({ code: 1, signal: null });
  expect(plugin.stdout).toBe('');
  expect(plugin.stderr).toMatch(
    /^xinference plugin: .*"handshake failed, invalid key".*REMOTE_INSTALL_KEY\.\n$/,
  );
});

it('goes on SIGTERM while it waits for a host', async () => {
  writeEnvFile();
  await host.close();
  await using plugin = startMain({}, folder);
  await plugin.printed(/ECONNREFUSED/);
  plugin.child.kill('SIGTERM');
  expect(await plugin.exit).toEqual({ code: 0, signal: null });
});

it('is what `npm run debug` runs, whatever the environment says', async () => {
  const env = { INSTALL_METHOD: 'local', ...host.env };
  const script = join(projectRoot, 'scripts/debug.ts');
  await using plugin = new PluginProcess(
    spawn(process.execPath, [script], { cwd: folder, env, stdio: 'pipe' }),
  );
  await host.connection();
  plugin.child.kill('SIGTERM');
  await plugin.exit;
});
