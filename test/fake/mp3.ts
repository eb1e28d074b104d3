/** The sample rates of MPEG 1 and 2, with the bits by which a frame names them. */
const rates: ReadonlyMap<number, { readonly mpeg1: boolean; readonly code: number }> = new Map([
  [44_100, { mpeg1: true, code: 0 }],
  [48_000, { mpeg1: true, code: 1 }],
  [32_000, { mpeg1: true, code: 2 }],
  [22_050, { mpeg1: false, code: 0 }],
  [24_000, { mpeg1: false, code: 1 }],
  [16_000, { mpeg1: false, code: 2 }],
]);

export interface Mp3Options {
  /** Samples a second: 16000, 22050, 24000, 32000, 44100 or 48000. Default 24000. */
  readonly rate?: number;
  /** Begin with an ID3v2 tag, as encoders' files do. */
  readonly id3?: boolean;
  /** Begin with a silent frame that says how many frames follow, as LAME's files do. */
  readonly xing?: boolean;
}

/** The frequency line that sounds: well inside the lowest subband, so no neighbour mixes in. */
const line = 9;
/** Nothing but the sign of that line changes, and with this order of signs it is a steady sine wave. */
const signs = [0, 1, 1, 0];

/**
 * An MP3 of a tone, at least `ms` milliseconds long, in frames of 24 ms (24 kHz) that stand each for itself: it may be
 * cut and joined at any frame.
 */
export function mp3Tone(ms: number, options: Mp3Options = {}): Buffer {
  const { rate = 24_000, id3 = false, xing = false } = options;
  const kind = rates.get(rate);
  if (kind === undefined) throw new RangeError(`MPEG knows no sample rate of ${rate} Hz`);
  const granules = kind.mpeg1 ? 2 : 1;
  const count = Math.ceil((ms * rate) / 1000 / (576 * granules));
  const frames = Array.from({ length: count }, (_none, at) => frame(rate, kind, at * granules));
  const bytes = frames.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([
    ...(id3 ? [id3Tag()] : []),
    ...(xing ? [xingFrame(rate, kind, count, bytes)] : []),
    ...frames,
  ]);
}

/** Bytes of a frame at 32 kbit/s (MPEG 2) or 64 kbit/s (MPEG 1). */
function frameLength(rate: number, mpeg1: boolean): number {
  return Math.floor((mpeg1 ? 144 * 64_000 : 72 * 32_000) / rate);
}

function header(mpeg1: boolean, code: number): Buffer {
  // Layer III without checksum; 64 kbit/s is 5 of MPEG 1, 32 kbit/s is 4 of MPEG 2; one channel.
  return Buffer.from([0xff, mpeg1 ? 0xfb : 0xf3, ((mpeg1 ? 5 : 4) << 4) | (code << 2), 0xc0]);
}

function frame(rate: number, { mpeg1, code }: { mpeg1: boolean; code: number }, first: number): Buffer {
  const pairs = Math.floor(line / 2) + 1;
  const side = new Bits();
  const main = new Bits();
  side.put(0, mpeg1 ? 9 : 8);
  side.put(0, mpeg1 ? 9 : 1);
  for (let granule = 0; granule < (mpeg1 ? 2 : 1); granule++) {
    // Huffman table 1: a pair of zeros is `1`, (0, ±1) is `001` and (±1, 0) is `01`, each with a bit for the sign.
    for (let pair = 1; pair < pairs; pair++) main.put(1, 1);
    if (line % 2 === 1) main.put(1, 3);
    else main.put(1, 2);
    main.put(signs[(first + granule) % signs.length] ?? 0, 1);
    side.put(pairs - 1 + (line % 2 === 1 ? 4 : 3), 12);
    side.put(pairs, 9);
    side.put(190, 8);
    side.put(0, mpeg1 ? 4 : 9);
    side.put(0, 1);
    side.put(1, 5);
    side.put(1, 5);
    side.put(1, 5);
    side.put(0, 4);
    side.put(0, 3);
    if (mpeg1) side.put(0, 1);
    side.put(0, 1);
    side.put(0, 1);
  }
  const whole = Buffer.alloc(frameLength(rate, mpeg1));
  Buffer.concat([header(mpeg1, code), side.bytes(), main.bytes()]).copy(whole);
  return whole;
}

function xingFrame(
  rate: number,
  { mpeg1, code }: { mpeg1: boolean; code: number },
  frames: number,
  bytes: number,
): Buffer {
  const whole = Buffer.alloc(frameLength(rate, mpeg1));
  header(mpeg1, code).copy(whole);
  const at = 4 + (mpeg1 ? 17 : 9);
  whole.write('Info', at);
  whole.writeUInt32BE(3, at + 4);
  whole.writeUInt32BE(frames, at + 8);
  whole.writeUInt32BE(bytes + whole.length, at + 12);
  return whole;
}

function id3Tag(): Buffer {
  const text = Buffer.from('\0A test tone', 'latin1');
  const tag = Buffer.alloc(20);
  tag.write('ID3', 0);
  tag[3] = 4;
  tag[9] = 10 + text.length;
  tag.write('TIT2', 10);
  tag[17] = text.length;
  return Buffer.concat([tag, text]);
}

/** Bits in the order in which MPEG writes them. */
class Bits {
  readonly #bits: number[] = [];

  put(value: number, width: number): void {
    for (let at = width - 1; at >= 0; at--) this.#bits.push((value >> at) & 1);
  }

  bytes(): Buffer {
    const bytes = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    for (const [at, bit] of this.#bits.entries())
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (7 - (at & 7)));
    return bytes;
  }
}
