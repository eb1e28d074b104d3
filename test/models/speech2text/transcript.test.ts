import { expect, it } from 'vitest';
import { transcribedText } from '../../../models/speech2text/transcript.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';
import { growthOver8 } from '../../growth.ts';

const turn = (speaker: unknown, text: string) => ({ id: 0, start: 0, end: 1, text, speaker });

it.each<[string, Record<string, unknown>, string | undefined]>([
  ['a text', { text: 'Hello.' }, 'Hello.'],
  ['a text of silence', { text: '' }, ''],
  ['no text', { task: 'transcribe' }, undefined],
  ['a text that is none', { text: ['Hello.'] }, undefined],
  ['segments without speakers', { text: 'A. B.', segments: [{ text: 'A.' }, { text: 'B.' }] }, 'A. B.'],
  [
    'two speakers',
    { text: 'Hello. Hi. Bye.', segments: [turn(0, ' Hello.'), turn(1, 'Hi.'), turn(0, 'Bye.')] },
    'Speaker 0: Hello.\nSpeaker 1: Hi.\nSpeaker 0: Bye.',
  ],
  [
    'speakers with names',
    { text: 'Hello. Hi.', segments: [turn('SPEAKER_00', 'Hello.'), turn('SPEAKER_01', 'Hi.')] },
    'SPEAKER_00: Hello.\nSPEAKER_01: Hi.',
  ],
  [
    'several segments of one turn',
    { text: 'One, two. Three.', segments: [turn(0, 'One,'), turn(0, 'two.'), turn(1, 'Three.')] },
    'Speaker 0: One, two.\nSpeaker 1: Three.',
  ],
  [
    'several segments of one turn in Chinese, with other marks than the text',
    { text: '你好我来了再见', segments: [turn(0, '你好，'), turn(0, '我来了。'), turn(1, '再见。')] },
    'Speaker 0: 你好，我来了。\nSpeaker 1: 再见。',
  ],
  ['one speaker', { text: 'One. Two.', segments: [turn(0, 'One.'), turn(0, 'Two.')] }, 'One. Two.'],
  [
    'segments that lack a sentence',
    { text: 'One. Two. Three.', segments: [turn(0, 'One.'), turn(1, 'Three.')] },
    'One. Two. Three.',
  ],
  [
    'a segment without a speaker',
    { text: 'One. Two. Three.', segments: [turn(0, 'One.'), turn(1, 'Two.'), { text: 'Three.' }] },
    'One. Two. Three.',
  ],
  ['broken segments', { text: 'One.', segments: [null, 7, turn(0, 'One.')] }, 'One.'],
  ['segments that are none', { text: 'One.', segments: 'One.' }, 'One.'],
])('%s', (_name, body, text) => {
  expect(transcribedText(body)).toBe(text);
});

it('joins the segments of a speaker in linear time (issue 16, point 4)', () => {
  const answer = (count: number) => {
    const segments = Array.from({ length: count }, (_, at) =>
      turn(at === 0 ? 1 : 0, 'One sentence of many.'),
    );
    return { text: segments.map(({ text }) => text).join(' '), segments };
  };
  const growth = growthOver8(1_000, count => {
    const made = answer(count);
    return () => transcribedText(made);
  });
  expect(growth).toBeLessThan(20);
});

it.each([
  ['asr-json', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
  ['asr-verbose', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
  ['asr-words', 'JJJJJJJJJJJJJJJJJJJJJJJJJJJJJJJ'],
])('reads what a real server wrote: %s', (name, text) => {
  expect(transcribedText(JSON.parse(bodyBytes(recording(name)).toString('utf8')))).toBe(text);
});
