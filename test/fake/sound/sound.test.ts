import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { cosine, embed } from '../xinference/endpoints/vectors.ts';
import { type Mp3Options, mp3Tone } from './mp3.ts';
import { recordedTone, wavTone } from './tone.ts';

describe('an MP3', () => {
  /** Walks from frame to frame by what each head says of its own length; gives the milliseconds of each. */
  function walk(bytes: Buffer, start: number): number[] {
    const durations: number[] = [];
    for (let at = start; at < bytes.length; ) {
      const [mark, bits] = [bytes.readUInt16BE(at), bytes.readUInt8(at + 2)];
      expect(mark & 0xfff6).toBe(0xfff2);
      const mpeg1 = (mark & 8) !== 0;
      const rate = ([44_100, 48_000, 32_000][(bits >> 2) & 3] ?? Number.NaN) / (mpeg1 ? 1 : 2);
      const kbits = [0, 32, 40, 48, 56, 64, 80][bits >> 4] ?? Number.NaN;
      const mpeg2kbits = [0, 8, 16, 24, 32, 40][bits >> 4] ?? Number.NaN;
      at += Math.floor(mpeg1 ? (144_000 * kbits) / rate : (72_000 * mpeg2kbits) / rate);
      durations.push((1000 * (mpeg1 ? 1152 : 576)) / rate);
      expect(at).toBeLessThanOrEqual(bytes.length);
    }
    return durations;
  }

  it.each([16_000, 22_050, 24_000, 32_000, 44_100, 48_000])(
    'is frame after frame at %d Hz, as long as asked',
    rate => {
      const durations = walk(mp3Tone(500, { rate }), 0);
      const total = durations.reduce((sum, ms) => sum + ms, 0);
      expect(total).toBeGreaterThanOrEqual(500);
      expect(total - (durations[0] ?? 0)).toBeLessThan(500);
    },
  );

  it.each<[Mp3Options, number, number]>([
    [{ id3: true }, 32, 10],
    [{ xing: true }, 0, 11],
    [{ id3: true, xing: true }, 32, 11],
  ])('begins with what %o adds', (options, start, frames) => {
    const bytes = mp3Tone(240, options);
    expect(bytes.toString('latin1', 0, 3) === 'ID3').toBe(options.id3 === true);
    if (options.id3) expect(10 + bytes.readUInt8(9)).toBe(start);
    expect(walk(bytes, start)).toHaveLength(frames);
    expect(bytes.toString('latin1', start + 13, start + 17) === 'Xing').toBe(options.xing === true);
    if (options.xing) expect(bytes.readUInt32BE(start + 21)).toBe(10);
  });

  it('holds the bits that decoders were seen to turn into a tone', () => {
    // libsndfile 1.2.2 decodes these frames to a steady wave of 198 Hz (24 kHz) and 363 Hz (44.1 kHz).
    const digest = (rate: number) =>
      createHash('sha256').update(mp3Tone(240, { rate })).digest('hex').slice(0, 16);
    expect([digest(24_000), digest(44_100)]).toEqual(['cc6cde7c87ec16c3', '2fc3aa742ac4ff38']);
  });

  it('refuses a rate that MPEG has not', () => {
    expect(() => mp3Tone(10, { rate: 11_111 })).toThrow(RangeError);
  });
});

it('a WAV says how much follows, and swings at the pitch asked for', () => {
  const wav = wavTone(1000, 16_000, 100);
  expect([wav.readUInt32LE(4), wav.readUInt32LE(24), wav.readUInt32LE(40)]).toEqual([
    wav.length - 8,
    16_000,
    32_000,
  ]);
  let rises = 0;
  for (let at = 46; at < wav.length; at += 2) {
    if (wav.readInt16LE(at - 2) < 0 && wav.readInt16LE(at) >= 0) rises++;
  }
  expect(rises).toBeGreaterThanOrEqual(99);
  expect(rises).toBeLessThanOrEqual(100);
});

it('the recorded tones are what their names say', () => {
  expect(recordedTone('flac').toString('latin1', 0, 4)).toBe('fLaC');
  expect(recordedTone('opus').toString('latin1', 0, 36)).toMatch(/^OggS.*OpusHead/s);
});

describe('a vector', () => {
  const of = (text: string) => embed(text, 384);

  it('is the same for the same text, of length 1, and no two texts share one', () => {
    expect(of('Paris')).toEqual(of('Paris'));
    expect(Math.hypot(...of('Paris is big'))).toBeCloseTo(1, 5);
    expect(of('')).not.toEqual(of(' '));
    expect(of('').every(Number.isFinite)).toBe(true);
  });

  it.each([
    ['What is the capital of France?', 'Paris is the capital of France.', 'Bananas are yellow and sweet.'],
    ['东京是日本的首都', '日本的首都在哪里', '香蕉是黄色的'],
  ])('of "%s" is nearer to a text about the same', (query, near, far) => {
    expect(cosine(of(query), of(near))).toBeGreaterThan(cosine(of(query), of(far)) + 0.2);
  });
});
