import { afterEach, describe, expect, it } from 'vitest';
import {
  type FakeConsole,
  type FakeConsoleOptions,
  OWNER,
  startFakeConsole,
} from '../fake/console/console-server.ts';
import { PROVIDER, type Seed } from '../fake/console/workspace.ts';
import { audio, embedding, type FakeModel, llm } from '../fake/xinference/models.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { type RunOptions, reportOf, runImport } from './run.ts';

let server: FakeXinference | undefined;
let dify: FakeConsole | undefined;
afterEach(async () => {
  await Promise.all([server?.close(), dify?.close()]);
});

const MODELS = [llm('chat'), embedding('bge-m3'), audio('whisper', { model_ability: ['audio2text'] })];

/** Both sides. @param seeds what stands in Dify; it gets the server's address */
async function start({
  models = MODELS,
  seeds = () => [],
  apiKeys,
  ...options
}: {
  models?: readonly FakeModel[];
  seeds?: (url: string) => readonly Seed[];
  apiKeys?: readonly string[];
} & Omit<FakeConsoleOptions, 'models'> = {}) {
  const xinference = await startFakeXinference({ models, ...(apiKeys && { apiKeys }) });
  server = xinference;
  const console = await startFakeConsole({ ...options, models: seeds(xinference.url) });
  dify = console;
  const words = ['--server', xinference.url, '--dify', console.url, '--email', OWNER.email];
  return {
    xinference,
    dify: console,
    run: (...rest: string[]) => runImport([...words, ...rest]),
    report: (...rest: string[]) => reportOf([...words, ...rest]),
    runWith: (options: RunOptions, ...rest: string[]) => runImport([...words, ...rest], options),
  };
}

/** A model as an earlier import, or a user, left it. */
function stored(
  name: string,
  modelType: string,
  url: string,
  credentials: Record<string, string> = {},
): Seed {
  const form = {
    server_url: url,
    model_uid: name,
    invoke_timeout: '300',
    max_retries: '3',
    tls_verify: 'yes',
  };
  return { name, modelType, credentials: { ...form, ...credentials } };
}

const AGES = ['new', 'middle', 'old'] as const;

