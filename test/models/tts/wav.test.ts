import { expect, it } from 'vitest';
import { openWavHeader, parseWav } from '../../../models/tts/wav.ts';
import { pcmTone, wavTone } from '../../fake/sound/tone.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';
import { playWav } from './decode.ts';

const wav = wavTone(100);
const format = wav.subarray(20, 36);
const samples = pcmTone(100);

function chunk(name: string, body: Buffer, size = body.length): Buffer {
  const header = Buffer.from(`${name}....`, 'latin1');
  header.writeUInt32LE(size, 4);
  return Buffer.concat([header, body, Buffer.alloc(body.length & 1)]);
}

const file = (...chunks: Buffer[]) => chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...chunks]));

it.each<[string, Buffer]>([
  ['a plain header', wav],
  [
    'other chunks before and behind',
    file(
      chunk('JUNK', Buffer.alloc(7)),
      chunk('fmt ', format),
      chunk('fact', Buffer.alloc(4)),
      chunk('data', samples),
      chunk('LIST', Buffer.from('INFOISFT')),
    ),
  ],
  [
    'a length of 0, as some writers of streams put it',
    file(chunk('fmt ', format), chunk('data', samples, 0)),
  ],
  ['the largest length, as others do', file(chunk('fmt ', format), chunk('data', samples, 0xffffffff))],
  ['a length beyond the end', file(chunk('fmt ', format), chunk('data', samples, samples.length + 2))],
  ['a real server', bodyBytes(recording('tts-wav'))],
])('is taken apart: %s', (name, bytes) => {
  const parsed = parseWav(bytes);
  expect(parsed?.format).toEqual(format);
  if (name === 'a real server') expect(parsed?.samples).toHaveLength(7200);
  else expect(parsed?.samples).toEqual(samples);
});

it.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['another file', Buffer.from('RIFF....AVI LIST')],
  ['no format', file(chunk('data', samples))],
  ['no samples', file(chunk('fmt ', format))],
  ['half a header', wav.subarray(0, 30)],
])('is none without what it needs: %s', (_name, bytes) => {
  expect(parseWav(bytes)).toBeUndefined();
});

it('begins so that players read samples to the end of the stream', () => {
  const header = openWavHeader(format);
  expect(header).toHaveLength(44);
  expect([header.readUInt32LE(4), header.readUInt32LE(40)]).toEqual([0xffffffff, 0xffffffff]);
  expect(playWav(Buffer.concat([header, samples, samples])).seconds).toBeCloseTo(0.2, 6);
});
