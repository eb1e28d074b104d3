import { MarkFolder } from './mark-folder.ts';
import { MARKS } from './marks.ts';
import { CLOSE, literal, OPEN } from './think-tags.ts';

/** The block of thoughts that Dify's own plugins wrote up to Dify 1.3. */
const DETAILS = /<details[^<>]{0,300}>\s{0,20}<summary>\s{0,20}Thinking\.\.\.\s{0,20}<\/summary>/i;
const PAIRS = [{ open: OPEN, close: CLOSE }, ...MARKS.filter(({ again }) => again === undefined)];
/** Tags also with attributes; and in any case, but for the one mark that could begin a link. */
const ANY_MARK = new RegExp(
  `(${DETAILS.source}|${PAIRS.map(({ open }) => pattern(open)).join('|')})|${PAIRS.map(({ close }) => pattern(close)).join('|')}|</details>`,
  'gi',
);
const QUOTE = /^[`"'“”‘’「」『』]$/;

/**
 * A whole text without thoughts, in whatever marks they stand and wherever: for speech, where a thought that is heard is worse
 * than a word that is not. Before a closing mark that nothing opened all is thought, and so it is after an opening one that
 * nothing closes. A mark in quotes is spoken of. Linear in the text.
 */
export function withoutThoughts(text: string): string {
  const folder = new MarkFolder();
  const folded = folder.push(text) + folder.pass();
  const said: string[] = [];
  let from = 0;
  let opened: string | undefined;
  for (const { 0: mark, 1: open, index } of folded.matchAll(ANY_MARK)) {
    const end = index + mark.length;
    const isQuoted = QUOTE.test(folded.charAt(index - 1)) && QUOTE.test(folded.charAt(end));
    const isOther = /^<\/details/i.test(mark) && !opened?.startsWith('<details');
    if (isQuoted || isOther) continue;
    if (open !== undefined && opened === undefined) said.push(folded.slice(from, index));
    opened = open;
    from = end;
  }
  if (opened === undefined) said.push(folded.slice(from));
  return said.join('');
}

function pattern(mark: string): string {
  const itself = literal(mark);
  if (/^<[a-z]/.test(mark)) return itself.replace('>', '(?:\\s[^<>]{0,100})?>');
  return mark.startsWith('[') ? `${itself}(?!\\()` : itself;
}
