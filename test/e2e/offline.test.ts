import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildBundle } from '../../scripts/build/bundle.ts';
import { ARCHIVE, carriedNode } from '../../scripts/package/offline/carried-node.ts';
import { SYSTEMS, type System } from '../../scripts/package/offline/systems.ts';
import { verifyNode } from '../../scripts/package/offline/verify-node.ts';
import { compress } from '../../scripts/package/offline/xz.ts';
import type { PackageFile } from '../../scripts/package/package-file.ts';
import { filesOf } from '../../scripts/package/staging.ts';
import { zip } from '../../scripts/package/zip.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { projectRoot } from '../../scripts/project.ts';
import { FakeHost } from '../fake/host/host.ts';
import { FakeProxy } from '../fake/network/proxy.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { basePython, uvProgram, VENV_TIMEOUT } from '../launcher/venv.ts';

const run = promisify(execFile);
const system = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}` as System;
const dependency = join(projectRoot, 'node_modules/node/bin/node');

/** With the Node.js among the dependencies, which is the one that ships; less well compressed, for the sake of time. */
describe.runIf(system in SYSTEMS && existsSync(dependency))('an offline package, where no network is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'xinference-offline-'));
  const plugin = join(folder, 'plugin');
  const python = join(plugin, '.venv/bin/python');
  let files: readonly PackageFile[];
  let archive: Uint8Array;
  let server: FakeXinference;

  beforeAll(async () => {
    server = await startFakeXinference();
    const source = readPlugin();
    const bundle = await buildBundle(source, join(folder, 'build/index.cjs'));
    const program = { program: readFileSync(dependency), license: Buffer.from('The licences of Node.js.') };
    const node = await carriedNode(system, program, 0);
    files = await filesOf(source, bundle, node);
    archive = zip(files);
    writeFileSync(join(folder, 'offline.difypkg'), archive);
    execFileSync(await basePython(), ['-m', 'zipfile', '-e', join(folder, 'offline.difypkg'), plugin]);
  }, VENV_TIMEOUT);
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has no entries for folders, which hosts take for files, and fits into 50 MiB unpacked too', () => {
    const entries = unzipSync(archive);
    expect(Object.keys(entries).filter(path => path.endsWith('/'))).toEqual([]);
    const unpacked = Object.values(entries).reduce((sum, { length }) => sum + length, 0);
    expect(Math.max(unpacked, archive.length)).toBeLessThan(50 * 1024 * 1024);
    const manifest = parse(readFileSync(join(plugin, 'manifest.yaml'), 'utf8')) as {
      meta: { arch: string[] };
    };
    expect(manifest.meta.arch).toEqual([system.split('-')[1]]);
  });

  it("is verified: its Node.js is npm's, and another one is refused", async () => {
    expect(await verifyNode(files)).toMatch(/^It carries Node\.js 24\.\d+\.\d+ for linux-/);
    const other = await compress(Buffer.from('#!/bin/sh\n'), 0);
    const changed = files.map(file => (file.path === ARCHIVE ? { ...file, content: other } : file));
    await expect(verifyNode(changed)).rejects.toThrow(
      'The Node.js in it is not the one of the npm package node-linux-',
    );
    await expect(verifyNode(files.filter(({ path }) => path !== ARCHIVE))).rejects.toThrow('do not agree');
  });

  it(
    'is installed by uv behind a proxy that refuses all, and answers',
    async () => {
      const uv = await uvProgram();
      await using proxy = await new FakeProxy({ refuse: 403 }).listen();
      const url = `http://127.0.0.1:${proxy.port}`;
      const proxies = { HTTP_PROXY: url, HTTPS_PROXY: url, http_proxy: url, https_proxy: url };
      const env = {
        PATH: '',
        VIRTUAL_ENV: join(plugin, '.venv'),
        UV_CACHE_DIR: join(folder, 'cache'),
        ...proxies,
      };
      await run(uv, ['venv', '.venv', '--python', await basePython()], { cwd: plugin, env });
      await run(uv, ['pip', 'install', '-r', 'requirements.txt'], { cwd: plugin, env });
      expect(proxy.requests).toEqual([]);

      const host = FakeHost.spawn(python, ['-m', 'main'], {
        cwd: plugin,
        env: { PATH: '', NO_PROXY: '*', ...proxies },
      });
      await host.ready();
      const credentials = { server_url: server.url, model_uid: 'chat' };
      for (const action of ['validate_model_credentials', 'get_ai_model_schemas']) {
        expect((await host.request(action, { credentials, model: 'chat' }).result()).error).toBeUndefined();
      }
      expect(await host.close()).toEqual({ code: 0, signal: null });
      expect(host.stderr).toBe('');
      expect(proxy.requests).toEqual([]);
    },
    VENV_TIMEOUT,
  );
});

it('the Node.js of offline packages is the one among the dependencies, which the tests run on', () => {
  const { version } = JSON.parse(
    readFileSync(join(projectRoot, 'node_modules/node/package.json'), 'utf8'),
  ) as { version: string };
  expect(Object.values(SYSTEMS).map(release => release.version)).toEqual([version, version]);
});
