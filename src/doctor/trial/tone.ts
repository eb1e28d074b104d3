const RATE = 16_000;
const HEADER_BYTES = 44;

/** A second of a plain tone as a WAV file: 16 kHz, 16 bits, one channel, which every speech model reads. */
export function tone(): Buffer {
  const wav = Buffer.alloc(HEADER_BYTES + RATE * 2);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(16, 16); // the length of what describes the format
  wav.writeUInt16LE(1, 20); // uncompressed
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(RATE, 24);
  wav.writeUInt32LE(RATE * 2, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write('data', 36, 'latin1');
  wav.writeUInt32LE(RATE * 2, 40);
  for (let at = 0; at < RATE; at++) {
    wav.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * 440 * at) / RATE)), HEADER_BYTES + at * 2);
  }
  return wav;
}
