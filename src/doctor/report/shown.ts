import type { Gate } from '../../text/gate.ts';
import { mapTexts } from '../../text/map-texts.ts';

/** Of a text of the server. A UID must be whole. */
const LONGEST = 1_000;
const LONGEST_ERROR = 500;

/** Fields of a report with sentences of ours, which may hold pieces that have passed already. */
const OURS: ReadonlySet<string> = new Set([
  'message',
  'hints',
  'notes',
  'verdict',
  'label',
  'note',
  'refusal',
]);
/** As it was typed. */
const TYPED: ReadonlySet<string> = new Set(['url', 'urlForDify']);

/** A part of a report as it may be printed: whatever a server said in it has passed the gate. */
export function shown<T>(part: T, gate: Gate): T {
  return mapTexts(part, (text, name) => {
    if (TYPED.has(name)) return text;
    if (OURS.has(name)) return gate.pass(text);
    return gate.quote(text, name === 'errors' ? LONGEST_ERROR : LONGEST);
  });
}
