import { describe, expect, it } from 'vitest';
import { audio, llm } from '../fake/xinference/models.ts';
import { closeBothSides, start, stored } from './both-sides.ts';

closeBothSides();

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
    expect((await run('--only', 'a', '--yes')).code).toBe(3);
    expect((await run('--remove-missing', '--only', 'a', '--yes')).code).toBe(0);
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

  it('the columns stand under each other, whatever is in the names', async () => {
    const { run } = await start({
      models: [llm('通义千问'), llm('가나-7b'), llm('cafe\u0301-7b'), llm('🎤-7b')],
    });
    expect((await run('--dry-run')).out).toContain(
      [
        '  model     type  in Dify  what happens',
        '+ 通义千问  LLM   -        add',
        '+ 가나-7b   LLM   -        add',
        '+ cafe\u0301-7b   LLM   -        add',
        '+ 🎤-7b     LLM   -        add',
      ].join('\n'),
    );
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

  it('so does one that is left where the form in use was deleted: it is put into use', async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      seeds: url => [stored('chat', 'llm', url), stored('chat', 'llm', url, { context_size: '4096' })],
    });
    const [first, second] = dify.workspace.forms;
    if (first !== undefined) dify.workspace.remove(first);
    const { out } = await run('--yes');
    expect(out).toContain('✓ chat (LLM) put back into use');
    expect(out).not.toContain('is there');
    expect([...dify.workspace.active.values()]).toEqual([second?.id]);
  });

  it('a model that was taken out of the list is put back with its form', async () => {
    const { run, dify } = await start({
      models: [llm('chat')],
      seeds: url => [{ ...stored('chat', 'llm', url), isUnlisted: true }],
    });
    const { code, out } = await run('--yes');
    expect([code, dify.models.length, dify.workspace.active.size]).toEqual([0, 1, 1]);
    expect(out).toContain('✓ chat (LLM) put back into use');
  });
});
