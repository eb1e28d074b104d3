import { readFileSync } from 'node:fs';

/** How loud a tone is: a quarter of full scale. */
const loudness = 8192;

/** A sine wave as 16-bit mono samples, little-endian, `ms` milliseconds long at `rate` samples a second. */
export function pcmTone(ms: number, rate = 24_000, hertz = 440): Buffer {
  const samples = Math.round((ms * rate) / 1000);
  const bytes = Buffer.alloc(samples * 2);
  for (let at = 0; at < samples; at++) {
    bytes.writeInt16LE(Math.round(loudness * Math.sin((2 * Math.PI * hertz * at) / rate)), at * 2);
  }
  return bytes;
}

/** A WAV file of that tone, with the plain 44-byte header. */
export function wavTone(ms: number, rate = 24_000, hertz = 440): Buffer {
  const samples = pcmTone(ms, rate, hertz);
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** A second of 440 Hz in a container that takes an encoder to make. */
export function recordedTone(format: 'flac' | 'opus'): Buffer {
  return readFileSync(new URL(`../../fixtures/audio/tone.${format}`, import.meta.url));
}