describe.each(AGES)('a %s Dify', age => {
  it('gets all models of a server, by the forms that its page would send', async () => {
    const { run, dify, xinference } = await start({ age });
    const { code, out } = await run('--yes');
    expect([code, dify.models]).toEqual([
      0,
      [
        {
          name: 'chat',
          modelType: 'llm',
          credentials: {
            server_url: xinference.url,
            model_uid: 'chat',
            invoke_timeout: '300',
            max_retries: '3',
            tls_verify: 'yes',
            tool_calling: 'auto',
            vision: 'auto',
            structured_output: 'auto',
            thinking: 'auto',
          },
        },
        expect.objectContaining({ name: 'bge-m3', modelType: 'text-embedding' }),
        expect.objectContaining({ name: 'whisper', modelType: 'speech2text' }),
      ],
    ]);
    expect(out).toMatch(
      /\+ chat +LLM +- +add\n\+ bge-m3 +Text Embedding +- +add\n\+ whisper +Speech2text +- +add\n/,
    );
    expect(out).toContain('✓ chat (LLM) added');
    expect(out).toMatch(/3 added\.\n$/);
  });

  it('is left alone by a second run', async () => {
    const { run, dify } = await start({ age });
    await run('--yes', '--defaults');
    dify.requests.length = 0;
    const { code, out } = await run('--yes', '--defaults', '--update', '--remove-missing');
    expect([code, dify.writes]).toEqual([0, []]);
    expect(out).toMatch(/= chat +LLM +chat +is there\n/);
    expect(out).toMatch(/3 left as they are\.\n$/);
  });

  it('says which it is', async () => {
    const { run } = await start({ age });
    const version = { new: '1.13.2', middle: '1.10.1', old: '1.4.2' }[age];
    expect((await run('--dry-run')).out).toContain(`Dify ${version} has the plugin`);
  });

  it('takes an update of what was given, and keeps the rest, the key too', async () => {
    const { run, dify } = await start({
      age,
      models: [llm('chat')],
      seeds: url => [
        stored('My chat', 'llm', `${url}/v1/`, { model_uid: 'chat', api_key: 'sk-0123456789', vision: 'on' }),
      ],
    });
    const { code, out } = await run('--update', '--timeout', '120', '--yes');
    expect([code, dify.models[0]?.credentials]).toEqual([
      0,
      expect.objectContaining({ invoke_timeout: '120', api_key: 'sk-0123456789', vision: 'on' }),
    ]);
    expect(out).toMatch(/~ chat +LLM +My chat +update: Server URL, Timeout in seconds\n/);
    expect(out).toMatch(/1 updated\.\n$/);
  });

  it('takes models out that the server does not run any more, and no others', async () => {
    const { run, dify } = await start({
      age,
      models: [llm('chat')],
      seeds: url => [
        stored('chat', 'llm', url),
        stored('gone', 'llm', url),
        stored('elsewhere', 'llm', 'http://192.0.2.7:9997'),
      ],
    });
    const { code, out } = await run('--remove-missing', '--yes');
    expect(code).toBe(0);
    expect(out).toMatch(/- gone +LLM +gone +take out/);
    expect(dify.models.map(({ name }) => name)).toEqual(['chat', 'elsewhere']);
    expect(dify.writes).toHaveLength(1);
  });

  it('refuses one model: the others are added, and the end says why it was not', async () => {
    const reason = 'The model bge-m3 is still loading: try again in 30 s.';
    const { run, dify } = await start({
      age,
      check: modelType => (modelType === 'text-embedding' ? reason : undefined),
    });
    const { code, out } = await run('--yes');
    expect(code).toBe(3);
    expect(out).toContain(`✗ bge-m3 (Text Embedding): ${reason}\n`);
    expect(out).toMatch(/2 added, 1 failed\.\n$/);
    expect(dify.models.map(({ name }) => name)).toEqual(['chat', 'whisper']);
  });

  it('does not let a wrong password in', async () => {
    const { runWith, dify } = await start({ age });
    const { code, out } = await runWith({ env: { DIFY_PASSWORD: 'wrong-horse-2' } }, '--yes');
    expect(code).toBe(4);
    expect(out).toMatch(
      /✗ Dify does not let this account in: .*(?:Invalid email or password|is mismatched)\. {2}\[unauthorized\]/,
    );
    expect(out).not.toContain('wrong-horse-2');
    expect(dify.writes).toEqual([]);
  });

  it('has accounts that may not add models', async () => {
    const { run, dify } = await start({ age, mayWrite: false });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain('[forbidden]');
    expect(out).toContain('Models are added by an owner or administrator of the workspace.');
    expect(dify.writes).toHaveLength(1); // what is refused once is not tried again
  });

  it('lacks the plugin: how to install it', async () => {
    const { run } = await start({ age, isInstalled: false });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain(
      'is not installed in this workspace of Dify. What is there is another plugin: langgenius/xinference/xinference.',
    );
    expect(out).toContain('Plugins → Install plugin');
  });

  it('gets default models, the first of each type', async () => {
    const { run, dify } = await start({ age, models: [llm('chat'), llm('other'), embedding('bge-m3')] });
    const { code, out } = await run('--defaults', '--yes');
    expect(code).toBe(0);
    expect(Object.fromEntries(dify.workspace.defaults)).toEqual({
      llm: { model: 'chat', provider: PROVIDER },
      'text-embedding': { model: 'bge-m3', provider: PROVIDER },
    });
    expect(out).toContain('* chat becomes the default of type LLM\n');
    expect(out).toMatch(/3 added, 2 made a default\.\n$/);
  });

  it('gets the first model as default that could be added', async () => {
    const { run, dify } = await start({
      age,
      models: [llm('chat'), llm('other')],
      check: (_type, { model_uid: uid }) => (uid === 'chat' ? 'no' : undefined),
    });
    expect((await run('--defaults', '--yes')).code).toBe(3);
    expect(dify.workspace.defaults.get('llm')?.model).toBe('other');
  });
});

