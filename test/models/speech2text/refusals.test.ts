import { expect, it } from 'vitest';
import { explainTranscriptionRefusal } from '../../../models/speech2text/refusals.ts';
import { ServerError } from '../../../src/http/errors/errors.ts';
import { ServerWords } from '../../../src/http/errors/server-words.ts';
import { Gate } from '../../../src/text/gate.ts';

const gate = new Gate();

function failed(text: string): ServerError {
  return new ServerError('model-failed', { gate }, 'failed', {
    status: 500,
    said: new ServerWords(text, gate),
  });
}

it.each([
  [
    'Error opening <_io.BytesIO object at 0x7f>: Format not recognised.',
    /The model asr cannot read this recording/,
  ],
  [
    '[Errno 1094995529] Invalid data found when processing input: None',
    /cannot read.*WAV or MP3.*said: \[Errno/,
  ],
  [
    "'xx' is not a valid language code (accepted language codes: af, am)",
    /"Language of the speech".*leave it empty/,
  ],
])('says what to do about %s', (serverText, message) => {
  const error = failed(serverText);
  expect(explainTranscriptionRefusal(error, 'asr')).toMatchObject({
    errorType: 'InvokeBadRequestError',
    message: expect.stringMatching(message),
    cause: error,
  });
});

it.each([
  failed('Unsupported response format: srt'),
  new ServerError('refused', { gate }, 'refused'),
  new TypeError('a bug'),
])('leaves the rest as it is: %s', error => {
  expect(explainTranscriptionRefusal(error, 'asr')).toBe(error);
});
