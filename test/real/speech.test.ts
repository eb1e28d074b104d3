import { afterAll, beforeAll, expect } from 'vitest';
import { type PluginInProcess, startPlugin } from '../fake/plugin/plugin.ts';
import { wavTone } from '../fake/sound/tone.ts';
import { playMp3, playWav } from '../models/tts/decode.ts';
import { describeUnless, missing, realServer, testUnless } from './server.ts';

describeUnless(missing(), 'speech on a real server', () => {
  let plugin: PluginInProcess;
  beforeAll(async () => {
    plugin = await startPlugin();
  });
  afterAll(() => plugin.close());

  async function ask(action: string, model: string, data: object, form: object = {}) {
    const credentials = { server_url: realServer, model_uid: model, ...form };
    const { stream, error } = await plugin.host.request(action, { credentials, model, ...data }).result();
    expect(error).toBeUndefined();
    return stream;
  }

  async function speak(content_text: string, audio_format: string): Promise<Buffer> {
    const stream = await ask('invoke_tts', 'tiny-tts', { content_text, voice: 'af_heart' }, { audio_format });
    return Buffer.concat((stream as { result: string }[]).map(({ result }) => Buffer.from(result, 'hex')));
  }

  for (const [model, model_type] of [
    ['tiny-whisper', 'speech2text'],
    ['tiny-tts', 'tts'],
  ] as const) {
    testUnless(missing(model), `validates ${model}`, async () => {
      expect(await ask('validate_model_credentials', model, { model_type })).toMatchObject([
        { result: true },
      ]);
      expect(await ask('get_ai_model_schemas', model, { model_type })).toMatchObject([
        { model_schema: { model_type } },
      ]);
    });
  }

  testUnless(
    missing('tiny-whisper'),
    'Whisper is no model for speech (before 1.6.0 it lists no abilities)',
    async () => {
      const credentials = { server_url: realServer, model_uid: 'tiny-whisper' };
      const { error } = await plugin.host
        .request('validate_model_credentials', { model: 'w', model_type: 'tts', credentials })
        .result();
      expect(error?.message).toContain('Add it as Speech2text.');
    },
  );

  testUnless(missing('tiny-whisper'), 'transcribes', async () => {
    const file = wavTone(1000, 16_000).toString('hex');
    // Random weights hear something in a tone.
    expect(await ask('invoke_speech2text', 'tiny-whisper', { file })).toEqual([
      { result: expect.stringMatching(/./) },
    ]);
    expect(await ask('invoke_speech2text', 'tiny-whisper', { file }, { language: 'en' })).toHaveLength(1);
  });

  testUnless(missing('tiny-tts'), 'has voices', async () => {
    const [answer] = await ask('get_tts_model_voices', 'tiny-tts', { language: 'zh-Hans' });
    expect(answer).toMatchObject({
      voices: expect.arrayContaining([{ name: 'zf_xiaoxiao', value: 'zf_xiaoxiao' }]),
    });
  });

  // The stand-in for Kokoro makes a tone of 50 ms for each character.
  const pieces = [1, 2, 3].map(at => `This is sentence ${at}, ${'and on '.repeat(50)}end.`);
  const seconds = pieces.join('').length * 0.05;

  testUnless(missing('tiny-tts'), 'speaks a long text into one WAV', async () => {
    const { seconds: played, loudness } = playWav(await speak(pieces.join(' '), 'wav'));
    expect(Math.abs(played - seconds)).toBeLessThan(0.05);
    expect(loudness).toBeGreaterThan(0.05);
  });

  testUnless(missing('tiny-tts'), 'speaks a long text into one MP3', async () => {
    const { seconds: played, loudness } = await playMp3(await speak(pieces.join(' '), 'mp3'));
    // LAME adds up to two frames of silence to the start and end of each piece.
    expect(played).toBeGreaterThan(seconds);
    expect(played - seconds).toBeLessThan(pieces.length * 4 * 0.024);
    expect(loudness).toBeGreaterThan(0.05);
  });

  testUnless(missing('tiny-tts', 'tiny-whisper'), 'can be heard by the model that listens', async () => {
    const file = (await speak('Good morning.', 'flac')).toString('hex');
    expect(await ask('invoke_speech2text', 'tiny-whisper', { file })).toHaveLength(1);
  });
});
