const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/** People type `x` or `none` where a key is not needed. Inside a word that is no key, and struck out it spoils the word. */
const LONGEST_FILLER = 15;

/**
 * Strikes a secret out of a text that somebody else wrote: as it is, and as JSON, a URL or a page spells it. A text is to
 * be cut after this, not before: the half of a key is not found any more.
 */
export function redact(text: string, secret: string | undefined): string {
  if (secret === undefined || secret === '') return text;
  const pattern = [...secret].map(spellings).join('');
  const alone = secret.length <= LONGEST_FILLER ? `(?<![a-z0-9])${pattern}(?![a-z0-9])` : pattern;
  return text.replace(new RegExp(alone, 'gi'), '***');
}

/** One character of a key, however it is spelled, has at most this many. */
const LONGEST_SPELLING = 10;

/**
 * At most `length` characters from the start of a text that somebody else wrote. Where it is cut, the half of a key could
 * stand, which nobody would recognise: so much is left out there as a key may be long.
 */
export function startOf(text: string, length: number, secret: string | undefined): string {
  if (text.length <= length) return text;
  const start = redact(text.slice(0, length), secret);
  return start.slice(0, Math.max(0, start.length - LONGEST_SPELLING * (secret?.length ?? 0)));
}

/** A pattern for the ways in which one ASCII character may be spelled. */
function spellings(character: string): string {
  const code = character.charCodeAt(0);
  const hex = code.toString(16).padStart(2, '0');
  const named = NAMED[character];
  const entity = `&(?:#(?:${code}|x0{0,2}${hex})${named === undefined ? '' : `|${named}`});`;
  return `(?:\\\\{0,3}\\x${hex}|\\\\{1,3}u00${hex}|%(?:25)?${hex}|${entity})`;
}
