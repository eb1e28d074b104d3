import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compress } from '../../scripts/package/offline/xz.ts';
import { launch, layOutPlugin, type Outcome, reportOf, scratchFolder, writeNode } from './launch.ts';
import { basePython } from './venv.ts';

const system = `${process.platform}-${{ x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch}`;

/** How the launcher unpacks the Node.js of an offline package; a stand-in of some lines plays it. */
describe('an offline package', () => {
  const scratch = scratchFolder();
  const program = readFileSync(writeNode(join(scratch, 'node')));
  const node = { system, bytes: program.length, sha256: createHash('sha256').update(program).digest('hex') };
  let python: string;
  let archive: Buffer;
  let folder: string;
  let runtime: string;
  let unpacked: string;
  let env: Record<string, string>;
  let cases = 0;

  beforeAll(async () => {
    python = await basePython();
    archive = await compress(program);
  });
  beforeEach(() => {
    folder = layOutPlugin(join(scratch, `case ${++cases}`), { node });
    runtime = join(folder, 'runtime');
    unpacked = join(runtime, `node-${node.sha256.slice(0, 16)}`);
    writeFileSync(join(runtime, 'node.xz'), archive);
    mkdirSync(join(folder, 'tmp'));
    env = { TMPDIR: join(folder, 'tmp') };
  });
  afterAll(() => rmSync(dirname(scratch), { recursive: true }));

  const start = (): Promise<Outcome> => launch([python, '-m', 'main'], { cwd: folder, env });

  /** Starts the launcher after Python ran `prelude`, which makes another machine of this one. */
  const startAfter = (prelude: string): Promise<Outcome> => {
    const program = `import builtins, os, runpy, signal, sys\n${prelude}\nrunpy.run_path('main.py', run_name='__main__')`;
    return launch([python, '-c', program], { cwd: folder, env });
  };

  const taken = (outcome: Outcome): string => reportOf(outcome).env['STAND_IN'] ?? '';
  const refusal = ({ code, stdout, stderr }: Outcome): string => {
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^xinference plugin: .+\n$/);
    return stderr;
  };

  it('unpacks its Node.js at the first start, and becomes it', async () => {
    const outcome = await start();
    expect(taken(outcome)).toBe(unpacked);
    expect(reportOf(outcome).pid).toBe(outcome.pid);
    expect(readFileSync(unpacked)).toEqual(program);
    expect(statSync(unpacked).mode & 0o777).toBe(0o755);
    expect(readdirSync(runtime).sort()).toEqual(
      ['index.cjs', 'node.xz', 'start.cjs', unpacked.slice(runtime.length + 1)].sort(),
    );
  });

  it('looks only whether it is there at later starts', async () => {
    await start();
    const { ino } = statSync(unpacked);
    rmSync(join(runtime, 'node.xz'));
    expect(taken(await start())).toBe(unpacked);
    expect(statSync(unpacked).ino).toBe(ino);
  });

  it('may be started several times at once', async () => {
    const outcomes = await Promise.all([start(), start(), start(), start()]);
    expect(outcomes.map(taken)).toEqual([unpacked, unpacked, unpacked, unpacked]);
    expect(readdirSync(runtime)).toHaveLength(4);
  });

  it('is whole again after starts that were killed in the middle, and nothing of them stays', async () => {
    for (const call of ['os.fsync', 'os.replace']) {
      const outcome = await startAfter(`${call} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)`);
      expect(outcome.code).toBeNull();
      expect(existsSync(unpacked)).toBe(false);
      expect(readdirSync(runtime)).toHaveLength(4); // with the part
    }
    expect(taken(await start())).toBe(unpacked);
    expect(readdirSync(runtime)).toHaveLength(4);
  });

  it('unpacks once more what was cut', async () => {
    await start();
    truncateSync(unpacked, 10);
    expect(taken(await start())).toBe(unpacked);
    expect(readFileSync(unpacked)).toEqual(program);
  });

  it.each([
    ['was cut', () => archive.subarray(0, -10)],
    ['is empty', () => Buffer.alloc(0)],
    ['has a wrong byte', () => Buffer.from(archive.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))],
    ['is no archive', () => Buffer.from('<html>')],
    ['is another one', () => compress(Buffer.from(program.map(byte => byte ^ 1)))],
    ['is a longer one', () => compress(Buffer.concat([program, program]))],
    ['is a shorter one', () => compress(program.subarray(1))],
  ])('says in one line that its Node.js %s, and leaves nothing', async (_, make) => {
    writeFileSync(join(runtime, 'node.xz'), await make());
    expect(refusal(await start())).toMatch(
      /runtime\/node\.xz cannot be unpacked: .+\. Remove the plugin's folder and reinstall it\.\n$/,
    );
    expect(readdirSync(runtime).sort()).toEqual(['index.cjs', 'node.xz', 'start.cjs']);
  });

  it('says in one line that its Node.js is missing, as where a host was stopped while it unpacked', async () => {
    rmSync(join(runtime, 'node.xz'));
    expect(refusal(await start())).toMatch(
      /runtime\/node\.xz cannot be unpacked: No such file or directory\. Remove the plugin's folder and reinstall it\.\n$/,
    );
    expect(readdirSync(runtime)).toEqual(['index.cjs', 'start.cjs']);
  });

  it('says in one line that it is for another machine, before it unpacks anything', async () => {
    layOutPlugin(folder, { node: { ...node, system: 'linux-riscv64' } });
    const line = refusal(await start());
    expect(line).toContain(
      `this package is for linux-riscv64, and this is ${system}. Install the package for this system`,
    );
    expect(existsSync(unpacked)).toBe(false);
  });

  const READ_ONLY = `
real = builtins.open
def open(path, mode='r', *rest, **more):
    if 'x' in mode and path.startswith('RUNTIME'): raise OSError(30, 'Read-only file system', path)
    return real(path, mode, *rest, **more)
builtins.open = open`;
  const NOEXEC = `
real = os.access
os.access = lambda path, mode: not path.startswith('RUNTIME') and real(path, mode)`;

  it.each([
    ['cannot be written', READ_ONLY],
    ['is mounted noexec', NOEXEC],
  ])('unpacks into a private folder where its own %s, and finds it there again', async (_, prelude) => {
    const there = prelude.replace('RUNTIME', runtime);
    const node = taken(await startAfter(there));
    expect(dirname(dirname(node))).toBe(env['TMPDIR']);
    expect(statSync(dirname(node)).mode & 0o777).toBe(0o700);
    const { ino } = statSync(node);
    expect(taken(await startAfter(there))).toBe(node);
    expect(statSync(node).ino).toBe(ino);
  });

  it('shares the private folder with another package that carries the same Node.js, started at the same time', async () => {
    const there = NOEXEC.replace('RUNTIME', runtime);
    const [one, two] = await Promise.all([startAfter(there), startAfter(there)]);
    expect(taken(one)).toBe(taken(two));
    expect(readdirSync(dirname(taken(one)))).toHaveLength(1);
  });

  it('says in one line that neither folder will do', async () => {
    const line = refusal(
      await startAfter(`${READ_ONLY.replace('RUNTIME', runtime)}\nos.getuid = lambda: 4242`),
    );
    expect(line).toContain('there is no place for the Node.js of this package: ');
    expect(line).toContain('Read-only file system');
    expect(line).toContain("is not this user's alone");
    expect(line).toContain('Set TMPDIR to a folder where this user can write and programs can run');
    expect(line).not.toContain('Install the package for this system');
  });

  it('says in one line that this Python cannot unpack, which no other copy of the package would mend', async () => {
    const line = refusal(await startAfter(`sys.modules['lzma'] = None`));
    expect(line).toContain('this Python cannot unpack the Node.js of this package: ');
    expect(line).toContain('the one that is not an offline one, or set XINFERENCE_PLUGIN_NODE');
    expect(readdirSync(runtime).sort()).toEqual(['index.cjs', 'node.xz', 'start.cjs']);
  });

  it('takes the Node.js that the operator names', async () => {
    const chosen = writeNode(join(scratch, 'my node'));
    env['XINFERENCE_PLUGIN_NODE'] = chosen;
    expect(taken(await start())).toBe(chosen);
    expect(existsSync(unpacked)).toBe(false);
  });
});
