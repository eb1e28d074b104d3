import type { RawCredentials } from '../../src/dify/index.ts';
import { type Extras, extrasOf, readAdvanced } from '../common/advanced.ts';
import { choiceField, numberField, textField } from '../common/credentials.ts';
import { readSample, type VoiceSample } from './sample.ts';

/** What a model can be asked to write. Engines built on libsndfile (Kokoro, MeloTTS, ...) take the first three alone. */
const AUDIO_FORMATS = ['mp3', 'wav', 'flac', 'opus', 'aac', 'pcm'] as const;
export type AudioFormat = (typeof AUDIO_FORMATS)[number];

/** What the form of a speech model has beyond the common fields. */
export interface TtsForm extends Extras {
  /** The names that the user typed, as the model takes them; the first is the default. */
  readonly voices: readonly string[];
  readonly format: AudioFormat;
  /** 1 is normal; undefined leaves it to the model. */
  readonly speed: number | undefined;
  /** Whether marks of Markdown and the like are left out. */
  readonly speakable: boolean;
  /** The voice to speak with, for models that clone one. */
  readonly sample: VoiceSample | undefined;
}

/** @throws InvalidCredentialsError */
export function readTtsForm(form: RawCredentials): TtsForm {
  const typed = textField(form, 'voices').split(/[,，\n]/);
  const voices = new Set(typed.map(voice => voice.trim()).filter(voice => voice !== ''));
  const advanced = readAdvanced(form, 'sample_audio', 'sample_text');
  return {
    voices: [...voices],
    format: choiceField(form, 'audio_format', AUDIO_FORMATS),
    speed: numberField(form, 'speed', { default: undefined, min: 0.25, max: 4 }),
    speakable: choiceField(form, 'speakable', ['on', 'off']) === 'on',
    sample: readSample(advanced),
    ...extrasOf(advanced),
  };
}
