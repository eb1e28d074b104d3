import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { mp3Tone } from '../../fake/sound/mp3.ts';
import { pcmTone, recordedTone, wavTone } from '../../fake/sound/tone.ts';
import { msPerCharacter } from '../../fake/xinference/endpoints/audio.ts';
import {
  badGateway,
  blackHole,
  engineFailure,
  html200,
  rateLimited,
  status,
} from '../../fake/xinference/faults.ts';
import { audio, defaultModels } from '../../fake/xinference/models.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';
import { type Handler, send } from '../../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { playMp3, playWav } from './decode.ts';

const ROUTE = 'POST /v1/audio/speech';
/** Three pieces: no two of these sentences fit into 500 characters. */
const sentences = ['first', 'second', 'third'].map(
  word => `This is the ${word} sentence ${'and on '.repeat(50)}end.`,
);
const long = sentences.join(' ');

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [
      ...defaultModels,
      audio('fish', { model_name: 'FishSpeech-1.5', model_ability: ['text2audio'] }),
    ],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

function form(fields: Record<string, string> = {}) {
  return { server_url: server.url, model_uid: 'tts', max_retries: '0', ...fields };
}

function speak(content_text: string, fields: Record<string, string> = {}, voice = 'af_heart'): HostSession {
  return plugin.host.request('invoke_tts', { credentials: form(fields), model: 'tts', content_text, voice });
}

/** What a host makes of the messages: one file, and the types that were given. */
async function heard(session: HostSession) {
  const { stream, error } = await session.result();
  const messages = stream as { result: string; mime_type: string }[];
  return {
    error,
    messages: messages.length,
    types: [...new Set(messages.map(({ mime_type }) => mime_type))],
    file: Buffer.concat(messages.map(({ result }) => Buffer.from(result, 'hex'))),
  };
}

const requests = () => server.seen(ROUTE).map(({ body }) => body as Record<string, unknown>);
const sound =
  (type: string, bytes: Buffer): Handler =>
  (_request, response) =>
    send(response, 200, type, bytes);
/** One sound after the other, each for one request. */
const sounds = (type: string, ...files: Buffer[]) => {
  for (const file of files) server.answer(ROUTE, sound(type, file), { times: 1 });
};

it('speaks a text as the model made it, and never asks for a stream', async () => {
  const { file, types, error } = await heard(speak(' Hello. '));
  expect([error, types]).toEqual([undefined, ['audio/mpeg']]);
  expect(file).toEqual(mp3Tone(6 * msPerCharacter, { xing: true }));
  expect(requests()).toEqual([
    { model: 'tts', input: 'Hello.', voice: 'af_heart', response_format: 'mp3', stream: false },
  ]);
});

