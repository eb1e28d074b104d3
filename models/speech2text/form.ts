import type { RawCredentials } from '../../src/dify/index.ts';
import { type Extras, extrasOf, invalidAdvanced, readAdvanced } from '../common/advanced.ts';
import { choiceField, textField } from '../common/credentials.ts';

/** What the form of a speech recognition model has beyond the common fields. */
export interface TranscriptionSettings extends Extras {
  /** An ISO code; empty lets the server detect. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** A hint or hot words; empty for none. */
  readonly prompt: string;
  /** Whether times stand in the text. */
  readonly timestamps: boolean;
}

/** @throws InvalidCredentialsError */
export function readTranscriptionSettings(form: RawCredentials): TranscriptionSettings {
  const advanced = readAdvanced(form, 'timestamps');
  const { timestamps = false } = advanced;
  if (typeof timestamps !== 'boolean') throw invalidAdvanced('timestamps', 'true or false');
  return {
    language: textField(form, 'language'),
    task: choiceField(form, 'task', ['transcribe', 'translate']),
    prompt: textField(form, 'prompt'),
    timestamps,
    ...extrasOf(advanced),
  };
}

/**
 * The fields of the multipart form beside the recording.
 * @param isFunAsr it takes hot words as an argument of its own, and ignores the prompt
 */
export function transcriptionFields(
  modelUid: string,
  { language, prompt, extraBody, engineArguments }: TranscriptionSettings,
  isFunAsr: boolean,
): Record<string, string> {
  const engine = { ...(isFunAsr && prompt !== '' && { hotword: prompt }), ...engineArguments };
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    ...Object.fromEntries(Object.entries(extraBody).map(([name, value]) => [name, text(value)])),
    model: modelUid,
    ...(language !== '' && { language }),
    ...(prompt !== '' && { prompt }),
    ...(Object.keys(engine).length > 0 && { kwargs: JSON.stringify(engine) }),
  };
}
