const ID3V2_HEADER = 10;
const ID3V1_LENGTH = 128;
/** Bytes before the first frame that are searched for it. */
const SEARCHED = 4096;
/** Files have one, and a server could send millions. */
const MOST_TAGS = 100;
const SAMPLE_RATES = [44_100, 48_000, 32_000];
/** kbit/s of layer III by the four bits of a header; index 0 would be "free". */
const BITRATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const BITRATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** The header of an MPEG layer III frame. */
interface FrameHeader {
  /** Bytes of the whole frame. */
  readonly length: number;
  /** Where its sound begins: behind the header, the checksum and the side information. An encoder's notes stand there. */
  readonly soundAt: number;
}

/**
 * The frames of an MP3 file that sound. The tags around them (ID3v2, ID3v1) and the frame of notes that encoders put first
 * (Xing, Info, VBRI) tell the length of one file, and in a longer stream a player would believe them: sox and mpg123 were
 * seen to stop there.
 * @returns undefined when there is no layer III in it
 */
export function soundingFrames(file: Buffer): Buffer | undefined {
  const start = firstFrame(file, endOfTags(file));
  if (start === undefined) return undefined;
  const end = file.toString('latin1', file.length - ID3V1_LENGTH, file.length - ID3V1_LENGTH + 3) === 'TAG';
  const frames = file.subarray(start, end ? file.length - ID3V1_LENGTH : file.length);
  const header = frameHeader(frames, 0);
  return header !== undefined && holdsNotes(frames, header) ? frames.subarray(header.length) : frames;
}

function endOfTags(file: Buffer): number {
  let at = 0;
  for (let tags = 0; tags < MOST_TAGS && at + ID3V2_HEADER <= file.length; tags++) {
    if (file.toString('latin1', at, at + 3) !== 'ID3') break;
    const [a = 0, b = 0, c = 0, d = 0] = file.subarray(at + 6, at + ID3V2_HEADER);
    at += ID3V2_HEADER + ((a << 21) | (b << 14) | (c << 7) | d); // seven bits a byte
  }
  return at;
}

/** A frame counts when another one, or the end, follows it: two bytes alone look like a header too often. */
function firstFrame(file: Buffer, from: number): number | undefined {
  for (let at = from; at < Math.min(from + SEARCHED, file.length); at++) {
    const header = frameHeader(file, at);
    if (header === undefined) continue;
    const next = at + header.length;
    if (next === file.length || frameHeader(file, next) !== undefined) return at;
    if (file.toString('latin1', next, next + 3) === 'TAG') return at;
  }
  return undefined;
}

function frameHeader(file: Buffer, at: number): FrameHeader | undefined {
  if (at + 4 > file.length) return undefined;
  const bits = file.readUInt32BE(at);
  const version = (bits >>> 19) & 3; // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const layer = (bits >>> 17) & 3; // 1: layer III
  if (bits >>> 21 !== 0x7ff || version === 1 || layer !== 1) return undefined;
  const isMpeg1 = version === 3;
  const bitrate = (isMpeg1 ? BITRATES_1 : BITRATES_2)[(bits >>> 12) & 15];
  const baseRate = SAMPLE_RATES[(bits >>> 10) & 3];
  if (!bitrate || baseRate === undefined) return undefined;
  const rate = baseRate / (isMpeg1 ? 1 : version === 2 ? 2 : 4);
  const padding = (bits >>> 9) & 1;
  const isMono = ((bits >>> 6) & 3) === 3;
  const hasChecksum = ((bits >>> 16) & 1) === 0;
  const side = isMpeg1 ? (isMono ? 17 : 32) : isMono ? 9 : 17;
  return {
    length: Math.floor(((isMpeg1 ? 144_000 : 72_000) * bitrate) / rate) + padding,
    soundAt: 4 + (hasChecksum ? 2 : 0) + side,
  };
}

function holdsNotes(frames: Buffer, { soundAt }: FrameHeader): boolean {
  const name = frames.toString('latin1', soundAt, soundAt + 4);
  return name === 'Xing' || name === 'Info' || frames.toString('latin1', 36, 40) === 'VBRI';
}
