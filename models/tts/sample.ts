import { invalidAdvanced } from '../common/advanced.ts';
import { audioTypeOf } from '../common/audio-type.ts';

/** A short recording of a voice, which some models speak with. */
export interface VoiceSample {
  readonly bytes: Buffer;
  readonly extension: string;
  readonly mimeType: string;
  /** What is said in it; empty when it is not known. */
  readonly text: string;
}

const DATA_URL = /^data:[^,]*;base64,/i;
const BASE64 = /^[a-z\d+/_-]+={0,2}$/i;

/**
 * The sample that stands in the form's field for advanced settings.
 * @throws InvalidCredentialsError when it is no recording, or the text of one that is not there
 */
export function readSample(advanced: {
  readonly sample_audio?: unknown;
  readonly sample_text?: unknown;
}): VoiceSample | undefined {
  const { sample_audio: audio, sample_text: text = '' } = advanced;
  if (typeof text !== 'string') throw invalidAdvanced('sample_text', 'a text: what is said in the sample');
  if (audio === undefined || audio === '') {
    if (text !== '') throw invalidAdvanced('sample_text', 'the text of a sample_audio, which is missing');
    return undefined;
  }
  const base64 = typeof audio === 'string' ? audio.replace(DATA_URL, '').replace(/\s+/g, '') : '';
  const bytes = BASE64.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
  const type = audioTypeOf(bytes);
  if (type === undefined) {
    throw invalidAdvanced(
      'sample_audio',
      'a recording, such as a WAV or MP3 file, in base64 or as a data: URL',
    );
  }
  return { bytes, ...type, text: text.trim().toWellFormed() };
}
