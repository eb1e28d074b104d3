import { MPEGDecoder } from 'mpg123-decoder';

/** How long a decoder plays something, and how loud it is. */
export interface Played {
  readonly seconds: number;
  /** Root mean square, full scale being 1. */
  readonly loudness: number;
}

/** Plays an MP3 by mpg123, every frame of it. @throws when a frame is broken */
export async function playMp3(file: Uint8Array): Promise<Played> {
  const decoder = new MPEGDecoder({ enableGapless: false });
  await decoder.ready;
  try {
    const { channelData, samplesDecoded, sampleRate, errors } = decoder.decode(file);
    if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join('; '));
    return { seconds: samplesDecoded / sampleRate, loudness: loudness(channelData[0] ?? new Float32Array()) };
  } finally {
    decoder.free();
  }
}

/**
 * Plays a WAV file of 16-bit mono samples the way ffmpeg and libsndfile were seen to: the samples go to the end of the
 * file where the header's length is the largest or passes it.
 */
export function playWav(file: Buffer): Played {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 16) !== 'WAVEfmt ')
    throw new Error('no WAV file');
  const data = 20 + file.readUInt32LE(16);
  if (file.toString('latin1', data, data + 4) !== 'data') throw new Error('no samples behind the format');
  const samples = file.subarray(data + 8, Math.min(data + 8 + file.readUInt32LE(data + 4), file.length));
  const values = Float32Array.from(
    { length: samples.length >> 1 },
    (_none, at) => samples.readInt16LE(2 * at) / 32768,
  );
  return { seconds: values.length / file.readUInt32LE(24), loudness: loudness(values) };
}

function loudness(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length));
}
