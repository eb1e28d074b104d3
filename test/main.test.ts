import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { declarationOf } from '../src/dify/declaration/declaration.ts';
import { FakeHost } from './fake/host/host.ts';
import { MAIN, startMain } from './fake/plugin/transports.ts';

const { version } = declarationOf(`${import.meta.dirname}/..`).manifest;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'xinference-start-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the entry to its end. */
async function run(env: NodeJS.ProcessEnv, ...words: string[]) {
  await using plugin = startMain(env, folder, words);
  plugin.child.stdin?.end();
  const { code } = await plugin.exit;
  return { code, stdout: plugin.stdout, stderr: plugin.stderr };
}

/** The file and what it imports at once, over all steps; what a dynamic `import()` names comes later. */
function loadedWith(file: string, known = new Set<string>()): Set<string> {
  known.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export) (?!type )[^;]*? from '(\..+?)';$/gm,
  )) {
    const imported = join(dirname(file), name);
    if (!known.has(imported)) loadedWith(imported, known);
  }
  return known;
}

it('the first heartbeat waits for next to nothing', () => {
  expect([...loadedWith(MAIN)].map(file => relative(dirname(MAIN), file)).sort()).toEqual([
    'dify/heartbeat.ts',
    'dify/index.ts',
    'dify/protocol/errors.ts',
    'dify/protocol/model-schema.ts',
    'dify/serve/env-file.ts',
    'dify/serve/serve-plugin.ts',
    'dify/start-error.ts',
    'dify/transport/lines/line-limit.ts',
    'dify/transport/lines/line-reader.ts',
    'dify/transport/lines/line-writer.ts',
    'dify/transport/lines/read-lines.ts',
    'dify/transport/stdio.ts',
    'main.ts',
  ]);
});

describe('the command line', () => {
  it('prints the version', async () => {
    expect(await run({}, '--version')).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it.each(['--help', '-h'])('prints with %s how the plugin is started', async word => {
    const { code, stdout, stderr } = await run({ INSTALL_METHOD: 'remote' }, word);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const name of ['INSTALL_METHOD', 'local', 'remote', 'serverless', 'REMOTE_INSTALL_KEY']) {
      expect(stdout).toContain(name);
    }
  });

  it('hands the words behind "doctor" to the doctor, and its verdict on as the exit code', async () => {
    expect((await run({}, 'doctor', '--help')).code).toBe(0);
    const { code, stdout, stderr } = await run({}, 'doctor', '--speed');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^Unknown option '--speed'/);
  });

  it.each(['docter', 'toString', ''])(
    'refuses the command "%s", and names those that there are',
    async word => {
      const { code, stdout, stderr } = await run({}, word);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^xinference plugin: There is no command ".*--version, doctor, import\.\n$/);
    },
  );
});

describe('INSTALL_METHOD', () => {
  it.each(['cloud', 'Local', 'toString'])('%s is refused, with the valid ones named', async method => {
    expect(await run({ INSTALL_METHOD: method })).toEqual({
      code: 1,
      stdout: '',
      stderr: `xinference plugin: INSTALL_METHOD is "${method}", which is none of: local, remote, serverless, aws_lambda.\n`,
    });
  });

  it.each([{}, { INSTALL_METHOD: '' }, { INSTALL_METHOD: 'local' }])('is local with %j', async env => {
    const { code, stdout, stderr } = await run(env);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('{"event":"heartbeat","session_id":null,"data":{}}\n');
  });

  it('remote without a key says in one line what to set', async () => {
    const { code, stdout, stderr } = await run({ INSTALL_METHOD: 'remote' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^xinference plugin: REMOTE_INSTALL_KEY is not set\..*REMOTE_INSTALL_URL.*\n$/);
  });

  it.each([
    ['serverless', 'SERVERLESS_PORT'],
    ['aws_lambda', 'AWS_LAMBDA_PORT'],
  ])('%s with a bad port names its own variable', async (method, variable) => {
    const { code, stderr } = await run({ INSTALL_METHOD: method, [variable]: '80 80' });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^xinference plugin: ${variable} is "80 80", which is no port.*\\n$`));
  });
});

describe('the file .env in the working folder', () => {
  it('sets what the environment leaves open', async () => {
    writeFileSync(
      join(folder, '.env'),
      'INSTALL_METHOD=remote\nREMOTE_INSTALL_URL="a b"\nREMOTE_INSTALL_KEY=k\n',
    );
    expect((await run({})).stderr).toContain('REMOTE_INSTALL_URL is "a b"');
    expect((await run({ REMOTE_INSTALL_URL: 'c d' })).stderr).toContain('REMOTE_INSTALL_URL is "c d"');
  });

  it('is nothing to a plugin that its host starts as local', async () => {
    writeFileSync(join(folder, '.env'), 'INSTALL_METHOD=remote\nLOG_LEVEL=debug\n');
    const host = FakeHost.spawn(process.execPath, [MAIN], { cwd: folder, env: { INSTALL_METHOD: 'local' } });
    await host.request('invoke_moderation').result();
    await host.close();
    expect(host.logs).toEqual([]);
  });

  it('ends the start with one line where it is a loop of links (issue 16, point 13)', async () => {
    symlinkSync('.env', join(folder, '.env'));
    const { code, stdout, stderr } = await run({});
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^xinference plugin: The file \.env .* cannot be read \(ELOOP\).*\n$/);
  });

  it('may be a folder, as Python users have it', async () => {
    mkdirSync(join(folder, '.env'));
    expect(await run({})).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('a plugin whose code cannot be loaded', () => {
  /** Makes the loading of one module fail, as a damaged package does. */
  const broken = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (url.endsWith('/src/plugin.ts')) throw new Error('damaged');
        return next(url, context);
      },
    });`)}`;

  it('answers what was asked of it, says so in one line, and ends with 1', async () => {
    const host = FakeHost.spawn(process.execPath, ['--import', broken, MAIN], {
      env: { INSTALL_METHOD: 'local' },
    });
    host.send('no JSON');
    host.send('null');
    host.cancel('nobody');
    const sessions = [host.request('invoke_llm'), host.request('invoke_rerank')];
    await host.ready();
    for (const session of sessions) {
      const { stream, error } = await session.result();
      expect(stream).toEqual([]);
      expect(error).toMatchObject({
        error_type: 'InternalError',
        message: expect.stringContaining('Reinstall'),
      });
    }
    expect(await host.close()).toEqual({ code: 1, signal: null });
    expect(host.stderr).toMatch(/^xinference plugin: .*cannot be loaded.*Error: damaged.*\n$/);
  });

  it('does not wait for a host that sends nothing', async () => {
    const host = FakeHost.spawn(process.execPath, ['--import', broken, MAIN], {
      env: { INSTALL_METHOD: 'local' },
    });
    expect(await host.exit).toEqual({ code: 1, signal: null });
  });
});

it('says in one line that Node.js is too old, and what to do', () => {
  const asOld = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'22.18.0'})";
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', asOld, MAIN], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^xinference plugin: Node\.js 22\.18\.0 is too old, .*XINFERENCE_PLUGIN_NODE.*\n$/);
});
