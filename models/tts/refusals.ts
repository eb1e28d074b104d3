import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import type { ServerWords } from '../../src/http/errors/server-words.ts';
import { explained } from '../common/errors.ts';
import { fieldName } from '../common/form-labels.ts';
import type { AudioFormat } from './form.ts';

/** How engines introduce the voices that they have: CosyVoice and MeloTTS, then Qwen3-TTS. */
const LISTS_VOICES = /(?:available|supported) (?:speakers|voices)(?: are)?:?\s*(.+)$/is;
/** Also of one that is not wanted. */
const WANTS_SAMPLE = /prompt[_ ]speech|prompt[_ ]text|reference audio|voice cloning/i;

/** What was asked for. */
interface Refused {
  readonly modelUid: string;
  readonly voice: string;
  readonly format: AudioFormat;
  readonly hasSample: boolean;
}

/**
 * What an engine's refusal means to someone who wants to hear a text: engines tell it as a 500 with the text of an
 * exception.
 * @returns the error as it was where nothing better is known
 */
export function explainSpeechRefusal(error: unknown, asked: Refused): unknown {
  if (!(error instanceof ServerError)) return error;
  const message = meaningOf(error.said, asked);
  return message === undefined ? error : explained(error, InvokeBadRequestError, message);
}

function meaningOf(said: ServerWords, { modelUid, voice, format, hasSample }: Refused): string | undefined {
  const model = `The model ${modelUid}`;
  const list = LISTS_VOICES.exec(said.whole)?.[1];
  const voices = list === undefined ? [] : namesIn(list);
  if (voices.length > 0) {
    return (
      `${model} has no voice ${JSON.stringify(voice)}. It has: ${voices.join(', ')}. ` +
      `Choose one of these, or type them into ${fieldName('voices')} in the credentials, to choose from them in Dify.`
    );
  }
  if (said.test(WANTS_SAMPLE)) {
    const advice = hasSample
      ? 'Take the sample out of'
      : 'Put a short recording of a voice, and what is said in it, as sample_audio and sample_text into';
    const does = hasSample
      ? 'does not take the sample of a voice'
      : 'speaks only in the voice of a recording';
    return `${model} ${does}. ${advice} ${fieldName('advanced')} in the credentials, or use another model.${said.sentence}`;
  }
  if (isUnknownVoice(said)) {
    return `${model} does not know the voice ${JSON.stringify(voice)}. Choose another one, or type the names that it knows into ${fieldName('voices')} in the credentials.${said.sentence}`;
  }
  if (isUnknownFormat(said)) {
    return `${model} does not write ${format}. Choose another ${fieldName('audio_format')} in the credentials: every engine writes mp3 and wav.${said.sentence}`;
  }
  return undefined;
}

function isUnknownVoice(said: ServerWords): boolean {
  return (
    said.test(/\b(?:invalid|unknown|unsupported) (?:voice|speaker)/i) ||
    (said.test(/\bvoice\b/i) && said.test(/\bnot (?:found|supported)/i))
  );
}

function isUnknownFormat(said: ServerWords): boolean {
  return (
    said.test(/(?:unknown|unsupported|invalid) (?:file |audio |response )?format/i) ||
    (said.test(/format/i) && said.test(/not supported/i))
  );
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
