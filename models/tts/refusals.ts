import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { serverSaid } from '../../src/http/errors/server-text.ts';
import { fieldName } from '../common/form-labels.ts';
import type { AudioFormat } from './form.ts';

/** How engines introduce the voices that they have: CosyVoice and MeloTTS, then Qwen3-TTS. */
const LISTS_VOICES = /(?:available|supported) (?:speakers|voices)(?: are)?:?\s*(.+)$/is;
const UNKNOWN_VOICE =
  /\bvoice\b.*\bnot (?:found|supported)|\b(?:invalid|unknown|unsupported) (?:voice|speaker)/is;
const WANTS_SAMPLE = /prompt[_ ]speech|reference audio|voice cloning/i;
const UNKNOWN_FORMAT =
  /(?:unknown|unsupported|invalid) (?:file |audio |response )?format|format.*not supported/i;

/**
 * What an engine's refusal means to someone who wants to hear a text: engines tell it as a 500 with the text of an
 * exception.
 * @returns the error as it was where nothing better is known
 */
export function explainSpeechRefusal(
  error: unknown,
  asked: { readonly modelUid: string; readonly voice: string; readonly format: AudioFormat },
): unknown {
  if (!(error instanceof ServerError) || error.serverText === '') return error;
  const message = meaningOf(error.serverText, asked);
  return message === undefined ? error : new InvokeBadRequestError(message, { cause: error });
}

function meaningOf(
  said: string,
  { modelUid, voice, format }: { modelUid: string; voice: string; format: AudioFormat },
): string | undefined {
  const model = `The model ${modelUid}`;
  const list = LISTS_VOICES.exec(said)?.[1];
  const voices = list === undefined ? [] : namesIn(list);
  if (voices.length > 0) {
    return (
      `${model} has no voice ${JSON.stringify(voice)}. It has: ${voices.join(', ')}. ` +
      `Choose one of these, or type them into ${fieldName('voices')} in the credentials, to choose from them in Dify.`
    );
  }
  if (WANTS_SAMPLE.test(said)) {
    return `${model} speaks only in the voice of a recording that comes with the request, and Dify has none to send. Use a model with voices of its own.${serverSaid(said)}`;
  }
  if (UNKNOWN_VOICE.test(said)) {
    return `${model} does not know the voice ${JSON.stringify(voice)}. Choose another one, or type the names that it knows into ${fieldName('voices')} in the credentials.${serverSaid(said)}`;
  }
  if (UNKNOWN_FORMAT.test(said)) {
    return `${model} does not write ${format}. Choose another ${fieldName('audio_format')} in the credentials: every engine writes mp3 and wav.${serverSaid(said)}`;
  }
  return undefined;
}

/** Names in quotes, as Python writes lists and maps, or else between commas. A long text was cut, with a mark at its end. */
function namesIn(list: string): string[] {
  const quoted = Array.from(
    list.matchAll(/'([^']+)'|"([^"]+)"/g),
    ([, single, double]) => single ?? double ?? '',
  );
  if (quoted.length > 0) return quoted;
  const names = list.split(',').map(name => name.trim().replace(/\.$/, ''));
  if (list.endsWith('…')) names.pop();
  return names.filter(name => name !== '');
}