describe('a long text', () => {
  it('goes to the model in pieces, at the ends of sentences', async () => {
    await heard(speak(long));
    expect(requests().map(({ input }) => input)).toEqual(sentences);
  });

  it.each(['mp3', 'wav'])('is one %s that lasts as long as its pieces', async format => {
    const { file, error } = await heard(speak(long, { audio_format: format }));
    expect(error).toBeUndefined();
    const played = format === 'mp3' ? await playMp3(file) : playWav(file);
    const sum = (sentences.join('').length * msPerCharacter) / 1000;
    expect(Math.abs(played.seconds - sum)).toBeLessThan(0.05);
    expect(played.loudness).toBeGreaterThan(0.05);
  });

  it('of a model that writes LAME with notes is one MP3', async () => {
    const file = bodyBytes(recording('tts-mp3'));
    const frames = file.readUInt32BE(file.indexOf('Xing') + 8);
    server.answer(ROUTE, sound('audio/mpeg', file));
    const joined = await heard(speak(long));
    expect((await playMp3(joined.file)).seconds).toBeCloseTo((3 * frames * 576) / 24_000, 6);
    expect(joined.file.includes('Xing')).toBe(false);
  });

  it('is samples end to end', async () => {
    const { file, types } = await heard(speak(long, { audio_format: 'pcm' }));
    const ms = sentences.join('').length * msPerCharacter;
    expect([file.length, types]).toEqual([(ms * 24_000 * 2) / 1000, ['audio/pcm']]);
  });

  it.each([
    ['flac', 'audio/flac', recordedTone('flac')],
    ['opus', 'audio/ogg', recordedTone('opus')],
  ])('is made at once where files cannot be joined: %s', async (format, type, file) => {
    const whole = await heard(speak(long, { audio_format: format }));
    expect(requests().map(({ input }) => input)).toEqual([long]);
    expect([whole.types, whole.file.equals(file)]).toEqual([[type], true]);
  });

  it('is asked for again at once when a model writes what cannot be joined, whatever it was asked for', async () => {
    server.answer(ROUTE, sound('audio/mpeg', recordedTone('flac')));
    const { file, types, error } = await heard(speak(long));
    expect([error, types, file.equals(recordedTone('flac'))]).toEqual([undefined, ['audio/flac'], true]);
    expect(requests().at(-1)?.['input']).toBe(long);
  });

  it('is never said twice: another format behind what was heard is an error', async () => {
    sounds('audio/mpeg', mp3Tone(100), mp3Tone(100));
    server.answer(ROUTE, sound('audio/mpeg', recordedTone('flac')));
    const { file, types, error } = await heard(speak(long));
    expect(error).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringMatching(/one part of the text as audio\/mpeg and the next as audio\/flac/),
    });
    expect([types, file.equals(Buffer.concat([mp3Tone(100), mp3Tone(100)]))]).toEqual([['audio/mpeg'], true]);
    expect(requests().map(({ input }) => input)).toEqual(sentences);
  });

  it('is heard while the rest is made, by two requests ahead', async () => {
    const gate = Promise.withResolvers<void>();
    sounds('audio/wav', wavTone(100), wavTone(200));
    server.answer(ROUTE, async (request, response) => {
      await gate.promise;
      await sound('audio/wav', wavTone(300))(request, response, response.req.socket);
    });
    const session = speak([...sentences, ...sentences].join(' '), { audio_format: 'wav' });
    let bytes = 0;
    for await (const message of session.messages) {
      if (message.type !== 'stream') break;
      bytes += (message.data as { result: string }).result.length / 2;
      if (bytes === wavTone(300).length) {
        // The first two are out while the third is waited for: it and two more were asked for, not all six.
        await server.arrival(ROUTE, 5);
        expect(server.seen(ROUTE)).toHaveLength(5);
        gate.resolve();
      }
    }
    expect(bytes).toBe(wavTone(1500).length);
    expect(server.seen(ROUTE)).toHaveLength(6);
  });

  it('comes in order when a later piece is ready first', async () => {
    const gate = Promise.withResolvers<void>();
    server.answer(
      ROUTE,
      async (request, response, socket) => {
        await gate.promise;
        await sound('audio/wav', wavTone(100, 24_000, 100))(request, response, socket);
      },
      { times: 1 },
    );
    sounds('audio/wav', wavTone(100, 24_000, 200), wavTone(100, 24_000, 300));
    const session = speak(long, { audio_format: 'wav' });
    await server.arrival(ROUTE, 3);
    gate.resolve();
    const { file } = await heard(session);
    const expected = [100, 200, 300].map(hertz => pcmTone(100, 24_000, hertz));
    expect(file.subarray(44).equals(Buffer.concat(expected))).toBe(true);
  });

  it('ends with an error when a piece fails, after the sound before it', async () => {
    sounds('audio/wav', wavTone(100));
    server.answer(ROUTE, engineFailure);
    const { error, file } = await heard(speak(long, { audio_format: 'wav' }));
    expect(error).toMatchObject({
      error_type: 'InvokeServerUnavailableError',
      message: expect.stringMatching(/out of memory/),
    });
    expect(playWav(file).seconds).toBeCloseTo(0.1, 6);
  });

  it('goes one by one to a model that takes one request at a time', async () => {
    let running = 0;
    server.answer(ROUTE, async (request, response, socket) => {
      if (running > 0) return rateLimited(request, response, socket);
      running++;
      await new Promise(resolve => setTimeout(resolve, 20));
      running--;
      await sound('audio/wav', wavTone(100))(request, response, socket);
    });
    const { error, file } = await heard(speak(long, { audio_format: 'wav' }));
    expect(error).toBeUndefined();
    expect(playWav(file).seconds).toBeCloseTo(0.3, 6);
  });

  it('is given up with every request when the host gives it up', async () => {
    server.answer(ROUTE, blackHole);
    const session = speak(long);
    await server.arrival(ROUTE, 3);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    const outcomes = await Promise.all(server.seen(ROUTE).map(({ outcome }) => outcome));
    expect(outcomes.map(({ aborted }) => aborted)).toEqual([true, true, true]);
  });
});

it('sends much sound in lines that a host takes', async () => {
  const file = wavTone(60_000);
  server.answer(ROUTE, sound('audio/wav', file));
  const received = await heard(speak('Hello.', { audio_format: 'wav' }));
  expect(received.file.equals(file)).toBe(true);
  expect(received.messages).toBe(Math.ceil(file.length / (128 * 1024)));
});

