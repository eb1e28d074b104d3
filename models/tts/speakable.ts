import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked';
import { withEndMark } from './end-mark.ts';

/** Longer runs of text are read in slices: the parser's work can grow with the square of one. */
const SLICE = 4096;

/** Pictures and symbols that nobody says, with what joins and varies them; the joiner alone belongs to Indic scripts. */
const EMOJI =
  /[\p{Emoji_Presentation}\u{1F000}-\u{1FAFF}\u2600-\u27BF](?:\u200D|\uFE0F|[\u{E0020}-\u{E007F}])*|\uFE0F|\u20E3/gu;
const ADDRESS = /^(?:https?:\/\/|ftp:\/\/|www\.|mailto:)/i;
/** Without the marks of a sentence after it. Other scripts than Latin follow right after an address, and are no part of it. */
const OTHER_ADDRESS = /\b[a-z][a-z\d+.-]{0,20}:\/\/(?:[!-~]*[\w/=&%#-]|[^\s，。；：！？、）】」』”’]+)/giu;
/** Marks of footnotes, which the parser would take for links. */
const FOOTNOTE = /\[\^[^\]\s]{1,60}\]:?/g;

/** Of the characters that authors of Markdown write by name. */
const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  '#39': "'",
  nbsp: ' ',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  euro: '€',
  deg: '°',
  times: '×',
};
/** Tags that stand between lines, or cells. */
const BREAK =
  /^<\/?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|table|tr|td|th|blockquote|section|article|details|summary)\b/i;
/** Elements whose text is for programs. */
const SILENT = /^<(\/?)(script|style|pre|textarea|svg)\b/i;

/**
 * A text of Markdown as somebody would read it aloud: marks, tags, addresses, blocks of code, and emoji are left out; of links and
 * images their words are said, of a table its cells, row by row. Each paragraph, item, heading and row ends in a mark, which
 * some engines need.
 * @returns empty where there is nothing to say
 */
export function speakable(text: string): string {
  return new Speech(text)
    .blocks()
    .map(block => spoken(block))
    .filter(block => block !== '')
    .join('\n');
}

/** What is said of one text, whose links may be defined anywhere in it. */
class Speech {
  readonly #text: string;
  readonly #lexer = new Lexer({ gfm: true });

  constructor(text: string) {
    this.#text = text.replaceAll('\r\n', '\n').replace(FOOTNOTE, '');
  }

  blocks(): string[] {
    try {
      return this.#blocks(this.#lexer.blockTokens(this.#text));
    } catch (error) {
      // Nested more deeply than the parser follows.
      if (error instanceof RangeError) return [this.#text];
      throw error;
    }
  }

  #blocks(tokens: readonly Token[]): string[] {
    return tokens.flatMap(token => this.#block(token as MarkedToken));
  }

  #block(token: MarkedToken): string[] {
    switch (token.type) {
      case 'heading':
      case 'paragraph':
      case 'text':
      case 'html':
        return this.#inline(token.text).split(/\n\s*\n/);
      case 'blockquote':
        return this.#blocks(token.tokens);
      case 'list':
        return token.items.flatMap(item => this.#blocks(item.tokens));
      case 'table':
        return [token.header, ...token.rows].map(row => this.#row(row));
      default: // code, hr, space, def: nothing of them is said
        return [];
    }
  }

  #row(cells: readonly Tokens.TableCell[]): string {
    return cells
      .map(cell => this.#inline(cell.text).trim())
      .filter(cell => cell !== '')
      .join(', ');
  }

  #inline(text: string): string {
    const said: string[] = [];
    for (let from = 0; from < text.length; ) {
      const to = endOfSlice(text, from);
      said.push(words(this.#lexer.inlineTokens(text.slice(from, to))));
      from = to;
    }
    return said.join('');
  }
}

/** At the last line end or blank that is near, so that few marks are cut from their partners. */
function endOfSlice(text: string, from: number): number {
  if (text.length - from <= SLICE) return text.length;
  const slice = text.slice(from, from + SLICE);
  const cut = Math.max(slice.lastIndexOf('\n'), slice.lastIndexOf(' '));
  return from + (cut > 0 ? cut + 1 : SLICE);
}

/** Empty lines stand where tags of blocks did. */
function words(tokens: readonly Token[]): string {
  let silent: string | undefined;
  return tokens
    .map(token => {
      const [, close, name] = (token.type === 'html' && SILENT.exec(token.raw)) || [];
      if (silent === undefined && close === '') silent = name;
      const said = silent === undefined ? word(token as MarkedToken) : '';
      if (silent !== undefined && close === '/' && name === silent) silent = undefined;
      return said;
    })
    .join('');
}

function word(token: MarkedToken): string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return words(token.tokens);
    case 'link':
      // In languages without blanks, words follow right after an address.
      return ADDRESS.test(token.text) ? token.text.replace(/^[!-~]+/, '') : words(token.tokens);
    case 'image':
      return token.text;
    case 'codespan':
    case 'escape':
    case 'text':
      return token.text;
    case 'br':
      return '\n';
    case 'html':
      return BREAK.test(token.raw) ? '\n\n' : '';
    default:
      return '';
  }
}

/** What is left of a block, with a mark at its end. */
function spoken(text: string): string {
  const said = text
    .replace(/&(#39|[a-z]{2,6});/g, (entity, name: string) => ENTITIES[name] ?? entity)
    .replace(OTHER_ADDRESS, '')
    .replace(EMOJI, '')
    .replace(/[ \t]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .trim();
  return /[\p{L}\p{N}]/u.test(said) ? withEndMark(said) : '';
}
