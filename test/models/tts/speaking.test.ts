import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { wavTone } from '../../fake/sound/tone.ts';
import { defaultModels } from '../../fake/xinference/models.ts';
import { send } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/audio/speech';
const tone = wavTone(100, 16_000);

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({ models: defaultModels });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

async function speak(content_text: string, form: object = {}, rest: object = {}) {
  server.answer(ROUTE, (_request, response) => send(response, 200, 'audio/wav', tone));
  const credentials = {
    server_url: server.url,
    model_uid: 'tts',
    max_retries: '0',
    audio_format: 'wav',
    ...form,
  };
  const asked = { credentials, model: 'tts', content_text, voice: 'af_heart', ...rest };
  const { stream, error } = await plugin.host.request('invoke_tts', asked).result();
  const seen = server.seen(ROUTE);
  const bodies = seen.map(({ body }) => body as Record<string, unknown>);
  return {
    stream,
    error,
    request: seen.at(-1),
    body: bodies.at(-1),
    said: bodies.map(body => body?.['input']),
  };
}

describe('issue 20, 6: speech', () => {
  it.each([
    ['0.25', 0.25],
    [' 4 ', 4],
    ['1.5', 1.5],
  ])('the speed %s goes to the model as a number', async (speed, sent) => {
    expect((await speak('Hi.', { speed })).body).toMatchObject({ speed: sent });
  });

  it('sends no speed that nobody set', async () => {
    expect((await speak('Hi.', { speed: '' })).body).not.toHaveProperty('speed');
  });

  it.each(['0.2', '4.1', 'fast', '-1'])('%s is no speed', async speed => {
    const { error, request } = await speak('Hi.', { speed });
    expect(error?.message).toMatch(/"Speed" must be a number from 0.25 up to 4/);
    expect(request).toBeUndefined();
  });

  it('an engine’s parameters go where Xinference and where others read them', async () => {
    for (const kwargs of [{ seed: 7 }, '{"seed": 7}']) {
      const advanced = JSON.stringify({ extra_body: { instruct_text: 'happy', kwargs, input: 'other' } });
      const { body } = await speak('Hi.', { advanced });
      expect(body).toMatchObject({ input: 'Hi.', instruct_text: 'happy' });
      expect(JSON.parse(String(body?.['kwargs']))).toEqual({ instruct_text: 'happy', seed: 7 });
    }
  });

  it.each([
    ['as base64', tone.toString('base64')],
    ['as a data: URL', `data:audio/wav;base64,${tone.toString('base64')}`],
  ])('the voice of a sample goes along %s, with its text', async (_how, sample_audio) => {
    const advanced = JSON.stringify({ sample_audio, sample_text: 'What I say' });
    const { request, error, stream } = await speak('Hi.', { advanced, speed: '2' });
    expect(error).toBeUndefined();
    expect(stream).not.toEqual([]);
    expect(request?.file('prompt_speech')).toMatchObject({ filename: 'sample.wav', bytes: tone });
    const fields = ['model', 'input', 'voice', 'response_format', 'speed', 'stream', 'kwargs'];
    expect(fields.map(name => request?.field(name))).toEqual([
      'tts',
      'Hi.',
      'af_heart',
      'wav',
      '2',
      'false',
      '{"prompt_text":"What I say"}',
    ]);
  });

  it.each<[object, RegExp]>([
    [{ sample_audio: 'not base64!' }, /"sample_audio".*must be a recording/],
    [{ sample_audio: 'AAAA' }, /"sample_audio".*must be a recording/],
    [{ sample_audio: 7 }, /"sample_audio".*must be a recording/],
    [{ sample_text: 'Hi' }, /"sample_text".*sample_audio, which is missing/],
    [{ sample_text: 7 }, /"sample_text".*must be a text/],
    [{ extra_body: { kwargs: 'seed=7' } }, /"kwargs".*must be a JSON object/],
    [{ token_count: 'server' }, /unknown key "token_count".*extra_body, sample_audio, sample_text/],
  ])('%j is refused', async (advanced, message) => {
    const { error, request } = await speak('Hi.', { advanced: JSON.stringify(advanced) });
    expect(error?.message).toMatch(message);
    expect(request).toBeUndefined();
  });
});

describe('issue 20, 7: text made fit to be spoken', () => {
  it('leaves out marks, addresses, code, tables’ lines and emoji, and ends sentences', async () => {
    const text =
      '# Title 😀\n\nHello **bold** [docs](https://x.y) https://z.w/q?a=1 `x`\n\n```js\ncode()\n```\n\n- one\n- two!\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n你好';
    expect((await speak(text)).said).toEqual([
      'Title.\nHello bold docs x.\none.\ntwo!\na, b.\n1, 2.\n你好。',
    ]);
  });

  it.each(['<think>Hm, **what**?</think>\n\n**Yes**', '\n<thinking>Hm</thinking> **Yes** '])(
    'can be switched off, and thoughts are not read then either: %j',
    async text => {
      expect((await speak(text, { speakable: 'off' })).said).toEqual(['**Yes**']);
    },
  );

  const long = 'word '.repeat(300).trim();

  it('a piece that ends within a sentence ends in a mark too', async () => {
    const said = (await speak(long)).said.map(String);
    expect(said.length).toBeGreaterThan(2);
    for (const piece of said) expect(piece).toMatch(/^(?:word )*word\.$/);
    expect(Math.max(...said.map(piece => piece.length))).toBeLessThanOrEqual(500);
  });

  it('a piece is as it was written where it is off', async () => {
    expect((await speak(long, { speakable: 'off' })).said.join(' ')).toBe(long);
  });

  it.each(['', 'on'])('never reads thoughts (%j)', async speakable => {
    expect((await speak('<think>\nHm\n</think>\n\nYes', { speakable })).said).toEqual(['Yes.']);
  });

  it.each(['<think>only this', '```\ncode\n```', '👍', '---'])(
    'says so where nothing is left of %j',
    async text => {
      const { stream, error, request } = await speak(text);
      expect([stream, request]).toEqual([[], undefined]);
      expect(error).toMatchObject({
        error_type: 'InvokeBadRequestError',
        message: expect.stringContaining('nothing in the text to speak'),
      });
    },
  );

  it.each(['<think>only this', '```\ncode\n```', '👍'])(
    'is silent over %j where Dify speaks an answer piece by piece: an error would end all of it',
    async text => {
      const { stream, error, request } = await speak(text, {}, { user_id: 'responding_tts' });
      expect([error, request]).toEqual([undefined, undefined]);
      expect(stream).toEqual([{ result: '', mime_type: 'audio/mpeg' }]);
    },
  );

  it('another value of the field is refused', async () => {
    expect((await speak('Hi.', { speakable: 'auto' })).error?.message).toMatch(
      /"Make text speakable" must be one of on, off/,
    );
  });
});
