import { describe, expect, it } from 'vitest';
import { OWNER } from '../fake/console/console-server.ts';
import { PROVIDER } from '../fake/console/workspace.ts';
import { llm } from '../fake/xinference/models.ts';
import { closeBothSides, start, stored } from './both-sides.ts';

closeBothSides();

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
