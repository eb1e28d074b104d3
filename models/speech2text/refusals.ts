import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import type { ServerWords } from '../../src/http/errors/server-words.ts';
import { explained } from '../common/errors.ts';
import { fieldName } from '../common/form-labels.ts';

/** What libsndfile and ffmpeg say of bytes that they can make no sound of. */
const UNREADABLE = /\bformat not recognised|\binvalid data found when processing/i;
const UNKNOWN_LANGUAGE = /\bunsupported language\b|\bnot a valid language code/i;

/**
 * What an engine's refusal means to someone who wants a text: engines tell it as a 500 with the text of an exception, as
 * if the server had failed.
 * @returns the error as it was where nothing better is known
 */
export function explainTranscriptionRefusal(error: unknown, modelUid: string): unknown {
  if (!(error instanceof ServerError)) return error;
  const message = meaningOf(error.said, `The model ${modelUid}`);
  return message === undefined ? error : explained(error, InvokeBadRequestError, message);
}

function meaningOf(said: ServerWords, model: string): string | undefined {
  if (said.test(UNREADABLE) || isMalformed(said)) {
    return `${model} cannot read this recording: it has no sound in it, is damaged, or is of a format that the server does not know. Send another one, such as a WAV or MP3 file.${said.sentence}`;
  }
  if (said.test(UNKNOWN_LANGUAGE)) {
    return `${model} does not know the language of ${fieldName('language')} in the credentials. Type another ISO code there, such as en or zh, or leave it empty: then the server detects the language.${said.sentence}`;
  }
  if (cannotTranslate(said)) {
    return `${model} does not translate. Set ${fieldName('task')} in the credentials to "Write down what is said", or use a multilingual Whisper.${said.sentence}`;
  }
  return undefined;
}

/** In the words of Whisper, then of Faster Whisper. */
function cannotTranslate(said: ServerWords): boolean {
  return (
    (said.test(/\btranslations?\b/i) && said.test(/\bnot (?:be )?support/i)) ||
    said.test(/\bnot multilingual/i)
  );
}

/** What Transformers says of a recording. */
function isMalformed(said: ServerWords): boolean {
  return said.test(/\bsoundfile is /i) && said.test(/malformed/i);
}
