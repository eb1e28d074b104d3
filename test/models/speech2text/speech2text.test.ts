import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HostSession } from '../../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../../fake/plugin/plugin.ts';
import { wavTone } from '../../fake/sound/tone.ts';
import {
  blackHole,
  engineFailure,
  html200,
  loading,
  status,
  unavailable,
} from '../../fake/xinference/faults.ts';
import { audio, defaultModels } from '../../fake/xinference/models.ts';
import { recording } from '../../fake/xinference/recordings/recordings.ts';
import type { FakeRequest } from '../../fake/xinference/request.ts';
import { type FakeXinference, startFakeXinference } from '../../fake/xinference/xinference-server.ts';

const ROUTE = 'POST /v1/audio/transcriptions';
const second = wavTone(1000, 16_000).toString('hex');

let server: FakeXinference;
let plugin: PluginInProcess;

beforeAll(async () => {
  server = await startFakeXinference({
    models: [
      ...defaultModels,
      audio('meeting', { model_name: 'paraformer-zh-spk', model_family: 'funasr' }),
      audio('sense', { model_name: 'SenseVoiceSmall', model_family: 'funasr' }),
    ],
  });
  plugin = await startPlugin();
});
afterEach(() => server.clear());
afterAll(async () => {
  await plugin.close();
  await server.close();
});

function transcribe(model: string, file: string, form: Record<string, string> = {}): HostSession {
  const credentials = { server_url: server.url, model_uid: model, max_retries: '0', ...form };
  return plugin.host.request('invoke_speech2text', { credentials, model, file });
}

const asked = (request: FakeRequest) => request.field('response_format');
const transcriptions = () => server.seen(ROUTE);
const verbose = (segments: unknown) => status(200, { task: 'transcribe', text: '你好。再见。', segments });

it('turns a recording into text', async () => {
  const { stream, error } = await transcribe('whisper', second).result();
  expect([stream, error]).toEqual([[{ result: 'I heard a sound of 1.0 seconds.' }], undefined]);
  const [request] = transcriptions();
  expect(request?.field('model')).toBe('whisper');
  expect(request?.file('file')).toMatchObject({ filename: 'audio.wav', type: 'audio/wav' });
  expect(request?.file('file')?.bytes.toString('hex')).toBe(second);
  expect(request?.parts?.map(({ name }) => name)).not.toContain('language');
});

it('sends the language of the form', async () => {
  await transcribe('whisper', second, { language: ' fr ' }).result();
  expect(transcriptions()[0]?.field('language')).toBe('fr');
});

describe('the format of the answer', () => {
  it('is plain for Whisper, which hears less when it has to note times', async () => {
    await transcribe('whisper', second).result();
    expect(transcriptions().map(asked)).toEqual(['json']);
  });

  it('is plain for a model that the server does not describe', async () => {
    server.answer('GET *', status(500, { detail: 'no' }));
    await transcribe('unheard-of', second, { model_uid: 'whisper', api_key: 'another' }).result();
    expect(transcriptions().map(asked)).toEqual(['json']);
  });

  it('names speakers where the engine can tell them apart', async () => {
    const turns = [
      { text: '你好。', speaker: 0 },
      { text: '再见。', speaker: 1 },
    ];
    server.answer(ROUTE, verbose(turns));
    const { stream } = await transcribe('meeting', second).result();
    expect(stream).toEqual([{ result: 'Speaker 0: 你好。\nSpeaker 1: 再见。' }]);
    expect(transcriptions().map(asked)).toEqual(['verbose_json']);
  });

  it.each([400, 422, 500, 501])('is plain once more when the engine refuses with %d', async code => {
    server.answer(ROUTE, status(code, { detail: 'list index out of range' }), { times: 1 });
    const { stream, error } = await transcribe('sense', second).result();
    expect([stream, error]).toEqual([[{ result: 'I heard a sound of 1.0 seconds.' }], undefined]);
    expect(transcriptions().map(asked)).toEqual(['verbose_json', 'json']);
    expect(transcriptions()[1]?.file('file')?.bytes.toString('hex')).toBe(second);
  });

  it('is not asked for again when it is the recording that cannot be read', async () => {
    server.replay(recording('asr-garbage'));
    const { error } = await transcribe('sense', second).result();
    expect(error?.error_type).toBe('InvokeBadRequestError');
    expect(transcriptions()).toHaveLength(1);
  });

  it('is not asked for again where that cannot help', async () => {
    server.answer(ROUTE, status(401, { detail: 'Could not validate credentials' }));
    const { error } = await transcribe('sense', second).result();
    expect(error?.error_type).toBe('InvokeAuthorizationError');
    expect(transcriptions()).toHaveLength(1);
  });
});

