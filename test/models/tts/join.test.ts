import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJoinable, SoundJoiner } from '../../../models/tts/join.ts';
import type { Sound } from '../../../models/tts/sound.ts';
import { mp3Tone } from '../../fake/sound/mp3.ts';
import { pcmTone, wavTone } from '../../fake/sound/tone.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';
import { playMp3, playWav } from './decode.ts';

const mp3 = (bytes: Buffer): Sound => ({ bytes, container: 'mp3', mimeType: 'audio/mpeg' });
const wav = (bytes: Buffer): Sound => ({ bytes, container: 'wav', mimeType: 'audio/wav' });
const raw = (bytes: Buffer): Sound => ({ bytes, container: 'raw', mimeType: 'audio/pcm' });

function join(sounds: Sound[]): Buffer {
  const joiner = new SoundJoiner();
  return Buffer.concat(sounds.flatMap(sound => joiner.join(sound)));
}

/** Cuts a list at places that are numbers between 0 and 1. */
function cutAt<T>(list: readonly T[], places: readonly number[]): T[][] {
  const ends = [...places.map(place => Math.round(place * list.length)).sort((a, b) => a - b), list.length];
  return ends.map((end, at) => list.slice(ends[at - 1] ?? 0, end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
const wholePlaces = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

it('a WAV that was cut anywhere is whole again', () => {
  const whole = wavTone(400);
  const samples = Array.from({ length: (whole.length - 44) / 2 }, (_none, at) =>
    whole.subarray(44 + 2 * at, 46 + 2 * at),
  );
  fc.assert(
    fc.property(places, cuts => {
      const pieces = cutAt(samples, cuts).map(piece => {
        const file = Buffer.concat([whole.subarray(0, 44), ...piece]);
        file.writeUInt32LE(file.length - 44, 40);
        return wav(file);
      });
      const joined = join(pieces);
      expect(joined.subarray(44).equals(whole.subarray(44))).toBe(true);
      expect(playWav(joined).seconds).toBeCloseTo(0.4, 6);
    }),
  );
});

it('an MP3 that was cut at any frame is whole again, whatever tags its pieces have', () => {
  const tags = fc.array(fc.record({ id3: fc.boolean(), xing: fc.boolean(), v1: fc.boolean() }), {
    minLength: 6,
    maxLength: 6,
  });
  fc.assert(
    fc.property(wholePlaces, tags, (lengths, dress) => {
      const pieces = lengths.map((frames, at) => {
        const { id3 = false, xing = false, v1 = false } = dress[at] ?? {};
        const file = mp3Tone(frames * 24, { id3, xing });
        return mp3(v1 ? Buffer.concat([file, Buffer.from('TAG'.padEnd(128, '\0'))]) : file);
      });
      const bare = Buffer.concat(lengths.map(frames => mp3Tone(frames * 24)));
      expect(join(pieces).equals(bare)).toBe(true);
    }),
  );
});

describe('a decoder plays all pieces, one after the other:', () => {
  const lengths = [300, 1000, 48, 700];

  it('WAV', () => {
    const played = playWav(join(lengths.map(ms => wav(wavTone(ms)))));
    expect(played.seconds).toBeCloseTo(2.048, 6);
    expect(played.loudness).toBeCloseTo(0.25 / Math.SQRT2, 2);
  });

  it('MP3 of equal frames', async () => {
    const pieces = lengths.map(ms => mp3Tone(ms, { id3: true, xing: true }));
    const sum = pieces
      .map(piece => piece.readUInt32BE(piece.indexOf('Xing') + 8) * 0.024)
      .reduce((a, b) => a + b);
    const played = await playMp3(join(pieces.map(mp3)));
    expect(Math.abs(played.seconds - sum)).toBeLessThan(0.05);
    expect(played.loudness).toBeGreaterThan(0.05);
  });

  it('MP3 of LAME, with a bit reservoir', async () => {
    const pieces = ['tts-mp3', 'tts-voice', 'tts-empty', 'tts-mp3'].map(name => bodyBytes(recording(name)));
    const sum = pieces
      .map(piece => piece.readUInt32BE(piece.indexOf('Xing') + 8) * 0.024)
      .reduce((a, b) => a + b);
    const played = await playMp3(join(pieces.map(mp3)));
    expect(Math.abs(played.seconds - sum)).toBeLessThan(0.05);
    expect(played.loudness).toBeGreaterThan(0.02);
  });

  it('samples', () => {
    expect(
      join(lengths.map(ms => raw(pcmTone(ms)))).equals(Buffer.concat(lengths.map(ms => pcmTone(ms)))),
    ).toBe(true);
  });
});

it.each<[string, Sound, Sound]>([
  ['MP3 and WAV', mp3(mp3Tone(100)), wav(wavTone(100))],
  ['two sample rates', wav(wavTone(100, 24_000)), wav(wavTone(100, 16_000))],
  ['a WAV without samples', wav(wavTone(100)), wav(wavTone(100).subarray(0, 36))],
])('refuses to make one stream of %s', (_name, first, second) => {
  expect(() => join([first, second])).toThrow(/makes no playable whole.*another "Audio format"/);
});

it('knows what decoders take for one stream', () => {
  expect(
    ['mp3', 'wav', 'aac', 'pcm', 'raw', 'flac', 'opus', 'ogg', 'mp4', 'webm'].filter(isJoinable),
  ).toEqual(['mp3', 'wav', 'aac', 'pcm', 'raw']);
});
