import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { importModels } from '../../src/import/import.ts';
import { forbidden } from '../fake/console/answers.ts';
import { type FakeConsole, OWNER } from '../fake/console/console-server.ts';
import type { FakeXinference } from '../fake/xinference/xinference-server.ts';
import { AGES, closeBothSides, start } from './both-sides.ts';
import { runImport } from './run.ts';

closeBothSides();

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

  it('is not read from a terminal whose questions nobody would see', async () => {
    const { xinference, dify } = await start();
    const argv = ['--server', xinference.url, '--dify', dify.url, '--email', OWNER.email, '--yes'];
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    stdin.end(`${OWNER.password}\n`);
    const surroundings = { container: undefined, addresses: [], proxies: [] };
    const io = { stdin, stdout: new PassThrough(), stderr: new PassThrough(), env: {}, surroundings };
    expect([await importModels(argv, io), dify.requests]).toEqual([2, []]);
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

  it.each(AGES)('is in no output, nor is what %s Dify gave for it', async age => {
    const { run, dify } = await start({
      age,
      check: () => JSON.stringify(dify.requests.at(-1)?.headers),
    });
    const { code, out } = await run('--yes');
    const { cookie = '', authorization = '', 'x-csrf-token': csrf = '' } = dify.writes[0]?.headers ?? {};
    const tokens = [...`${cookie}; ${authorization}`.split(/[ =;]+/), String(csrf)];
    expect([code, tokens.filter(token => token.length > 20 && out.includes(token))]).toEqual([3, []]);
    expect(out).toContain('***');
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

  it.each([
    ['1.11.1', ['POST /login', 'POST /login']],
    ['1.10.1-fix.1', ['POST /login', 'POST /login']],
    ['1.11.2', ['POST /login']],
    ['1.12.1', ['POST /login']],
  ])('sends the password of %s in each way that it may want', async (version, logins) => {
    const { runWith, dify } = await start({ version });
    const { out } = await runWith({ env: { DIFY_PASSWORD: 'wrong-horse-2' } }, '--yes');
    expect(dify.requests.map(({ route }) => route)).toEqual(logins);
    if (logins.length === 1) expect(out).toContain('Invalid email or password.');
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

  it('says what takes its place where logging in by password is switched off', async () => {
    const { run, dify } = await start();
    dify.answers.set('POST /login', forbidden);
    expect((await run('--yes')).out).toContain('DIFY_CONSOLE_TOKEN takes its place');
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
