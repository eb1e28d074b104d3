/** What ends a sentence, also within quotes or brackets. */
const END_MARK = /[\p{Terminal_Punctuation}…]["'’”»」』)\]]*$/u;
/** After these a full stop looks otherwise. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]["'’”»」』)）]*$/u;

/** A text that ends in a mark of punctuation, as some engines need it. */
export function withEndMark(text: string): string {
  if (END_MARK.test(text)) return text;
  return text + (WIDE.test(text) ? '。' : '.');
}
