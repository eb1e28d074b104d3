import { describe, expect, it } from 'vitest';
import { OWNER, startFakeConsole } from '../fake/console/console-server.ts';
import { llm } from '../fake/xinference/models.ts';
import { closeBothSides, FORMS, start, stored } from './both-sides.ts';
import { runImport } from './run.ts';

closeBothSides();

const EXPIRED = { status: 401, body: { code: 'unauthorized', message: 'Token has expired.', status: 401 } };

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
    expect(out).toMatch(/What answers at .* is not Dify's console \(404: .*\[not-dify\]/);
  });

  it.each([502, 503, 504])('is behind a proxy that answers %i in its place', async status => {
    const { run, dify } = await start();
    const body = '<html><head><title>Bad Gateway</title></head><body>nginx</body></html>';
    dify.answers.set('POST /login', { status, body });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain(`Dify's API does not answer at ${dify.url} (${status}: `);
  });

  it('fails between two forms: no model counts as missing', async () => {
    const { run, dify } = await start({
      seeds: url => [stored('My chat', 'llm', url, { model_uid: 'chat' })],
    });
    dify.answers.set(`GET ${FORMS}`, { status: 502, body: 'Bad Gateway' });
    expect([(await run('--yes')).code, dify.writes]).toEqual([4, []]);
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
    expect(out).toContain(`✗ ${dify.url} sends on to ${other.url}`);
    expect(out).toContain('[unreachable]');
    expect(other.requests).toEqual([]);
  });

  it('goes away in the middle: what was done is said, the rest is not tried', async () => {
    const { run, dify } = await start({
      check: modelType => {
        if (modelType === 'llm') dify.answers.set(`POST ${FORMS}`, EXPIRED);
        return undefined;
      },
    });
    const { code, out } = await run('--yes');
    expect(code).toBe(4);
    expect(out).toContain('✓ chat (LLM) added');
    expect(out).toContain('Dify cannot be used. 1 added, 2 not tried.');
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
