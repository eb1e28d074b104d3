import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { wavTone } from '../../fake/sound/tone.ts';
import { status } from '../../fake/xinference/faults.ts';
import { audio, defaultModels } from '../../fake/xinference/models.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const TRANSCRIBE = 'POST /v1/audio/transcriptions';
const TRANSLATE = 'POST /v1/audio/translations';
const second = wavTone(1000, 16_000).toString('hex');

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [...defaultModels, audio('meeting', { model_name: 'paraformer-zh-spk', model_family: 'funasr' })],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

async function transcribe(form: object, model_uid = 'whisper') {
  const credentials = { server_url: server.url, model_uid, max_retries: '0', ...form };
  const asked = { credentials, model: 'M', file: second };
  const { stream, error } = await plugin.host.request('invoke_speech2text', asked).result();
  return { text: (stream[0] as { result: string } | undefined)?.result, error };
}

const field = (name: string, route = TRANSCRIBE) => server.seen(route).at(-1)?.field(name);

describe('issue 20, 10: what is wanted of a recording', () => {
  it('a hint goes along', async () => {
    await transcribe({ prompt: ' Xinference, Dify ' });
    expect(field('prompt')).toBe('Xinference, Dify');
    expect(field('kwargs')).toBeUndefined();
  });

  it('hot words go to FunASR as its own argument', async () => {
    await transcribe(
      { prompt: '达摩院', advanced: '{"extra_body": {"kwargs": {"batch_size_s": 60}}}' },
      'meeting',
    );
    expect(JSON.parse(field('kwargs') ?? '')).toEqual({ hotword: '达摩院', batch_size_s: 60 });
  });

  it('nothing goes along that nobody set', async () => {
    await transcribe({ prompt: '', task: '', advanced: '' });
    expect(server.seen(TRANSCRIBE)[0]?.parts?.map(({ name }) => name)).toEqual([
      'model',
      'file',
      'response_format',
    ]);
  });

  it('translation asks the endpoint for it', async () => {
    const { text } = await transcribe({ task: 'translate', language: 'fr' });
    expect(text).toBe('I heard a sound of 1.0 seconds.');
    expect(field('language', TRANSLATE)).toBe('fr');
    expect(server.seen(TRANSCRIBE)).toEqual([]);
  });

  it('an engine that does not translate is told of', async () => {
    server.answer(TRANSLATE, status(500, { detail: 'FunASR does not support translations API' }));
    const { error } = await transcribe({ task: 'translate' }, 'meeting');
    expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
    expect(error?.message).toMatch(/does not translate.*"Task"/);
  });

  it('times stand in the text, each segment on a line', async () => {
    const segments = [
      { start: 0, end: 1.5, text: ' Hello.' },
      { start: 3661.25, end: null, text: ' Bye.' },
    ];
    server.answer(TRANSCRIBE, status(200, { text: ' Hello. Bye.', segments }));
    const { text } = await transcribe({ advanced: '{"timestamps": true}' });
    expect(text).toBe('[00:00:00.000 --> 00:00:01.500] Hello.\n[01:01:01.250] Bye.');
    expect(field('response_format')).toBe('verbose_json');
  });

  it('times name the speakers too', async () => {
    const segments = [
      { start: 0, end: 1, text: '你好。', speaker: 0 },
      { start: 1, end: 2, text: '再见。', speaker: 1 },
    ];
    server.answer(TRANSCRIBE, status(200, { text: '你好。再见。', segments }));
    const { text } = await transcribe({ advanced: '{"timestamps": true}' }, 'meeting');
    expect(text).toBe(
      '[00:00:00.000 --> 00:00:01.000] Speaker 0: 你好。\n[00:00:01.000 --> 00:00:02.000] Speaker 1: 再见。',
    );
  });

  it('the text comes alone where segments have no times, or leave a sentence out', async () => {
    for (const segments of [undefined, [], [{ text: 'Hello.' }], [{ start: 0, end: 1, text: 'Hello.' }]]) {
      server.answer(TRANSCRIBE, status(200, { text: 'Hello. Bye.', segments }));
      expect((await transcribe({ advanced: '{"timestamps": true}' })).text).toBe('Hello. Bye.');
    }
  });

  it.each<[object, RegExp]>([
    [{ task: 'listen' }, /"Task" must be one of transcribe, translate/],
    [{ prompt: 'x'.repeat(2001) }, /"Prompt" has 2001 characters/],
    [{ advanced: '{"timestamps": "yes"}' }, /"timestamps".*must be true or false/],
    [{ advanced: '{"sample_text": "a"}' }, /unknown key "sample_text".*extra_body, timestamps/],
  ])('%j is refused', async (form, message) => {
    expect((await transcribe(form)).error?.message).toMatch(message);
  });
});
