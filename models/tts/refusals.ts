import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import type { ServerWords } from '../../src/http/errors/server-words.ts';
import { explained } from '../common/errors.ts';
import { fieldName } from '../common/form-labels.ts';
import type { AudioFormat } from './form.ts';
import type { VoiceSample } from './sample.ts';

/** How engines introduce the voices that they have: CosyVoice and MeloTTS, then Qwen3-TTS. */
const LISTS_VOICES = /(?:available|supported) (?:speakers|voices)(?: are)?:?\s*(.+)$/is;
/** Also of one that is not wanted, or lacks its text. */
const ABOUT_SAMPLE = /prompt[_ ]speech|prompt[_ ]text|reference audio|voice cloning/i;

/** What was asked for. */
interface Refused {
  readonly modelUid: string;
  readonly voice: string;
  readonly format: AudioFormat;
  readonly sample: Pick<VoiceSample, 'text'> | undefined;
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

function meaningOf(said: ServerWords, { modelUid, voice, format, sample }: Refused): string | undefined {
  const model = `The model ${modelUid}`;
  const list = LISTS_VOICES.exec(said.whole)?.[1];
  const voices = list === undefined ? [] : namesIn(list);
  if (voices.length > 0) {
    return (
      `${model} has no voice ${JSON.stringify(voice)}. It has: ${voices.join(', ')}. ` +
      `Choose one of these, or type them into ${fieldName('voices')} in the credentials, to choose from them in Dify.`
    );
  }
  const [does, advice] = said.test(ABOUT_SAMPLE) ? meaningOfSample(said, sample) : [];
  if (does !== undefined) {
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

/** @returns what the model does, and the advice as far as the name of the field; nothing of a sample that is bad in itself */
function meaningOfSample(
  said: ServerWords,
  sample: Refused['sample'],
): readonly [does: string, advice: string] | readonly [] {
  if (sample === undefined) {
    return [
      'speaks only in the voice of a recording',
      'Put a short recording of a voice, and what is said in it, as sample_audio and sample_text into',
    ];
  }
  if (said.test(/\bnot support/i)) return ['does not take the sample of a voice', 'Take the sample out of'];
  if (sample.text === '' && said.test(/prompt[_ ]text/i))
    return ['must know what is said in the sample', 'Put that as sample_text into'];
  return [];
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