describe('which models', () => {
  it('--only names UIDs, and one that does not run is said', async () => {
    const { run, dify } = await start();
    const { code, out } = await run('--only', 'whisper,caht', '--yes');
    expect(code).toBe(3);
    expect(out).toContain('! caht: the server does not run it');
    expect(dify.models.map(({ name }) => name)).toEqual(['whisper']);
  });

  it('--type names types', async () => {
    const { run, dify } = await start();
    expect((await run('--type', 'llm,speech2text', '--yes')).code).toBe(0);
    expect(dify.models.map(({ name }) => name)).toEqual(['chat', 'whisper']);
  });

  it('--only and --type hold for what is taken out, too', async () => {
    const { run, dify } = await start({
      seeds: url => ['a', 'b'].map(name => stored(name, 'llm', url)).concat(stored('c', 'rerank', url)),
    });
    expect((await run('--remove-missing', '--only', 'a', '--yes')).code).toBe(3);
    expect(dify.models.map(({ name }) => name)).toEqual(['b', 'c']);
    expect((await run('--remove-missing', '--type', 'rerank', '--yes')).code).toBe(0);
    expect(dify.models.map(({ name }) => name)).toEqual(['b']);
  });

  it.each(['--only', '--type'])('%s with nothing behind it does not stand for all', async option => {
    const { run, dify } = await start();
    const { code, err } = await run(option, '', '--yes');
    expect([code, dify.requests]).toEqual([2, []]);
    expect(err).toContain(`${option} names nothing.`);
  });

  it('--prefix stands before each name', async () => {
    const { run, dify } = await start({ models: [llm('chat')] });
    const { out } = await run('--prefix', 'gpu1 ', '--yes');
    expect(out).toMatch(/\+ chat +LLM +- +add as gpu1 chat\n/);
    expect(dify.models).toMatchObject([{ name: 'gpu1 chat', credentials: { model_uid: 'chat' } }]);
    expect((await run('--yes')).out).toMatch(/= chat +LLM +gpu1 chat +is there\n/);
  });

  it('a model with several types is added for each', async () => {
    const { run, dify } = await start({
      models: [audio('omni', { model_ability: ['audio2text', 'text2audio'] })],
    });
    expect((await run('--yes')).code).toBe(0);
    expect(dify.models.map(({ name, modelType }) => `${name} ${modelType}`)).toEqual([
      'omni speech2text',
      'omni tts',
    ]);
  });

  it('a model that Dify has no type for is said, and is no failure', async () => {
    const sdxl = { uid: 'sdxl', description: { model_type: 'image', model_name: 'sdxl' } };
    const { run } = await start({ models: [llm('chat'), sdxl] });
    const { code, out } = await run('--yes');
    expect(code).toBe(0);
    expect(out).toContain('sdxl: Dify has no model type for it (image)');
  });

  it("a name that another server's model has gets the host behind it", async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      seeds: () => [
        stored('chat', 'llm', 'http://192.0.2.7:9997'),
        stored('chat', 'rerank', 'http://192.0.2.7:9997'),
      ],
    });
    expect((await run('--yes')).out).toContain('add as chat (127.0.0.1)');
    expect(dify.models.map(({ name }) => name)).toEqual(['chat', 'chat', 'chat (127.0.0.1)']);
    expect((await run('--yes')).out).toMatch(/= chat +LLM +chat \(127\.0\.0\.1\) +is there\n/);
  });

  it('a model whose server is away is not listed by an old Dify, and yet its name is not given to another', async () => {
    const { run, dify } = await start({
      age: 'old',
      models: [llm('chat')],
      seeds: () => [{ ...stored('chat', 'llm', 'http://192.0.2.7:9997'), isBroken: true }],
    });
    await run('--yes');
    expect(dify.models.map(({ credentials }) => credentials['server_url'])).toEqual([
      'http://192.0.2.7:9997',
      expect.stringContaining('127.0.0.1'),
    ]);
  });

  it('a form that is not the one in use counts as well', async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      seeds: url => [stored('chat', 'llm', 'http://192.0.2.7:9997'), stored('chat', 'llm', url)],
    });
    const { out } = await run('--yes');
    expect(out).toMatch(/= chat +LLM +chat +is there\n/);
    expect(dify.writes).toEqual([]);
  });

  it('a model that was taken out of the list is put back with its form', async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      seeds: url => [{ ...stored('chat', 'llm', url), isUnlisted: true }],
    });
    const { code, out } = await run('--yes');
    expect([code, dify.models.length, dify.workspace.active.size]).toEqual([0, 1, 1]);
    expect(out).toContain('✓ chat (LLM) put back into the list');
  });
});

