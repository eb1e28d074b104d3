import { FORM_LABELS, type FormVariable } from './form-labels.ts';

const LONGEST = 2_000;
/** Several headers with tokens, and a sample of a voice as base64, need more. */
const LONGER: Partial<Readonly<Record<FormVariable, number>>> = { headers: 16_000, advanced: 3_000_000 };

/** The longest value that each variable of the credential form takes, in characters (UTF-16 units). */
export const LONGEST_VALUES = Object.fromEntries(
  Object.keys(FORM_LABELS).map(variable => [variable, LONGER[variable as FormVariable] ?? LONGEST]),
) as Readonly<Record<FormVariable, number>>;
