import { expect, it } from 'vitest';
import { soundingFrames } from '../../../models/tts/mp3.ts';
import { type Mp3Options, mp3Tone } from '../../fake/sound/mp3.ts';
import { wavTone } from '../../fake/sound/tone.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';
import { playMp3 } from './decode.ts';

const id3v1 = Buffer.from('TAG'.padEnd(128, '\0'));

it.each([16_000, 22_050, 24_000, 32_000, 44_100, 48_000])('are what is between the tags, at %d Hz', rate => {
  const frames = mp3Tone(500, { rate });
  const tagged = (options: Mp3Options) => mp3Tone(500, { rate, ...options });
  expect(soundingFrames(frames)).toEqual(frames);
  expect(soundingFrames(tagged({ id3: true }))).toEqual(frames);
  expect(soundingFrames(tagged({ xing: true }))).toEqual(frames);
  expect(soundingFrames(Buffer.concat([tagged({ id3: true, xing: true }), id3v1]))).toEqual(frames);
});

it('begin behind tags of any size, and what some writers put between', () => {
  const frames = mp3Tone(100);
  const tag = (high: number, low: number) =>
    Buffer.concat([
      Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, high, low]),
      Buffer.alloc(128 * high + low),
    ]);
  expect(soundingFrames(Buffer.concat([tag(100, 1), tag(0, 4), Buffer.alloc(100), frames]))).toEqual(frames);
});

it.each(['Info', 'Xing', 'VBRI'])('leave the notes of an encoder out: %s', name => {
  const notes = mp3Tone(24);
  notes.fill(0, 4);
  notes.write(name, name === 'VBRI' ? 36 : 13);
  expect(soundingFrames(Buffer.concat([notes, mp3Tone(240)]))).toEqual(mp3Tone(240));
});

it('may be a single one', () => {
  expect(soundingFrames(mp3Tone(24))).toEqual(mp3Tone(24));
  expect(soundingFrames(Buffer.concat([mp3Tone(24), id3v1]))).toEqual(mp3Tone(24));
});

it.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['samples', wavTone(100).subarray(44)],
  [
    'samples that begin like a header',
    Buffer.concat([Buffer.from('fff384c4', 'hex'), wavTone(100).subarray(44)]),
  ],
  ['a tag alone', Buffer.from('ID3\x04\0\0\0\0\0\x04abcd', 'latin1')],
  ['a tag that is longer than the file', Buffer.from('ID3\x04\0\0\x7f\x7f\x7f\x7f', 'latin1')],
  ['headers that no frame has', Buffer.from('fffffffffff0ffe0fff1ff00', 'hex')],
])('are none in %s', (_name, bytes) => {
  expect(soundingFrames(bytes)).toBeUndefined();
});

it.each(['tts-mp3', 'tts-voice', 'tts-empty'])(
  'of what a real server wrote (LAME, of changing bitrate) are as many as its notes say: %s',
  async name => {
    const file = bodyBytes(recording(name));
    const frames = file.readUInt32BE(file.indexOf('Xing') + 8);
    const played = await playMp3(soundingFrames(file) ?? Buffer.alloc(0));
    expect(played.seconds).toBeCloseTo((frames * 576) / 24_000, 6);
  },
);