describe('what is there', () => {
  it('is not changed without --update, and the plan says what would be', async () => {
    const { run, dify } = await start({ models: [llm('chat')], seeds: url => [stored('chat', 'llm', url)] });
    const { code, out } = await run('--timeout', '60', '--yes');
    expect([code, dify.writes]).toEqual([0, []]);
    expect(out).toContain('is there; --update would write: Timeout in seconds');
  });

  it('gets the key with --update-key alone: Dify hides it, so it cannot be compared', async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      apiKeys: ['sk-new-key-1234'],
      seeds: url => [stored('chat', 'llm', url, { api_key: 'sk-old-key-1234' })],
    });
    const key = ['--api-key', 'sk-new-key-1234'];
    expect((await run(...key, '--update', '--yes')).out).toMatch(/1 left as they are\.\n$/);
    const { code, out } = await run(...key, '--update-key', '--yes');
    expect([code, dify.models[0]?.credentials['api_key']]).toEqual([0, 'sk-new-key-1234']);
    expect(out).toContain('update: API key');
    expect(out).not.toContain('sk-');
  });

  it('is not taken out without --remove-missing', async () => {
    const { run, dify } = await start({ seeds: url => [stored('gone', 'llm', url)] });
    expect((await run('--dry-run')).out).toMatch(
      /! gone +LLM +gone +does not run any more; --remove-missing/,
    );
    expect(dify.models).toHaveLength(1);
  });

  it('is never taken out where the server runs none', async () => {
    const { run, dify } = await start({ models: [], seeds: url => [stored('gone', 'llm', url)] });
    const { code, out } = await run('--remove-missing', '--yes');
    expect([code, dify.models.length, dify.writes]).toEqual([3, 1, []]);
    expect(out).toContain('The server runs no model, so nothing is done in Dify.');
  });
});

describe('asking', () => {
  it('shows the plan without a terminal, changes nothing, and ends with 2', async () => {
    const { run, dify } = await start();
    const { code, out } = await run();
    expect([code, dify.writes]).toEqual([2, []]);
    expect(out).toMatch(/\+ chat +LLM/);
    expect(out).toContain('3 to add. Nothing was changed, as nobody could be asked: --yes');
  });

  it('does not ask where there is nothing to do', async () => {
    const { run } = await start({ models: [llm('chat')], seeds: url => [stored('chat', 'llm', url)] });
    expect((await run()).code).toBe(0);
  });

  it.each([
    ['y', 3],
    ['yes', 3],
    ['', 0],
    ['n', 0],
  ])('takes %j in a terminal for its answer', async (answer, models) => {
    const { runWith, dify } = await start();
    const { code, err } = await runWith({ typed: [`${answer}\r`], env: { DIFY_PASSWORD: OWNER.password } });
    expect([code, dify.models.length]).toEqual([0, models]);
    expect(err).toContain('3 to add. Go on? [y/N] ');
  });

  it('changes nothing with --dry-run, not even with --yes', async () => {
    const { run, dify } = await start();
    const { code, out } = await run('--dry-run', '--yes', '--defaults');
    expect([code, dify.writes]).toEqual([0, []]);
    expect(out).toContain('3 to add, 3 to become a default. Nothing was changed.');
  });

  it('takes Ctrl+C for a no', async () => {
    const { runWith, dify } = await start();
    const { code, err } = await runWith({ typed: ['\u0003'], env: { DIFY_PASSWORD: OWNER.password } });
    expect([code, dify.writes]).toEqual([2, []]);
    expect(err).toContain('Nothing was changed.');
  });
});

