import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';

/** Longer runs of text are read in slices: the parser's work can grow with the square of one. */
const SLICE = 4096;

/** Pictures and symbols that nobody says, with what joins and varies them; the joiner alone belongs to Indic scripts. */
const EMOJI =
  /[\p{Emoji_Presentation}\u{1F000}-\u{1FAFF}\u2600-\u27BF](?:\u200D|\uFE0F|[\u{E0020}-\u{E007F}])*|\uFE0F|\u20E3/gu;
const ADDRESS = /^(?:https?:\/\/|www\.|mailto:)/i;
/** What ends a sentence, also within quotes or brackets. */
const END_MARK = /[\p{Terminal_Punctuation}…]["'’”»」』)\]]*$/u;
/** After these a full stop looks otherwise. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]["'’”»」』)）]*$/u;

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
  '&nbsp;': ' ',
};

/**
 * A text of Markdown as somebody would read it aloud: marks, addresses, blocks of code, HTML and emoji are left out; of links and
 * images their words are said, of a table its cells, row by row. Each paragraph, item, heading and row ends in a mark, which
 * some engines need.
 * @returns empty where there is nothing to say
 */
export function speakable(text: string): string {
  return blocks(tokensOf(text), text)
    .map(block => spoken(block))
    .filter(block => block !== '')
    .join('\n');
}

/** Undefined where the text is nested more deeply than the parser follows. */
function tokensOf(text: string): Token[] | undefined {
  const lexer = new Lexer({ gfm: true });
  try {
    return lexer.blockTokens(text.replaceAll('\r\n', '\n'));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function blocks(tokens: Token[] | undefined, whole = ''): string[] {
  return tokens === undefined ? [whole] : tokens.flatMap(token => block(token as MarkedToken));
}

function block(token: MarkedToken): string[] {
  switch (token.type) {
    case 'heading':
    case 'paragraph':
    case 'text':
      return [inline(token.text)];
    case 'blockquote':
      return blocks(token.tokens);
    case 'list':
      return token.items.flatMap(item => blocks(item.tokens));
    case 'table':
      return [token.header, ...token.rows].map(row);
    default: // code, html, hr, space, def: nothing of them is said
      return [];
  }
}

function row(cells: readonly Tokens.TableCell[]): string {
  return cells
    .map(cell => inline(cell.text).trim())
    .filter(cell => cell !== '')
    .join(', ');
}

function inline(text: string): string {
  const said: string[] = [];
  for (let from = 0; from < text.length; ) {
    const to = endOfSlice(text, from);
    said.push(words(Lexer.lexInline(text.slice(from, to), { gfm: true })));
    from = to;
  }
  return said.join('');
}

/** At the last line end or blank that is near, so that few marks are cut from their partners. */
function endOfSlice(text: string, from: number): number {
  if (text.length - from <= SLICE) return text.length;
  const slice = text.slice(from, from + SLICE);
  const cut = Math.max(slice.lastIndexOf('\n'), slice.lastIndexOf(' '));
  return from + (cut > 0 ? cut + 1 : SLICE);
}

function words(tokens: readonly Token[]): string {
  return tokens.map(token => word(token as MarkedToken)).join('');
}

function word(token: MarkedToken): string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return words(token.tokens);
    case 'link':
      return ADDRESS.test(token.text) ? '' : words(token.tokens);
    case 'image':
      return token.text;
    case 'codespan':
    case 'escape':
    case 'text':
      return token.text;
    case 'br':
      return '\n';
    default: // html
      return '';
  }
}

/** What is left of a block, with a mark at its end. */
function spoken(text: string): string {
  const said = text
    .replace(/&(?:amp|lt|gt|quot|#39|nbsp);/g, entity => ENTITIES[entity] ?? entity)
    .replace(EMOJI, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
  if (!/[\p{L}\p{N}]/u.test(said) || END_MARK.test(said)) return /[\p{L}\p{N}]/u.test(said) ? said : '';
  return said + (WIDE.test(said) ? '。' : '.');
}
