import { expect, it } from 'vitest';
import { TranscriptionBody } from '../../../models/speech2text/transcription-body.ts';
import { mp3Tone } from '../../fake/sound/mp3.ts';
import { recordedTone, wavTone } from '../../fake/sound/tone.ts';

const never = new AbortController().signal;
const wav = wavTone(100);

function bodyOf(file: Buffer, fields: Record<string, string> = {}): Promise<TranscriptionBody> {
  return TranscriptionBody.of(file.toString('hex'), fields, never);
}

/** Read by the platform's own parser. */
function parse(body: TranscriptionBody, bytes: Buffer): Promise<FormData> {
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': body.contentType } }).formData();
}

async function fileOf(body: TranscriptionBody): Promise<File> {
  const file = (await parse(body, body.bytes('json'))).get('file');
  if (!(file instanceof File)) throw new Error('no file');
  return file;
}

it('the body of a transcription carries the fields, the recording and the format', async () => {
  const body = await bodyOf(wav, { model: '模型/"x"', language: 'zh' });
  const parts = await parse(body, body.bytes('verbose_json'));
  expect(Object.fromEntries([...parts].filter(([name]) => name !== 'file'))).toEqual({
    model: '模型/"x"',
    language: 'zh',
    response_format: 'verbose_json',
  });
  expect(Buffer.from(await (await fileOf(body)).arrayBuffer()).equals(wav)).toBe(true);
});

it('the same recording can be sent once more with another format', async () => {
  const body = await bodyOf(wav, { model: 'm' });
  body.bytes('verbose_json');
  const plain = body.bytes('json');
  expect((await parse(body, plain)).get('response_format')).toBe('json');
  expect(plain.toString('latin1')).toMatch(/name="response_format"\r\n\r\njson\r\n--[\w-]+--\r\n$/);
  expect((await parse(body, body.bytes('verbose_json'))).get('response_format')).toBe('verbose_json');
});

const ebml = Buffer.from(
  '1a45dfa39f4286810142f7810142f2810442f381084282847765626d42878104428581021853806701',
  'hex',
);
const m4a = Buffer.concat([Buffer.from('0000001c', 'hex'), Buffer.from('ftypM4A '), Buffer.alloc(16)]);

it.each<[string, Buffer, string, string]>([
  ['WAV', wav, 'audio.wav', 'audio/wav'],
  ['MP3', mp3Tone(100), 'audio.mp3', 'audio/mpeg'],
  ['MP3 behind a tag', mp3Tone(100, { id3: true }), 'audio.mp3', 'audio/mpeg'],
  ['FLAC', recordedTone('flac'), 'audio.flac', 'audio/flac'],
  ['Ogg Opus', recordedTone('opus'), 'audio.opus', 'audio/ogg'],
  ['WebM', ebml, 'audio.webm', 'audio/webm'],
  ['M4A', m4a, 'audio.m4a', 'audio/mp4'],
  ['AMR', Buffer.from('#!AMR\n'.padEnd(40, 'x')), 'audio.amr', 'audio/amr'],
  [
    'AAC behind a tag',
    Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\0\x02ab', 'latin1'), Buffer.from('fff15c40', 'hex')]),
    'audio.aac',
    'audio/aac',
  ],
  ['what no player knows', Buffer.from('IMPM'.padEnd(40)), 'audio.it', 'application/octet-stream'],
  ['something else', Buffer.from('What is this?'), 'audio.bin', 'application/octet-stream'],
  ['a single byte', Buffer.from('?'), 'audio.bin', 'application/octet-stream'],
])('names a file by its content: %s', async (_name, bytes, name, type) => {
  const file = await fileOf(await bodyOf(bytes));
  expect([file.name, file.type]).toEqual([name, type]);
});

it('refuses an empty recording', async () => {
  await expect(TranscriptionBody.of('', {}, never)).rejects.toMatchObject({
    errorType: 'InvokeBadRequestError',
    message: expect.stringMatching(/empty/),
  });
});