describe('the password', () => {
  it('is typed in a terminal, and not shown', async () => {
    const { runWith, dify } = await start();
    const { code, out, err } = await runWith({ env: {}, typed: [`${OWNER.password}\r`, 'y\r'] });
    expect([code, dify.models.length]).toEqual([0, 3]);
    expect(err).toContain(`Password of ${OWNER.email}: `);
    expect(out + err).not.toContain(OWNER.password);
  });

  it('comes with the email in a terminal where none was given', async () => {
    const { dify, xinference } = await start();
    const argv = ['--server', xinference.url, '--dify', dify.url, '--yes'];
    const { code, err } = await runImport(argv, {
      env: {},
      typed: [`${OWNER.email}\r`, `${OWNER.password}\r`],
    });
    expect([code, dify.models.length]).toEqual([0, 3]);
    expect(err).toContain('Email in Dify: ');
  });

  it('is not shown either where all answers are typed ahead, in one go', async () => {
    const { dify, xinference } = await start();
    const argv = ['--server', xinference.url, '--dify', dify.url];
    const typed = [`${OWNER.email}\r${OWNER.password}\ry\r`];
    const { code, err } = await runImport(argv, { env: {}, typed });
    expect([code, dify.models.length]).toEqual([0, 3]);
    expect(err).not.toContain(OWNER.password);
  });

  it('is the first line of standard input', async () => {
    const { runWith, dify } = await start();
    expect((await runWith({ env: {}, input: `${OWNER.password}\n` }, '--yes')).code).toBe(0);
    expect(dify.models).toHaveLength(3);
  });

  it('is missing: exit code 2', async () => {
    const { runWith, dify } = await start();
    const { code, err } = await runWith({ env: {} }, '--yes');
    expect([code, dify.requests]).toEqual([2, []]);
    expect(err).toContain('There is no password');
  });

  it.each([['--password', 'correct-horse-1'], ['--password=correct-horse-1'], ['correct-horse-1']])(
    'is not taken from the command line, nor shown: %s',
    async (...words) => {
      const { run } = await start();
      const { code, out, err } = await run('--yes', ...words);
      expect(code).toBe(2);
      expect(out + err).not.toContain('correct-horse-1');
    },
  );

  it('is in no output, whatever Dify says', async () => {
    const { run, dify } = await start();
    const said = { code: 'invalid_param', message: `bad login ${OWNER.password}\u001b[2J`, status: 400 };
    dify.answers.set('POST /login', { status: 400, body: said });
    const { code, out, err } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain('bad login ***');
    expect(out + err).not.toContain(OWNER.password);
    expect(out).not.toContain('\u001b[2J');
  });
});

