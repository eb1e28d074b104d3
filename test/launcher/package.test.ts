import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle } from '../../scripts/build/bundle.ts';
import { writeFiles } from '../../scripts/package/package-file.ts';
import { filesOf } from '../../scripts/package/staging.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { declarationOf } from '../../src/dify/declaration/declaration.ts';
import { startDebugHost } from '../fake/debug-host/debug-host.ts';
import { freePort } from '../fake/network/free-port.ts';
import { PluginProcess } from '../fake/plugin/transports.ts';
import { pluginPython, VENV_TIMEOUT } from './venv.ts';

const { version } = declarationOf(`${import.meta.dirname}/../..`).manifest;

const folder = mkdtempSync(join(tmpdir(), 'xinference-modes-'));
const plugin = join(folder, 'plugin');
let python: string;

beforeAll(async () => {
  python = await pluginPython();
  const bundle = await buildBundle(readPlugin(), join(folder, 'index.cjs'));
  writeFiles(await filesOf(readPlugin(), bundle), plugin);
}, VENV_TIMEOUT);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const start = (env: NodeJS.ProcessEnv, ...words: string[]): PluginProcess =>
  new PluginProcess(spawn(python, ['-m', 'main', ...words], { cwd: plugin, env, stdio: 'pipe' }));

describe("the Marketplace's installation check", () => {
  it.each([
    ['aws_lambda', 'AWS_LAMBDA'], // where the plugin does not require dify_plugin
    ['serverless', 'SERVERLESS'],
  ])('passes as %s', async (method, prefix) => {
    const port = await freePort();
    const env = { INSTALL_METHOD: method, [`${prefix}_HOST`]: '127.0.0.1', [`${prefix}_PORT`]: String(port) };
    await using started = start(env);
    await started.printed(/^.*Serving Flask app.*$/m);
    // From here on the check reads nothing more of what the plugin prints.
    started.child.stdout?.pause();
    started.child.stderr?.pause();
    const answer = await fetch(`http://127.0.0.1:${port}`);
    expect([200, 404]).toContain(answer.status);
    started.child.kill('SIGTERM');
    const [code, signal] = await once(started.child, 'exit');
    expect([code, signal]).toEqual([0, null]);
  });
});

describe('the package', () => {
  it('declares itself with the icons that it carries', async () => {
    await using host = await startDebugHost();
    await using started = start({ INSTALL_METHOD: 'remote', ...host.env });
    const { manifest, assets } = await host.connection();
    expect(manifest['version']).toBe(version);
    expect([...assets.keys()]).toEqual(readdirSync(join(plugin, '_assets')).sort());
    started.child.kill('SIGTERM');
    expect(await started.exit).toEqual({ code: 0, signal: null });
  });

  it('keeps what was compiled of it, although its host kills it', async () => {
    const compiled = join(plugin, 'compiled');
    rmSync(compiled, { recursive: true, force: true });
    await using started = start({ INSTALL_METHOD: 'local' });
    await expect.poll(() => globSync('*', { cwd: compiled }), { timeout: 20_000 }).not.toEqual([]);
    started.child.kill('SIGKILL');
    await started.exit;
  });

  it('tells its version', async () => {
    await using started = start({}, '--version');
    expect(await started.exit).toEqual({ code: 0, signal: null });
    expect(started.stdout).toBe(`${version}\n`);
  });

  it('refuses an unknown way to a host in one line', async () => {
    await using started = start({ INSTALL_METHOD: 'cloud' });
    expect(await started.exit).toEqual({ code: 1, signal: null });
    expect(started.stderr).toMatch(/^xinference plugin: INSTALL_METHOD is "cloud".*serverless.*\n$/);
  });
});
