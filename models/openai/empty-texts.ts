import { ServerError } from '../../src/http/errors/errors.ts';

const MOST_NAMED = 5;

/**
 * What a refusal means where some of the texts that were sent are empty: some engines refuse all of them for one.
 * @param texts undefined for an input that is no text
 * @param what they are called, as in `document`
 * @param placeOf the place of each among those of the host, from 0
 */
export function explainEmpty(
  error: unknown,
  texts: readonly (string | undefined)[],
  what: string,
  placeOf: (at: number) => number,
): unknown {
  if (!(error instanceof ServerError) || !mayBeForThat(error)) return error;
  const empty = texts.flatMap((text, at) => (text?.trim() === '' ? [placeOf(at) + 1] : []));
  if (empty.length === 0) return error;
  const named = empty.slice(0, MOST_NAMED).join(', ') + (empty.length > MOST_NAMED ? ', …' : '');
  const more =
    empty.length === 1
      ? `The ${what} ${named} of those that were sent is empty, which some engines refuse.`
      : `The ${what}s ${named} of those that were sent are empty, which some engines refuse.`;
  return error.explained({ more });
}

function mayBeForThat({ code, status, said }: ServerError): boolean {
  if (code === 'request-refused' || code === 'server-failed') return true;
  return (
    status === 500 &&
    said.test(/empty|blank|length|zero|at least|invalid|out of range|\b0 elements|reshape|index|division/i)
  );
}
