import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBundle } from '../scripts/build/bundle.ts';
import { readPlugin } from '../scripts/plugin.ts';

const root = join(import.meta.dirname, '..');
const main = join(root, 'src/main.ts');
const HEARTBEAT = '{"event":"heartbeat","session_id":null,"data":{}}\n';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** What a program loads, besides itself, before it writes for the first time; and what it writes then. */
async function start(program: string): Promise<{ written: string; modules: string[] }> {
  const probe = join(import.meta.dirname, 'start-probe.ts');
  const env = { ...process.env, INSTALL_METHOD: 'local' };
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', probe, program], { env });
  const { written, modules } = JSON.parse(stdout) as { written: string; modules: string[] };
  const names = modules.map(url => (url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url));
  return { written, modules: [...new Set(names)].filter(name => name !== relative(root, program)).sort() };
}

describe('the start', () => {
  it('loads nothing before the first heartbeat but what sends it', async () => {
    const { written, modules } = await start(main);
    expect(written).toBe(HEARTBEAT);
    expect(modules).toEqual([
      'node:fs',
      'src/dify/heartbeat.ts',
      'src/dify/index.ts',
      'src/dify/protocol/errors.ts',
      'src/dify/protocol/model-schema.ts',
      'src/dify/serve/env-file.ts',
      'src/dify/serve/serve-plugin.ts',
      'src/dify/start-error.ts',
      'src/dify/transport/lines/line-limit.ts',
      'src/dify/transport/lines/line-reader.ts',
      'src/dify/transport/lines/line-writer.ts',
      'src/dify/transport/lines/read-lines.ts',
      'src/dify/transport/stdio.ts',
    ]);
  });

  it('of the bundle needs nothing of Node.js before the first heartbeat that Node.js has not loaded itself', async () => {
    const bundle = join(folder, 'index.cjs');
    await buildBundle(readPlugin(), bundle);
    expect(await start(bundle)).toEqual({ written: HEARTBEAT, modules: ['node:fs'] });
  });
});
