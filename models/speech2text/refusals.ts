import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { serverSaid } from '../../src/http/errors/server-text.ts';
import { fieldName } from '../common/form-labels.ts';

/** What Transformers, libsndfile and ffmpeg say of bytes that they can make no sound of. */
const UNREADABLE =
  /\bsoundfile is .*malformed|\bformat not recognised|\binvalid data found when processing/is;
/** Whisper, then Faster Whisper. */
const UNKNOWN_LANGUAGE = /\bunsupported language\b|\bnot a valid language code/i;

/**
 * What an engine's refusal means to someone who wants a text: engines tell it as a 500 with the text of an exception, as
 * if the server had failed.
 * @returns the error as it was where nothing better is known
 */
export function explainTranscriptionRefusal(error: unknown, modelUid: string): unknown {
  if (!(error instanceof ServerError)) return error;
  const message = meaningOf(error.serverText, `The model ${modelUid}`);
  if (message === undefined) return error;
  return new InvokeBadRequestError(message + serverSaid(error.serverText), { cause: error });
}

function meaningOf(said: string, model: string): string | undefined {
  if (UNREADABLE.test(said)) {
    return `${model} cannot read this recording: it has no sound in it, is damaged, or is of a format that the server does not know. Send another one, such as a WAV or MP3 file.`;
  }
  if (UNKNOWN_LANGUAGE.test(said)) {
    return `${model} does not know the language of ${fieldName('language')} in the credentials. Type another ISO code there, such as en or zh, or leave it empty: then the server detects the language.`;
  }
  return undefined;
}