describe('the type of the sound is that of its bytes', () => {
  const aac = Buffer.concat(
    Array.from({ length: 4 }, () => Buffer.from('fff15c4002bffc0001400000000000000000000000', 'hex')),
  );
  it.each<[string, string, Buffer, string, string]>([
    ['WAV under MP3', 'audio/mpeg', wavTone(100), 'mp3', 'audio/wav'],
    ['MP3 under no name', 'application/octet-stream', mp3Tone(100), 'mp3', 'audio/mpeg'],
    ['MP3 behind a tag', 'audio/mpeg', mp3Tone(100, { id3: true }), 'mp3', 'audio/mpeg'],
    ['Ogg under MP3', 'audio/mpeg', recordedTone('opus'), 'mp3', 'audio/ogg'],
    ['ADTS', 'audio/aac', aac, 'aac', 'audio/aac'],
    ['samples', 'audio/pcm', pcmTone(100), 'pcm', 'audio/pcm'],
    ['samples of an older server', 'application/octet-stream', pcmTone(100), 'pcm', 'audio/pcm'],
    [
      'samples that look like a frame',
      'audio/pcm',
      Buffer.from('fffb9064'.padEnd(2000, '0'), 'hex'),
      'pcm',
      'audio/pcm',
    ],
    ['samples that look like ADTS', 'audio/pcm', aac, 'pcm', 'audio/pcm'],
    [
      'samples that look like an icon',
      'audio/pcm',
      Buffer.from('00000100'.repeat(20), 'hex'),
      'pcm',
      'audio/pcm',
    ],
    ['what nobody knows', 'audio/x-mystery', Buffer.from('mystery'), 'mp3', 'audio/x-mystery'],
  ])('%s', async (_name, type, bytes, format, mime) => {
    server.answer(ROUTE, sound(type, bytes));
    const { file, types, error } = await heard(speak('Hello.', { audio_format: format }));
    expect([error, types, file.equals(bytes)]).toEqual([undefined, [mime], true]);
  });
});

describe('what is no sound is an error', () => {
  it.each<[string, Handler, RegExp]>([
    ['nothing', sound('audio/mpeg', Buffer.alloc(0)), /no sound but an empty body/],
    [
      'JSON',
      status(200, { detail: 'the model is away' }),
      /no sound but application\/json\. .*the model is away/,
    ],
    ['a text', status(200, 'please log in'), /no sound but text\/plain\. .*please log in/],
    ['a page', html200, /no sound but text\/html\. .*a web page: Sign in/],
    [
      'unknown bytes without a name',
      sound('application/octet-stream', Buffer.from('mystery')),
      /7 bytes of the type application/,
    ],
    [
      'an image',
      sound('image/png', Buffer.from('89504e470d0a1a0a', 'hex')),
      /8 bytes of the type image\/png/,
    ],
  ])('%s', async (_name, handler, message) => {
    server.answer(ROUTE, handler);
    const { error, messages } = await heard(speak('Hello.'));
    expect([error, messages]).toMatchObject([
      { error_type: 'InvokeServerUnavailableError', message: expect.stringMatching(message) },
      0,
    ]);
  });
});

describe('what real servers answered', () => {
  it.each([
    ['tts-mp3', 'audio/mpeg'],
    ['tts-voice', 'audio/mpeg'],
    ['tts-no-voice-key', 'audio/mpeg'],
    ['tts-empty', 'audio/mpeg'],
    ['tts-wav', 'audio/wav'],
  ])('%s is sound, unchanged', async (name, type) => {
    server.replay(recording(name));
    const { file, types } = await heard(speak('Hi.'));
    expect([types, file.equals(bodyBytes(recording(name)))]).toEqual([[type], true]);
  });

  it.each([
    [
      'tts-voice-unknown',
      'InvokeBadRequestError',
      /does not know the voice "nobody".*"Voices" in the credentials/,
    ],
    ['tts-format-unknown', 'InvokeBadRequestError', /does not write mp3.*Choose another "Audio format"/],
    ['tts-fail', 'InvokeServerUnavailableError', /synthesis failed: asked to by the text/],
    ['tts-unknown-model', 'InvokeBadRequestError', /Model not found in the model list/],
    ['tts-on-llm', 'InvokeServerUnavailableError', /Model model_metadata/],
    ['tts-stream-unsupported', 'InvokeServerUnavailableError', /does not support stream mode/],
  ])('%s is an error that says so', async (name, type, message) => {
    server.replay(recording(name));
    const { error, messages } = await heard(speak('Hi.', {}, 'nobody'));
    expect([error, messages]).toMatchObject([
      { error_type: type, message: expect.stringMatching(message) },
      0,
    ]);
    expect(error?.message).not.toContain('[address=');
  });
});

