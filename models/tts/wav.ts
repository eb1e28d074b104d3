const HEADER = 12;
const CHUNK_HEADER = 8;
/** Real files have a handful, and a server could send millions. */
const MOST_CHUNKS = 1_000;
/** What writers that cannot know the length put for it. */
const UNKNOWN = 0xffffffff;

/** What a WAV file holds. */
export interface Wav {
  /** The body of its `fmt ` chunk: codec, channels, rate, width of a sample. */
  readonly format: Buffer;
  readonly samples: Buffer;
}

/**
 * Takes a WAV file apart. A length that is missing (0 or the largest) or passes the end means all that follows.
 * @returns undefined when it is none
 */
export function parseWav(file: Buffer): Wav | undefined {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, HEADER) !== 'WAVE')
    return undefined;
  let format: Buffer | undefined;
  let at = HEADER;
  for (let chunks = 0; chunks < MOST_CHUNKS && at + CHUNK_HEADER <= file.length; chunks++) {
    const name = file.toString('latin1', at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const body = at + CHUNK_HEADER;
    if (name === 'fmt ') format = file.subarray(body, body + size);
    if (name === 'data') {
      const end = size === 0 ? file.length : Math.min(body + size, file.length);
      return format && { format, samples: file.subarray(body, end) };
    }
    at = body + size + (size & 1); // chunks begin at even places
  }
  return undefined;
}

/**
 * The start of a WAV file whose length nobody knows yet: its samples follow, and it ends when the stream ends. Both
 * lengths are the largest. Measured: ffmpeg (from a file and from a pipe), libsndfile, sox and Python's `wave` read all
 * samples then, sox with a warning; with 0, libsndfile and sox read none.
 */
export function openWavHeader(format: Buffer): Buffer {
  const chunk = Buffer.alloc(HEADER + CHUNK_HEADER);
  chunk.write('RIFF', 0, 'latin1');
  chunk.writeUInt32LE(UNKNOWN, 4);
  chunk.write('WAVEfmt ', 8, 'latin1');
  chunk.writeUInt32LE(format.length, 16);
  const data = Buffer.alloc(CHUNK_HEADER);
  data.write('data', 0, 'latin1');
  data.writeUInt32LE(UNKNOWN, 4);
  return Buffer.concat([chunk, format, data]);
}
