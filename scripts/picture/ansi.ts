/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  /** A colour of the terminal, such as `cyan`; undefined: that of the text. */
  readonly color: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
}

type Style = Omit<Span, 'text'>;

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const PLAIN: Style = { color: undefined, bold: false, dim: false };
const ESCAPE = '\u001b[';

/** What a program wrote to a terminal, as lines of styled text. It knows colours, bold and dim; other codes are left out. */
export function parseAnsi(output: string): Span[][] {
  let style = PLAIN;
  return output.split('\n').map(line => {
    const spans: Span[] = [];
    const [start = '', ...pieces] = line.split(ESCAPE);
    if (start !== '') spans.push({ text: start, ...style });
    for (const piece of pieces) {
      const [code = '', numbers = '', kind] = /^([\d;]*)([A-Za-z])/.exec(piece) ?? [];
      if (kind === 'm') style = numbers.split(';').reduce(styled, style);
      const text = piece.slice(code.length);
      if (text !== '') spans.push({ text, ...style });
    }
    return spans;
  });
}

/** Breaks lines that are longer than `columns`, at blanks where there are some; what follows is indented as the line was. */
export function wrap(lines: readonly Span[][], columns: number): Span[][] {
  return lines.flatMap(line => {
    const indent = /^ */.exec(line.map(({ text }) => text).join(''))?.[0].length ?? 0;
    const wrapped: Span[][] = [[]];
    let room = columns;
    for (const span of line) {
      for (const text of span.text.match(/ *[^ ]+| +$/g) ?? []) {
        const breaks = text.length > room && room < columns;
        if (breaks) {
          wrapped.push([{ text: ' '.repeat(indent), ...PLAIN }]);
          room = columns - indent;
        }
        const shown = breaks ? text.trimStart() : text;
        wrapped.at(-1)?.push({ ...span, text: shown });
        room -= shown.length;
      }
    }
    return wrapped;
  });
}

function styled(style: Style, code: string): Style {
  const number = Number(code);
  if (number === 0) return PLAIN;
  if (number === 1) return { ...style, bold: true };
  if (number === 2) return { ...style, dim: true };
  if (number === 22) return { ...style, bold: false, dim: false };
  if (number === 39) return { ...style, color: undefined };
  if ((number >= 30 && number < 38) || (number >= 90 && number < 98))
    return { ...style, color: COLORS[number % 10] };
  return style;
}
