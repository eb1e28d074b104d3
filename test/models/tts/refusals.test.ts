import { describe, expect, it } from 'vitest';
import { explainSpeechRefusal } from '../../../models/tts/refusals.ts';
import { ServerError } from '../../../src/http/errors/errors.ts';
import { ServerWords } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';
import { growthOver8 } from '../../growth.ts';

const gate = new Gate();

function failed(text: string): ServerError {
  return new ServerError('model-failed', { gate }, 'failed', {
    status: 500,
    said: new ServerWords(text, gate),
  });
}

const asked = { modelUid: 'tts', voice: 'nobody', format: 'opus', sample: undefined } as const;

function explain(serverText: string): unknown {
  return explainSpeechRefusal(failed(serverText), asked);
}

describe('voices that an engine lists are listed to the user', () => {
  it.each([
    [
      'CosyVoice',
      "Invalid voice nobody, CosyVoice available speakers: ['中文女', '英文男', '韩语女']",
      '中文女, 英文男, 韩语女',
    ],
    [
      'MeloTTS',
      "Invalid voice: nobody, available speakers: {'EN-US': 0, 'EN_INDIA': 2, 'EN-Default': 4}",
      'EN-US, EN_INDIA, EN-Default',
    ],
    [
      'Qwen3-TTS',
      "voice 'nobody' is not supported for voice 'nobody'. Supported speakers are: aiden, ono_anna, vivian",
      'aiden, ono_anna, vivian',
    ],
    ['a list that was cut', "Invalid voice x, available voices: ['one', 'two', 'thr…", 'one, two'],
    ['a list without quotes that was cut', 'Supported voices are: one, two, thr…', 'one, two'],
  ])('%s', (_engine, said, voices) => {
    expect(explain(said)).toMatchObject({
      errorType: 'InvokeBadRequestError',
      message: expect.stringContaining(`The model tts has no voice "nobody". It has: ${voices}. Choose one`),
    });
  });
});

it.each([
  [
    "voice 'nobody' not found",
    /does not know the voice "nobody".*into "Voices" in the credentials.*said: voice 'nobody' not found/,
  ],
  [
    'CosyVoice model expect a prompt_speech',
    /only in the voice of a recording.*sample_audio and sample_text into "Advanced"/,
  ],
  ["Unknown format: 'OPUS'", /does not write opus\. Choose another "Audio format".*mp3 and wav/],
])('says what to do about %s', (said, message) => {
  expect(explain(said)).toMatchObject({
    errorType: 'InvokeBadRequestError',
    message: expect.stringMatching(message),
  });
});

it.each([
  [
    'CosyVoice SFT model does not support prompt_speech',
    'Hi',
    /does not take the sample.*Take the sample out/,
  ],
  ['CosyVoice SFT model does not support prompt_speech', '', /does not take the sample.*Take the sample out/],
  ['`prompt_text` cannot be empty', '', /must know what is said.*as sample_text into "Advanced"/],
  ['prompt_text is required when prompt_speech is provided.', '', /must know what is said/],
  ['Breeze-TTS-2 requires the reference audio transcript in `prompt_text`', '', /must know what is said/],
  ['Invalid prompt_speech: failed to decode reference audio.', 'Hi', undefined],
])('says of a sample what is wrong with it: %s', (said, text, message) => {
  const error = failed(said);
  const explained = explainSpeechRefusal(error, { ...asked, sample: { text } });
  if (message === undefined) expect(explained).toBe(error);
  else expect(explained).toMatchObject({ message: expect.stringMatching(message) });
});

it.each([
  failed('CUDA out of memory.'),
  new ServerError('refused', { gate }, 'refused'),
  new TypeError('a bug'),
])('leaves the rest as it is: %s', error => {
  expect(explainSpeechRefusal(error, asked)).toBe(error);
});

it.each(['voice ', 'unsupported format', 'supported voices', 'reference ', '[address=', ' '])(
  'a refusal of %j over and over is understood in linear time (issue 16, point 4)',
  words => {
    const growth = growthOver8(250, count => {
      const error = failed(words.repeat(count));
      return () => explainSpeechRefusal(error, asked);
    });
    expect(growth).toBeLessThan(20);
  },
);
