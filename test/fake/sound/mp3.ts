interface Kind {
  readonly mpeg1: boolean;
  /** The bits by which a frame names its sample rate. */
  readonly code: number;
  /** Bytes of a frame: at 64 kbit/s for MPEG 1, at 32 kbit/s for MPEG 2. */
  readonly length: number;
}

const kinds: ReadonlyMap<number, Kind> = new Map([
  [44_100, { mpeg1: true, code: 0, length: 208 }],
  [48_000, { mpeg1: true, code: 1, length: 192 }],
  [32_000, { mpeg1: true, code: 2, length: 288 }],
  [22_050, { mpeg1: false, code: 0, length: 104 }],
  [24_000, { mpeg1: false, code: 1, length: 96 }],
  [16_000, { mpeg1: false, code: 2, length: 144 }],
]);

export interface Mp3Options {
  /** Samples a second: 16000, 22050, 24000, 32000, 44100 or 48000. Default 24000. */
  readonly rate?: number;
  /** Begin with an ID3v2 tag, as encoders' files do. */
  readonly id3?: boolean;
  /** Begin with a silent frame that says how many frames follow, as LAME's files do. */
  readonly xing?: boolean;
}

/** The one frequency line that sounds: inside the lowest subband, far enough from the next not to mix with it. */
const line = 9;
/** Nothing but the sign of that line changes, and in this order of signs it is a steady wave. */
const signs = [0, 1, 1, 0];
/** Makes that line a quarter of full scale. */
const gain = 202;

/**
 * An MP3 of a tone of about 200 Hz (24 kHz), in as many frames as `ms` milliseconds take: 24 ms each at 24 kHz. Every
 * frame stands for itself, so the file may be cut and joined at any frame.
 */
export function mp3Tone(ms: number, options: Mp3Options = {}): Buffer {
  const { rate = 24_000, id3 = false, xing = false } = options;
  const kind = kinds.get(rate);
  if (kind === undefined) throw new RangeError(`MPEG layer III has no sample rate of ${rate} Hz`);
  const granules = kind.mpeg1 ? 2 : 1;
  const count = Math.ceil((ms * rate) / 1000 / (576 * granules));
  const cycle = signs.map((_sign, at) => frame(kind, at * granules));
  const frames = Array.from({ length: count }, (_none, at) => cycle[at % cycle.length] ?? Buffer.alloc(0));
  return Buffer.concat([...(id3 ? [id3Tag()] : []), ...(xing ? [xingFrame(kind, count)] : []), ...frames]);
}

/** Layer III without checksum, one channel. */
function header({ mpeg1, code }: Kind): number[] {
  return [0xff, mpeg1 ? 0xfb : 0xf3, ((mpeg1 ? 5 : 4) << 4) | (code << 2), 0xc0];
}

function frame(kind: Kind, first: number): Buffer {
  const pairs = (line + 1) / 2;
  const side = new Bits();
  const main = new Bits();
  // No data in earlier frames, private bits, and in MPEG 1 no scale factors shared.
  side.put([0, kind.mpeg1 ? 18 : 9]);
  for (let granule = 0; granule < (kind.mpeg1 ? 2 : 1); granule++) {
    // In Huffman table 1 a pair of zeros is `1` and (0, ±1) is `001` and the sign.
    for (let pair = 1; pair < pairs; pair++) main.put([1, 1]);
    main.put([1, 3], [signs[(first + granule) % signs.length] ?? 0, 1]);
    // Bits of this granule, its pairs, its gain, the width of its scale factors: none, and long blocks.
    side.put([pairs - 1 + 4, 12], [pairs, 9], [gain, 8], [0, kind.mpeg1 ? 4 : 9], [0, 1]);
    // Table 1 in all three regions, the regions' borders, and the flags at the end.
    side.put([1, 5], [1, 5], [1, 5], [0, 4], [0, 3], [0, kind.mpeg1 ? 3 : 2]);
  }
  const whole = Buffer.alloc(kind.length);
  Buffer.from([...header(kind), ...side.bytes(), ...main.bytes()]).copy(whole);
  return whole;
}

function xingFrame(kind: Kind, frames: number): Buffer {
  const whole = Buffer.alloc(kind.length);
  Buffer.from(header(kind)).copy(whole);
  const at = 4 + (kind.mpeg1 ? 17 : 9);
  whole.write('Xing', at);
  // The two flags say that a number of frames and a number of bytes follow.
  whole.writeUInt32BE(3, at + 4);
  whole.writeUInt32BE(frames, at + 8);
  whole.writeUInt32BE((frames + 1) * kind.length, at + 12);
  return whole;
}

/** An ID3v2.4 tag that holds a title and nothing else. */
function id3Tag(): Buffer {
  const title = '\0A test tone';
  const tag = Buffer.alloc(20 + title.length);
  tag.write('ID3\x04', 0, 'latin1');
  tag[9] = 10 + title.length;
  tag.write('TIT2', 10, 'latin1');
  tag[17] = title.length;
  tag.write(title, 20, 'latin1');
  return tag;
}

/** Bits in the order in which MPEG writes them. */
class Bits {
  readonly #bits: number[] = [];

  put(...fields: readonly (readonly [value: number, width: number])[]): void {
    for (const [value, width] of fields) {
      for (let at = width - 1; at >= 0; at--) this.#bits.push((value >> at) & 1);
    }
  }

  bytes(): number[] {
    const bytes: number[] = new Array(Math.ceil(this.#bits.length / 8)).fill(0);
    for (const [at, bit] of this.#bits.entries())
      bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (7 - (at & 7)));
    return bytes;
  }
}
