import type { RawCredentials } from '../../src/dify/index.ts';
import { choiceField, textField } from '../common/credentials.ts';

/** What a model can be asked to write. Engines built on libsndfile (Kokoro, MeloTTS, ...) take the first three alone. */
export const AUDIO_FORMATS = ['mp3', 'wav', 'flac', 'opus', 'aac', 'pcm'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

/** What the form of a speech model has beyond the common fields. */
export interface TtsForm {
  /** The names that the user typed, as the model takes them; the first is the default. */
  readonly voices: readonly string[];
  readonly format: AudioFormat;
}

/** @throws InvalidCredentialsError */
export function readTtsForm(form: RawCredentials): TtsForm {
  const typed = textField(form, 'voices').split(/[,，\n]/);
  const voices = new Set(typed.map(voice => voice.trim()).filter(voice => voice !== ''));
  return { voices: [...voices], format: choiceField(form, 'audio_format', AUDIO_FORMATS) };
}
