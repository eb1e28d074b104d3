import { describe, expect, it } from 'vitest';
import { PROVIDER } from '../fake/console/workspace.ts';
import { embedding, llm } from '../fake/xinference/models.ts';
import { AGES, closeBothSides, start, stored } from './both-sides.ts';

closeBothSides();

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
    const version = { new: '1.13.2', middle: '1.10.1', named: '1.8.0', old: '1.4.2' }[age];
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

  it('gets a default in place of one whose plugin is gone', async () => {
    const { run, dify } = await start({ age, models: [llm('chat')] });
    const failure = { code: 'invalid_param', message: 'Invalid provider: gone/gone/gone', status: 400 };
    dify.answers.set('GET /workspaces/current/default-model', { status: 400, body: failure });
    expect((await run('--defaults', '--yes')).code).toBe(0);
    expect(dify.workspace.defaults.get('llm')?.model).toBe('chat');
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
