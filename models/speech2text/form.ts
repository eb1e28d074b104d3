import type { RawCredentials } from '../../src/dify/index.ts';
import { type Extras, extrasOf, invalidAdvanced, readAdvanced } from '../common/advanced.ts';
import { choiceField, textField } from '../common/credentials.ts';

/** What the form of a speech recognition model has beyond the common fields. */
export interface Speech2TextForm extends Extras {
  /** An ISO code; empty lets the server detect. */
  readonly language: string;
  readonly task: 'transcribe' | 'translate';
  /** A hint or hot words; empty for none. */
  readonly prompt: string;
  /** Whether times stand in the text. */
  readonly timestamps: boolean;
}

/** @throws InvalidCredentialsError */
export function readSpeech2TextForm(form: RawCredentials): Speech2TextForm {
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
