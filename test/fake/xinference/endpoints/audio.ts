import type { ServerResponse } from 'node:http';
import { mp3Tone } from '../../sound/mp3.ts';
import { pcmTone, recordedTone, wavTone } from '../../sound/tone.ts';
import { isAble } from '../models.ts';
import { engineError, type Refusal, refusal } from '../refusal.ts';
import { send, sendJson } from '../replies.ts';
import type { FakeRequest } from '../request.ts';
import type { ServerState } from '../routes.ts';
import { checkPresent, jsonObject } from './validation.ts';

/** How long a spoken character sounds, in milliseconds: two frames of MP3, so that every format has one length. */
export const msPerCharacter = 48;

/** `POST /v1/audio/speech` of a Kokoro-like model: a tone whose length follows from the text, its pitch from the voice. */
export function speech(request: FakeRequest, response: ServerResponse, server: ServerState): void {
  const body = jsonObject(request.body);
  checkPresent('SpeechRequest', body, ['model', 'input']);
  const model = server.find(body['model']);
  if (!isAble(model, 'text2audio')) throw engineError(`Model ${model.uid} has no text-to-speech`);
  if (body['stream'] === true) throw engineError('Kokoro does not support stream mode.');
  const voice = String(body['voice'] ?? '');
  if (voice !== '' && !/^[a-z]{2}_[a-z]+$/.test(voice)) throw engineError(`voice '${voice}' not found`);
  const format = String(body['response_format'] ?? 'mp3');
  const make = formats[format];
  if (make === undefined) throw engineError(`Unknown format: '${format.toUpperCase()}'`);
  const ms = Math.max(1, String(body['input']).length) * msPerCharacter;
  send(response, 200, make.type, make.bytes(ms, voice === '' ? 440 : 220 + 10 * (voice.charCodeAt(0) % 32)));
}

const formats: Readonly<Record<string, { type: string; bytes: (ms: number, hertz: number) => Buffer }>> = {
  mp3: { type: 'audio/mpeg', bytes: ms => mp3Tone(ms, { xing: true }) },
  wav: { type: 'audio/wav', bytes: (ms, hertz) => wavTone(ms, 24_000, hertz) },
  pcm: { type: 'audio/pcm', bytes: (ms, hertz) => pcmTone(ms, 24_000, hertz) },
  // A second, whatever the text.
  flac: { type: 'audio/flac', bytes: () => recordedTone('flac') },
  opus: { type: 'audio/ogg', bytes: () => recordedTone('opus') },
};

/** `POST /v1/audio/transcriptions` and `/translations` of Whisper: it "hears" how long the sound is. */
export function transcription(request: FakeRequest, response: ServerResponse, server: ServerState): void {
  const uid = request.field('model');
  const file = request.file('file');
  if (uid === undefined) throw absent('model');
  if (file === undefined) throw absent('file');
  const model = server.find(uid);
  if (!isAble(model, 'audio2text')) throw engineError(`Model ${model.uid} has no speech recognition`);
  const format = request.field('response_format') ?? 'json';
  if (format !== 'json' && format !== 'verbose_json')
    throw engineError(`Unsupported response format: ${format}`);
  const duration = seconds(file.bytes);
  if (duration === undefined)
    throw engineError('Soundfile is either not in the correct format or is malformed.');
  const text = `I heard a sound of ${duration.toFixed(1)} seconds.`;
  const verbose = { task: 'transcribe', language: request.field('language') ?? 'english', duration, text };
  if (format === 'json') sendJson(response, 200, { text });
  else if (request.field('timestamp_granularities[]') === 'word')
    sendJson(response, 200, { ...verbose, words: timed(text, duration) });
  else sendJson(response, 200, { ...verbose, segments: [{ ...segment, end: duration, text }] });
}

const segment = {
  id: 0,
  seek: 0,
  start: 0,
  tokens: [],
  temperature: 0,
  avg_logprob: 0,
  compression_ratio: 0,
  no_speech_prob: 0,
};

function timed(text: string, duration: number): object[] {
  const words = text.split(' ');
  const step = duration / words.length;
  return words.map((word, at) => ({ word, start: at * step, end: (at + 1) * step }));
}

function absent(field: string): Refusal {
  return refusal(422, [{ type: 'missing', loc: ['body', field], msg: 'Field required', input: null }]);
}

/** How long a WAV file sounds; of another sound a guess by its size; `undefined` if it looks like no sound at all. */
function seconds(bytes: Buffer): number | undefined {
  const start = bytes.toString('latin1', 0, 8);
  if (start.startsWith('RIFF') && bytes.length >= 44)
    return (bytes.length - 44) / Math.max(1, bytes.readUInt32LE(28));
  const magics = ['ID3', 'OggS', 'fLaC', '\x1aE\xdf\xa3', '#!AM', '\xff'];
  const known = magics.some(magic => start.startsWith(magic)) || start.endsWith('ftyp');
  return known ? bytes.length / 4000 : undefined;
}