describe('a token in place of email and password', () => {
  const withToken = async (
    token: string,
    { dify, xinference }: { dify: FakeConsole; xinference: FakeXinference },
    env = {},
  ) =>
    runImport(['--server', xinference.url, '--dify', dify.url, '--yes'], {
      env: { DIFY_CONSOLE_TOKEN: token, ...env },
    });

  it('of an old Dify is a bearer token', async () => {
    const both = await start({ age: 'old' });
    const { accessToken } = both.dify.sessions as unknown as { accessToken: string };
    expect((await withToken(accessToken, both)).code).toBe(0);
    expect(both.dify.requests.map(({ route }) => route)).not.toContain('POST /login');
  });

  it.each([false, true])('of a new one is two cookies (by https: %s)', async isHttps => {
    const both = await start({ isHttps });
    const { cookies } = both.dify.sessions as unknown as { cookies: string };
    expect((await withToken(cookies, both)).code).toBe(0);
    expect(both.dify.models).toHaveLength(3);
  });

  it('of a new one that is the access token alone does not do: what to give', async () => {
    const both = await start();
    const { accessToken } = both.dify.sessions as unknown as { accessToken: string };
    const { code, out } = await withToken(accessToken, both);
    expect(code).toBe(4);
    expect(out).toContain('CSRF token is missing or invalid.');
    expect(out).toContain('DIFY_CONSOLE_TOKEN="access_token=...; csrf_token=..."');
    expect(out).not.toContain(accessToken);
  });

  it("is Dify's ADMIN_API_KEY, with a workspace", async () => {
    const both = await start({ adminKey: 'dify-admin-key-1' });
    expect((await withToken('dify-admin-key-1', both, { DIFY_WORKSPACE_ID: 'b7e1' })).code).toBe(0);
    expect(both.dify.models).toHaveLength(3);
  });
});

describe('logging in', () => {
  it('of https: the cookies are named otherwise', async () => {
    const { run, dify } = await start({ isHttps: true });
    expect((await run('--yes')).code).toBe(0);
    expect(dify.models).toHaveLength(3);
  });

  it('tries a wrong password once where the newer way is the only one: five lock the account', async () => {
    const { runWith, dify } = await start();
    await runWith({ env: { DIFY_PASSWORD: 'wrong-horse-2' } }, '--yes');
    expect(dify.requests.map(({ route }) => route)).toEqual(['POST /login']);
  });

  it('says when the account is locked', async () => {
    const { run, dify } = await start();
    const message = 'Too many incorrect password attempts. Please try again later.';
    dify.answers.set('POST /login', {
      status: 429,
      body: { code: 'email_code_login_limit', message, status: 429 },
    });
    const { code, out } = await run('--yes');
    expect([code, out.includes(message)]).toEqual([4, true]);
  });

  it('says when Dify is not set up', async () => {
    const { run, dify } = await start();
    const message = 'Dify has not been initialized and installed yet.';
    dify.answers.set('POST /login', { status: 401, body: { code: 'not_setup', message, status: 401 } });
    const { code, out } = await run('--yes');
    expect([code, out.includes(message)]).toEqual([4, true]);
  });

  it('says when the account has no workspace, and shows no token of an answer', async () => {
    const { run, dify } = await start();
    const data = 'workspace not found, please contact system admin to invite you to join in a workspace';
    dify.answers.set('POST /login', { status: 200, body: { result: 'fail', data } });
    expect(await run('--yes')).toMatchObject({ code: 4, out: expect.stringContaining(data) });
    dify.answers.set('POST /login', {
      status: 200,
      body: { result: 'fail', data: 'f00-token', code: 'account_not_found' },
    });
    const { code, out } = await run('--yes');
    expect([code, out.includes('account_not_found'), out.includes('f00-token')]).toEqual([4, true, false]);
  });
});

describe('a Dify that cannot be used', () => {
  it('is not reached', async () => {
    const { run, dify } = await start();
    await dify.close();
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toMatch(/Dify is not reached at http:\/\/127\.0\.0\.1:\d+ .*\[unreachable\]/);
  });

  it('is something else', async () => {
    const { xinference } = await start();
    const argv = ['--server', xinference.url, '--dify', xinference.url, '--email', OWNER.email, '--yes'];
    const { code, out } = await runImport(argv);
    expect(code).toBe(4);
    expect(out).toContain('Dify does not let this account in');
  });

  it('sends on to another address: no password goes there', async () => {
    const { run, dify } = await start();
    await using other = await startFakeConsole();
    dify.answers.set('POST /login', {
      status: 308,
      body: '',
      headers: { location: `${other.url}/console/api/login` },
    });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain(`sends on to ${other.url}`);
    expect(other.requests).toEqual([]);
  });

  it('goes away in the middle: what was done is said, the rest is not tried', async () => {
    const { run, dify } = await start({
      check: modelType => {
        if (modelType === 'llm') dify.answers.set(`POST ${MODELS_PATH}`, EXPIRED);
        return undefined;
      },
    });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain('✓ chat (LLM) added');
    expect(out).toContain('Dify cannot be used. 1 added, 2 not tried.');
  });
});

