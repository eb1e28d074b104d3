import type { ModelDescription } from '../../src/xinference/description.ts';
import { type Voice, voicesOfModel } from './family-voices.ts';
import type { TtsForm } from './form.ts';

/**
 * Stands for the voice that a model takes when it is given none. Dify refuses to speak without a voice, so there has to be
 * one with a name.
 */
const DEFAULT_VOICE: Voice = { name: 'Default', value: 'default', languages: [] };

/** The voices to choose from, never none: those that the user typed, else those of the model, else its default. */
export function voicesOf(
  form: TtsForm,
  description: ModelDescription | undefined,
): readonly [Voice, ...Voice[]] {
  const typed = form.voices.map(value => ({ name: value, value, languages: [] }));
  const [first, ...others] = typed.length > 0 ? typed : voicesOfModel(description);
  return first === undefined ? [DEFAULT_VOICE] : [first, ...others];
}

/**
 * Those that speak a language; all of them where none does, because Dify needs one.
 * @param language as Dify names it, such as `en-US` or `zh-Hans`; empty asks for all
 */
export function voicesFor(voices: readonly Voice[], language: string): readonly Voice[] {
  const wanted = primary(language);
  const fitting = voices.filter(
    ({ languages }) => languages.length === 0 || languages.some(spoken => primary(spoken) === wanted),
  );
  return wanted === '' || fitting.length === 0 ? voices : fitting;
}

/** What goes to the server: the name as it was chosen, and nothing for the default. */
export function voiceToSend(chosen: string, voices: readonly [Voice, ...Voice[]]): string {
  const value = chosen === '' ? voices[0].value : chosen;
  const isName = voices.some(voice => voice !== DEFAULT_VOICE && voice.value === value);
  return value === DEFAULT_VOICE.value && !isName ? '' : value;
}

function primary(language: string): string {
  return (language.split(/[-_]/, 1)[0] ?? '').toLowerCase();
}
