import { describe, expect, it } from 'vitest';
import { llm, rerank } from '../fake/xinference/models.ts';
import { AGES, closeBothSides, FORMS, start, stored } from './both-sides.ts';

closeBothSides();

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
    expect((await run(...key, '--update', '--yes')).out).toMatch(/1 left as it is\.\n$/);
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

describe('a model with several forms', () => {
  it('named, as in 1.8.0, keeps the name of one that is updated', async () => {
    const { run, dify } = await start({
      age: 'named',
      models: [llm('chat')],
      seeds: url => [
        stored('chat', 'llm', 'http://192.0.2.7:9997'),
        { ...stored('chat', 'llm', url), title: 'ours' },
      ],
    });
    expect((await run('--update', '--timeout', '60', '--yes')).code).toBe(0);
    expect(dify.workspace.forms.map(({ title }) => title)).toEqual(['API KEY 1', 'ours']);
    expect(dify.models[1]?.credentials['invoke_timeout']).toBe('60');
  });

  it('that is not listed, as in 1.8.0, gets one more', async () => {
    const { run, dify } = await start({
      age: 'named',
      models: [llm('chat')],
      seeds: url => [{ ...stored('chat', 'llm', url), isUnlisted: true }],
    });
    expect((await run('--yes')).code).toBe(0);
    expect((await run('--yes')).out).toContain('left as');
    expect(dify.workspace.activeForm({ name: 'chat', modelType: 'llm' })).toBe(dify.workspace.forms[1]);
  });

  it('is known by each of them where one does not tell of the others, as in 1.11.0', async () => {
    const { run, dify } = await start({
      version: '1.11.0',
      hidesOthers: true,
      models: [llm('chat'), llm('kept')],
      seeds: url => [
        stored('mine', 'llm', 'http://192.0.2.7:9997'),
        stored('mine', 'llm', url, { model_uid: 'chat' }),
        { ...stored('kept', 'llm', url), isUnlisted: true },
      ],
    });
    const { code, out } = await run('--yes');
    expect([code, dify.models.length]).toEqual([0, 3]);
    expect(out).toMatch(/= chat +LLM +mine +is there\n\+ kept +LLM +kept +put back into use\n/);
  });
});

describe('forms that Dify cannot give out, as after a change of its SECRET_KEY', () => {
  it.each(AGES)('%s: such a model is not added anew, however often, and the rest goes on', async age => {
    const { run, dify } = await start({
      age,
      models: [llm('chat'), rerank('ranker')],
      seeds: url => [stored('chat', 'llm', url)],
    });
    const failure = { code: 'unknown', message: 'Internal Server Error', status: 500 };
    dify.answers.set(`GET ${FORMS}`, { status: 500, body: failure });
    const { code, out } = await run('--type', 'llm', '--yes');
    expect([code, dify.writes]).toEqual([3, []]);
    expect(out).toContain(
      'not added: chat is there, and Dify does not give its form out: Internal Server Error',
    );
    await run('--prefix', 'gpu1 ', '--yes');
    expect(dify.models.map(({ name }) => name)).toEqual(
      age === 'old' ? ['chat'] : ['chat', 'gpu1 chat', 'gpu1 ranker'],
    );
  });

  it('such as by a limit of requests', async () => {
    const { run, dify } = await start({ seeds: url => [stored('chat', 'llm', url)] });
    const failure = { code: 'too_many_requests', message: 'Too Many Requests', status: 429 };
    dify.answers.set(`GET ${FORMS}`, { status: 429, body: failure });
    const { code, out } = await run('--only', 'chat', '--yes');
    expect([code, dify.writes]).toEqual([3, []]);
    expect(out).toContain('Too Many Requests');
  });
});