it('lists the voices that a server lists', async () => {
  const detail =
    "[address=127.0.0.1:1, pid=2] Invalid voice x, CosyVoice available speakers: ['中文女', '英文男']";
  server.answer(ROUTE, status(500, { detail }));
  expect((await heard(speak('Hi.'))).error).toMatchObject({
    error_type: 'InvokeBadRequestError',
    message: expect.stringMatching(/^The model tts has no voice "af_heart"\. It has: 中文女, 英文男\./),
  });
});

it('speaks a text with half a character in it, on which the server would fail', async () => {
  expect((await heard(speak('Hi \ud83d!'))).error).toBeUndefined();
  expect(requests()).toMatchObject([{ input: 'Hi \ufffd!' }]);
});

it.each(['', '  \n ', null])('refuses to speak nothing: %j', async content_text => {
  const session = plugin.host.request('invoke_tts', {
    credentials: form(),
    model: 'tts',
    content_text,
    voice: 'x',
  });
  expect((await session.result()).error).toMatchObject({
    error_type: 'InvokeBadRequestError',
    message: expect.stringMatching(/no text/),
  });
  expect(server.requests).toHaveLength(0);
});

it('tries again what may pass', async () => {
  server.answer(ROUTE, badGateway, { times: 1 });
  expect((await heard(speak('Hi.', { max_retries: '1' }))).error).toBeUndefined();
  expect(requests()).toHaveLength(2);
});

it('speaks without a description of the model', async () => {
  server.answer('GET *', status(500, { detail: 'no' }));
  const { error } = await heard(speak('Hi.', { api_key: 'another' }, 'default'));
  expect([error, requests()[0]?.['voice']]).toEqual([undefined, '']);
});

describe('voices', () => {
  const voices = async (fields: Record<string, string>, language = '') => {
    const data = { credentials: form(fields), model: 'tts', language };
    return (await plugin.host.request('get_tts_model_voices', data).result()).stream;
  };

  it('are those of the model, by language', async () => {
    expect(await voices({}, 'fr-FR')).toEqual([{ voices: [{ name: 'ff_siwis', value: 'ff_siwis' }] }]);
  });

  it('are a default where nothing is known, and that is sent as none', async () => {
    const fish = { model_uid: 'fish' };
    expect(await voices(fish)).toEqual([{ voices: [{ name: 'Default', value: 'default' }] }]);
    await heard(speak('Hi.', fish, 'default'));
    expect(requests()[0]?.['voice']).toBe('');
  });

  it('are what the user typed, and nobody is asked', async () => {
    const typed = { voices: 'one, two', api_key: 'not-described-yet' };
    expect(await voices(typed)).toEqual([
      {
        voices: [
          { name: 'one', value: 'one' },
          { name: 'two', value: 'two' },
        ],
      },
    ]);
    expect(server.requests).toHaveLength(0);
  });

  it('can be had while the server is away', async () => {
    server.answer('GET *', badGateway);
    expect(await voices({ api_key: 'one-more' })).toEqual([
      { voices: [{ name: 'Default', value: 'default' }] },
    ]);
  });
});

it('describes the model to Dify', async () => {
  const { stream } = await plugin.host
    .request('get_ai_model_schemas', {
      credentials: form({ voices: 'zf_xiaoyi,af_sky', audio_format: 'wav' }),
      model: 'My voice',
      model_type: 'tts',
    })
    .result();
  expect(stream).toMatchObject([
    {
      model_schema: {
        model: 'My voice',
        model_type: 'tts',
        model_properties: {
          default_voice: 'zf_xiaoyi',
          voices: [
            { name: 'zf_xiaoyi', mode: 'zf_xiaoyi', language: [] },
            { name: 'af_sky', mode: 'af_sky', language: [] },
          ],
          audio_type: 'wav',
          word_limit: 500,
          max_workers: 3,
        },
      },
    },
  ]);
});

describe('validation', () => {
  const validate = async (fields: Record<string, string>) => {
    const data = { credentials: form(fields), model: 'tts', model_type: 'tts' };
    return (await plugin.host.request('validate_model_credentials', data).result()).error;
  };

  it('takes a model that speaks', async () => {
    expect(await validate({})).toBeUndefined();
  });

  it('refuses another model, and a format that does not exist', async () => {
    expect(await validate({ model_uid: 'whisper' })).toMatchObject({
      error_type: 'CredentialsValidateFailedError',
      message: expect.stringMatching(/not TTS. Add it as Speech2text/),
    });
    expect(await validate({ audio_format: 'midi' })).toMatchObject({
      error_type: 'CredentialsValidateFailedError',
      message: expect.stringMatching(/"Audio format" must be one of mp3, wav/),
    });
  });
});
