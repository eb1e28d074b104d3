/**
 * Characters that do something to a terminal, or to the order in which a text is read, instead of being seen: controls
 * other than tab and line feed, marks of direction, breaks of lines and paragraphs, what has no width, and tags.
 */
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;

/** A text of which every character can be seen: what does something else is spelled as in JSON, such as `\u001b`. */
export function visible(text: string): string {
  return text.toWellFormed().replace(UNSEEN, spelled);
}

/** As {@link visible}, on one line: a line break in a log could pass for the next line of it. */
export function visibleLine(text: string): string {
  return visible(text.replace(/\s+/g, ' ').trim());
}

function spelled(character: string): string {
  let text = '';
  for (let at = 0; at < character.length; at++) {
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return text;
}
