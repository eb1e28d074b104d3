import { byteByByte, type Load, MIB, whole, words } from './load.ts';

const recording = () => ({ file: 'fffb90c4'.repeat(1000) });
const TRANSCRIPTION = 'POST /v1/audio/transcriptions';
const SPEECH = 'POST /v1/audio/speech';

/** Recordings written down, and texts spoken. */
export const speech: readonly Load[] = [
  {
    name: '12,000 segments of one speaker',
    action: 'invoke_speech2text',
    uid: 'paraformer',
    data: recording,
    route: TRANSCRIPTION,
    answer: whole(() => {
      const segments = Array.from({ length: 12_000 }, (_, at) => ({
        speaker: at === 0 ? 1 : 0,
        text: words(45),
      }));
      return JSON.stringify({ text: segments.map(({ text }) => text).join(' '), segments });
    }),
  },
  {
    name: '39,000 segments, each of another speaker',
    action: 'invoke_speech2text',
    uid: 'paraformer',
    data: recording,
    route: TRANSCRIPTION,
    answer: whole(() => {
      const segments = Array.from({ length: 39_000 }, (_, at) => ({ speaker: at, text: words(45) }));
      return JSON.stringify({ text: segments.map(({ text }) => text).join(' '), segments });
    }),
  },
  ...[60, 200].map(size => ({
    name: `${size} MB of empty WAV chunks`,
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: words(2000), voice: '' }),
    route: SPEECH,
    answer: whole(
      () =>
        Buffer.concat([
          Buffer.from('RIFF\xff\xff\xff\x02WAVE', 'latin1'),
          Buffer.alloc(size * MIB, 'junk\0\0\0\0'),
        ]),
      'audio/wav',
    ),
  })),
  {
    name: 'sound of 50 MB',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: 'Hello.', voice: '' }),
    route: SPEECH,
    answer: whole(
      () =>
        Buffer.concat([
          Buffer.from(
            'RIFF\xff\xff\xff\x02WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0w\x01\0\x02\0\x10\0data\xff\xff\xff\x02',
            'latin1',
          ),
          Buffer.alloc(50 * MIB, 1),
        ]),
      'audio/wav',
    ),
  },
  {
    name: '4 MiB of sound in chunks of one byte',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: 'Hello.', voice: '' }),
    route: SPEECH,
    answer: byteByByte('audio/mpeg', () => '\xff\xfb\x90\xc4'.repeat(MIB)),
  },
];