const MODELS_PATH = `/workspaces/current/model-providers/${PROVIDER}/models/credentials`;
const EXPIRED = { status: 401, body: { code: 'unauthorized', message: 'Token has expired.', status: 401 } };

describe('forms that Dify cannot give out, as after a change of its SECRET_KEY', () => {
  it.each(AGES)('%s: the name counts as taken, and the rest goes on', async age => {
    const { run, dify } = await start({
      age,
      models: [llm('chat')],
      seeds: url => [stored('chat', 'llm', url)],
    });
    const failure = { code: 'unknown', message: 'Internal Server Error', status: 500 };
    dify.answers.set(`GET ${MODELS_PATH}`, { status: 500, body: failure });
    expect(await run('--yes')).toMatchObject({
      code: 0,
      out: expect.stringContaining('add as chat (127.0.0.1)'),
    });
  });
});

describe('a server that cannot be used, or has nothing for Dify', () => {
  it('is exit code 1, in the words of the doctor', async () => {
    const { run, xinference, dify } = await start();
    await xinference.close();
    const { code, out } = await run('--yes');
    expect([code, dify.requests]).toEqual([1, []]);
    expect(out).toContain('[refused]');
  });

  it('wants a key', async () => {
    const { run } = await start({ apiKeys: ['sk-good'] });
    expect(await run('--yes')).toMatchObject({ code: 1, out: expect.stringContaining('[key-missing]') });
  });

  it('a model that the plugin would refuse is not tried, and is said', async () => {
    const { run, dify } = await start({ models: [llm('chat'), { ...llm('slow'), loading: true }] });
    const { code, out } = await run('--yes');
    expect(code).toBe(3);
    expect(out).toMatch(/✗ slow +LLM +- +not added: .*still loading/);
    expect(out).toMatch(/1 added, 1 failed\.\n$/);
    expect(dify.models.map(({ name }) => name)).toEqual(['chat']);
  });
});

describe('--json', () => {
  it('reports all of it, to programs', async () => {
    const { report, xinference, dify } = await start({
      check: modelType => (modelType === 'speech2text' ? 'no sound' : undefined),
    });
    expect(await report('--yes', '--defaults', '--type', 'llm,speech2text')).toEqual({
      server: expect.objectContaining({ url: xinference.url, version: '4.1.0' }),
      dify: { url: dify.url, name: 'Dify 1.13.2', provider: PROVIDER },
      problem: null,
      models: [
        {
          uid: 'chat',
          modelType: 'llm',
          name: 'chat',
          action: 'add',
          changes: [],
          outcome: 'done',
          reason: '',
        },
        {
          uid: 'whisper',
          modelType: 'speech2text',
          name: 'whisper',
          action: 'add',
          changes: [],
          outcome: 'failed',
          reason: 'no sound',
        },
      ],
      defaults: [{ modelType: 'llm', name: 'chat', before: '', outcome: 'done', reason: '' }],
      unsupported: [],
      verdict: '1 added, 1 made a default, 1 failed.',
      exitCode: 3,
    });
  });

  it('asks nobody: without --yes it is the plan, and exit code 2', async () => {
    const { report } = await start();
    const { models, exitCode } = await report();
    expect([models.map(({ outcome }) => outcome), exitCode]).toEqual([['planned', 'planned', 'planned'], 2]);
  });

  it('has the problem where Dify cannot be used', async () => {
    const { report } = await start({ isInstalled: false });
    expect(await report('--yes')).toMatchObject({
      dify: null,
      models: [],
      problem: { code: 'plugin-missing', message: expect.stringContaining('is not installed') },
      exitCode: 4,
    });
  });
});