describe('what real servers answered', () => {
  it.each([
    ['asr-json', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
    ['asr-language', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
    ['asr-verbose', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
    ['asr-words', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
  ])('%s is text', async (name, result) => {
    server.replay(recording(name));
    expect((await transcribe('whisper', second).result()).stream).toEqual([{ result }]);
  });

  it.each([
    [
      'asr-garbage',
      'InvokeBadRequestError',
      /whisper cannot read this recording: .*said: Soundfile is either/,
    ],
    [
      'asr-language-bad',
      'InvokeBadRequestError',
      /does not know the language of "Language of the speech".*said: Unsupported language: xx/,
    ],
    ['asr-srt', 'InvokeServerUnavailableError', /Unsupported response format: srt/],
    ['asr-no-file', 'InvokeBadRequestError', /body\.file: Field required/],
    ['asr-no-model', 'InvokeBadRequestError', /body\.model: Field required/],
    ['asr-unknown-model', 'InvokeBadRequestError', /Model not found in the model list/],
    ['asr-on-llm', 'InvokeServerUnavailableError', /Model model_metadata/],
  ])('%s is an error that says so', async (name, type, message) => {
    server.replay(recording(name));
    const { stream, error } = await transcribe('whisper', second).result();
    expect(stream).toEqual([]);
    expect(error).toMatchObject({ error_type: type, message: expect.stringMatching(message) });
    expect(error?.message).not.toContain('[address=');
  });
});

describe('a recording that is none', () => {
  it.each<[string, unknown, RegExp]>([
    ['empty', '', /empty/],
    ['absent', null, /empty/],
    ['cut in the middle of a byte', '52494', /ends in the middle of a byte/],
    ['no hex', 'RIFF....', /no two hex digits/],
  ])('is refused without a request: %s', async (_name, file, message) => {
    const credentials = { server_url: server.url, model_uid: 'whisper' };
    const session = plugin.host.request('invoke_speech2text', { credentials, model: 'whisper', file });
    expect((await session.result()).error).toMatchObject({
      error_type: 'InvokeBadRequestError',
      message: expect.stringMatching(message),
    });
    expect(server.requests).toHaveLength(0);
  });
});

describe('when the server fails', () => {
  it.each([
    ['a page', html200, 'InvokeServerUnavailableError', /Sign in/],
    ['no text', status(200, { hello: 'world' }), 'InvokeServerUnavailableError', /holds no transcribed text/],
    ['a text alone', status(200, '"aborted"'), 'InvokeServerUnavailableError', /no JSON object/],
    ['an engine that fails', engineFailure, 'InvokeServerUnavailableError', /CUDA out of memory/],
    ['a model that loads', loading(1), 'InvokeServerUnavailableError', /still loading/],
  ])('%s is an error', async (_name, fault, type, message) => {
    server.answer(ROUTE, fault);
    expect((await transcribe('whisper', second).result()).error).toMatchObject({
      error_type: type,
      message: expect.stringMatching(message),
    });
  });

  it('sends the whole recording again after a failure that passes', async () => {
    server.answer(ROUTE, unavailable, { times: 1 });
    const { stream } = await transcribe('whisper', second, { max_retries: '1' }).result();
    expect(stream).toEqual([{ result: 'I heard a sound of 1.0 seconds.' }]);
    expect(transcriptions().map(request => request.file('file')?.bytes.toString('hex'))).toEqual([
      second,
      second,
    ]);
  });

  it('ends in time when the server is silent', async () => {
    server.answer(ROUTE, blackHole);
    const { error } = await transcribe('whisper', second, { invoke_timeout: '0.2' }).result();
    expect(error).toMatchObject({
      error_type: 'InvokeConnectionError',
      message: expect.stringMatching(/No answer from .* for 0\.2 s/),
    });
  });

  it('gives the request up when the host does', async () => {
    server.answer(ROUTE, blackHole);
    const session = transcribe('whisper', second);
    const request = await server.arrival(ROUTE);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    expect((await request.outcome).aborted).toBe(true);
  });
});

it('refuses a model of another type', async () => {
  const { error } = await transcribe('tts', second).result();
  expect(error).toMatchObject({
    error_type: 'InvokeBadRequestError',
    message: expect.stringMatching(/not Speech2text. Add it as TTS/),
  });
  expect(transcriptions()).toHaveLength(0);
});

it('validates credentials by one description', async () => {
  const validate = (model: string) =>
    plugin.host
      .request('validate_model_credentials', {
        credentials: { server_url: server.url, model_uid: model, language: 'zh' },
        model,
        model_type: 'speech2text',
      })
      .result();
  expect((await validate('whisper')).stream).toHaveLength(1);
  expect(server.requests).toHaveLength(1);
  expect((await validate('chat')).error).toMatchObject({
    error_type: 'CredentialsValidateFailedError',
    message: expect.stringMatching(/not Speech2text/),
  });
});

it('tells Dify what can be uploaded', async () => {
  const { stream } = await plugin.host
    .request('get_ai_model_schemas', {
      credentials: { server_url: server.url, model_uid: 'whisper' },
      model: 'Whisper',
      model_type: 'speech2text',
    })
    .result();
  expect(stream).toMatchObject([
    {
      model_schema: {
        model: 'Whisper',
        model_type: 'speech2text',
        model_properties: {
          file_upload_limit: 100,
          supported_file_extensions: expect.stringContaining('mp3,'),
        },
      },
    },
  ]);
});
