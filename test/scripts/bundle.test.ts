import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bundle, buildBundle } from '../../scripts/build/bundle.ts';
import { readPlugin } from '../../scripts/plugin.ts';
import { projectRoot } from '../../scripts/project.ts';
import { declarationOf } from '../../src/dify/declaration/declaration.ts';
import { explain, type Validator } from '../../src/dify/schema/validation.ts';
import { messageValidators } from './sample/messages.validators.ts';

const declaration = declarationOf(`${import.meta.dirname}/../..`);

// Inside of the project, so that packages are found.
let folder: string;
beforeEach(() => {
  mkdirSync(join(projectRoot, 'dist'), { recursive: true });
  folder = mkdtempSync(join(projectRoot, 'dist/test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Bundles a program of these files, of which `main.ts` is the entry. */
function bundle(files: { readonly 'main.ts': string; readonly [name: string]: string }): Promise<Bundle> {
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  return buildBundle({ ...readPlugin(), entry: join(folder, 'main.ts') }, join(folder, 'out/index.cjs'));
}

/** Runs a program, and reads the lines of JSON that it prints. */
async function run({ file }: Bundle, ...args: string[]): Promise<readonly unknown[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [file, ...args]);
  return stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

const PRINT = 'const print = (value: unknown) => process.stdout.write(`$' + '{JSON.stringify(value)}\\n`);';
const LOADED = "const loaded = (name: string) => process.moduleLoadList.includes('NativeModule ' + name);";
/** Prints how a request went. */
const DISPATCH = `function dispatch(dispatcher, options, print) {
  let answer = '';
  dispatcher.dispatch({ path: '/', method: 'GET', ...options }, {
    onRequestStart() {},
    onResponseStart(_, status) { answer += status + ' '; },
    onResponseData(_, bytes) { answer += bytes; },
    onResponseEnd() { print(answer); dispatcher.close(); },
    onResponseError(_, error) { print(error.code ?? error.message); dispatcher.close(); },
  });
}`;
const SOURCE = JSON.stringify(join(projectRoot, 'src')).slice(1, -1);

describe('a module', () => {
  test('that only a dynamic import reaches is evaluated then, and so is what it requires', async () => {
    const program = await bundle({
      'main.ts': `${PRINT} ${LOADED}
        print(loaded('dgram'));
        import('./later.ts').then(later => print([later.answer, loaded('dgram')]));`,
      'later.ts': `import { createSocket } from 'node:dgram';
        process.stdout.write('"evaluated"\\n');
        export const answer = typeof createSocket;`,
    });
    expect(await run(program)).toEqual([false, 'evaluated', ['function', true]]);
  });

  test('knows its folder', async () => {
    const program = await bundle({ 'main.ts': `${PRINT} print(import.meta.dirname);` });
    expect(await run(program)).toEqual([join(folder, 'out')]);
  });

  test('that cannot work in a bundle fails the build', async () => {
    await expect(bundle({ 'main.ts': 'console.log(import.meta.url);' })).rejects.toThrow('import.meta');
  });
});

describe('undici', () => {
  let server: Server;
  let url: string;
  beforeEach(async () => {
    server = createServer((request, response) => request.pipe(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => server.close());

  test('sends a request, and does not load what only HTTP/2 needs', async () => {
    const program = await bundle({
      'main.ts': `import { buildConnector, Client } from 'undici'; ${PRINT} ${LOADED}
        ${DISPATCH}
        const client = new Client(process.argv[2], { connect: buildConnector({}) });
        dispatch(client, { method: 'POST', body: 'Hello' }, answer => print([answer, loaded('http2')]));`,
    });
    expect(await run(program, url)).toEqual([['200 Hello', false]]);
    expect(
      program.sources.filter(path =>
        /undici\/lib\/(web|milo|mock|cache|api\/(?!api-connect|abort-signal))/.test(path),
      ),
    ).toEqual([]);
  });

  test('has a proxy agent and errors', async () => {
    const program = await bundle({
      'main.ts': `import { EnvHttpProxyAgent, errors } from 'undici'; ${PRINT}
        ${DISPATCH}
        const agent = new EnvHttpProxyAgent({ httpProxy: 'http://127.0.0.1:1' });
        dispatch(agent, { origin: process.argv[2] }, code => print([code, typeof errors.UndiciError]));`,
    });
    expect(await run(program, url)).toEqual([['ECONNREFUSED', 'function']]);
  });

  test('makes a tunnel through a proxy', async () => {
    server.on('connect', (request, socket) => socket.end(`HTTP/1.1 502 No way to ${request.url}\r\n\r\n`));
    const program = await bundle({
      'main.ts': `import { EnvHttpProxyAgent } from 'undici'; ${PRINT} ${DISPATCH}
        const agent = new EnvHttpProxyAgent({ httpsProxy: process.argv[2] });
        dispatch(agent, { origin: 'https://there.example' }, print);`,
    });
    expect(await run(program, url)).toEqual(['UND_ERR_ABORTED']);
  });

  test('refuses a FormData, which cannot come from it, as the whole of undici does', async () => {
    const program = await bundle({
      'main.ts': `import { Client } from 'undici'; ${PRINT} ${DISPATCH}
        dispatch(new Client('http://127.0.0.1:1'), { method: 'POST', body: new FormData() as never }, print);`,
    });
    expect(await run(program)).toEqual(['UND_ERR_INVALID_ARG']);
  });

  test('fails the build where a name is imported that the bundle does not have', async () => {
    await expect(
      bundle({ 'main.ts': "import { request } from 'undici'; console.log(request);" }),
    ).rejects.toThrow('No matching export in "slim-undici:index" for import "request"');
    await expect(
      bundle({ 'main.ts': "import * as undici from 'undici'; console.log(undici.request);" }),
    ).rejects.toThrow('"request" will always be undefined');
  });
});

describe('validators', () => {
  const sample = join(projectRoot, 'test/scripts/sample');

  test('that were compiled ahead give the verdicts and the messages of those compiled at run time', async () => {
    const { file } = await bundle({
      'main.ts': `export { messageValidators } from '${sample}/messages.validators.ts';`,
    });
    const compiled = createRequire(import.meta.url)(file) as { messageValidators: typeof messageValidators };
    const valid = { role: 'user', content: 'Hi!', name: null };
    const values: Record<keyof typeof messageValidators, readonly unknown[]> = {
      message: [
        valid,
        { ...valid, content: [{ type: 'text', data: 'abc' }] },
        { ...valid, name: 'Bob' },
        {},
        [],
        null,
        { ...valid, role: 'bot' },
        { ...valid, content: '👋👋👋' },
        { ...valid, content: 'Hello' },
        { ...valid, content: [{ type: 'text', data: 'abc' }, { type: 'smell' }] },
        { ...valid, content: [{ type: 'image', data: 'ABC' }] },
        { ...valid, name: 7 },
      ],
      'get-tags': [[], [{ id: 1 }, { id: 2 }], [{ id: 1 }, { id: 1 }], [{ id: -1 }], [{ id: 1.5 }], {}],
      options: [{}, { a: 1 }, { a: '1' }, []],
      same_as_options: [{}, { a: 1 }, { a: '1' }, []],
    };
    const verdicts = (validator: Validator<unknown>, tried: readonly unknown[]) =>
      tried.map(value => validator(value) || explain(validator.errors));
    for (const name of Object.keys(values) as (keyof typeof values)[]) {
      const expected = verdicts(messageValidators[name], values[name]);
      expect(expected).toContain(true);
      expect(verdicts(compiled.messageValidators[name], values[name])).toEqual(expected);
    }
    expect(verdicts(compiled.messageValidators.message, [{ ...valid, role: 'bot' }])).toEqual([
      '/role must be one of user, tool',
    ]);
  });

  test('leave neither the compiler nor the schemas in the bundle', async () => {
    const { sources } = await bundle({
      'main.ts': `import { messageValidators } from '${sample}/messages.validators.ts'; console.log(messageValidators);`,
    });
    const outside = sources.filter(path => !path.startsWith(folder));
    expect(outside.map(path => path.slice(projectRoot.length))).toEqual([
      'node_modules/ajv/dist/runtime/ucs2length.js',
      'node_modules/fast-deep-equal/index.js',
      'node_modules/ajv/dist/runtime/equal.js',
      'test/scripts/sample/messages.validators.ts',
    ]);
  });

  test('are all that their module may export', async () => {
    await expect(
      bundle({ 'main.ts': `export { wrongValidators } from '${sample}/wrong.validators.ts';` }),
    ).rejects.toThrow('wrongValidators.anything is no validator');
  });

  test.each(['ajv', 'typebox', 'yaml'])('%s fails the build where it would be bundled', async name => {
    await expect(
      bundle({
        'main.ts': "import './reader.ts';",
        'reader.ts': `import * as all from '${name}'; console.log(all);`,
      }),
    ).rejects.toThrow(
      new RegExp(`reader\\.ts imports node_modules/${name}/.*, which must not be in the bundle`),
    );
  });
});

test('the declaration is in the bundle, not the code that reads them', async () => {
  const program = await bundle({
    'main.ts': `import { declarationOf } from '${SOURCE}/dify/declaration/declaration.ts'; ${PRINT}
      print(declarationOf('/nowhere'));`,
  });
  expect(await run(program)).toEqual([declaration]);
});

test('a bundle knows nothing of the machine that made it, and is the same each time', async () => {
  const files = {
    'main.ts': "import { pino } from 'pino'; import { Client } from 'undici'; console.log(pino, Client);",
  };
  const first = readFileSync((await bundle(files)).file, 'utf8');
  expect(first).not.toContain(projectRoot);
  expect(readFileSync((await bundle(files)).file, 'utf8')).toBe(first);
});

test('a bundle of 1 MiB is refused, and not written', async () => {
  const code = (bytes: number) => ({ 'main.ts': `console.log("${'x'.repeat(bytes)}");` });
  await expect(bundle(code(1024 * 1024))).rejects.toThrow('it must stay below 1048576');
  expect(existsSync(join(folder, 'out/index.cjs'))).toBe(false);
  expect((await bundle(code(1000 * 1024))).bytes).toBeGreaterThan(1000 * 1024);
});
