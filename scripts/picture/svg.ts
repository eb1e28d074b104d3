import type { Span } from './ansi.ts';

const CHARACTER = 8.4;
const LINE = 19;
const MARGIN = 18;
const BAR = 34;

const BACKGROUND = '#1d2430';
const TEXT = '#d8dee9';
const COLORS: Readonly<Record<string, string>> = {
  black: '#4c566a',
  red: '#e06c75',
  green: '#98c379',
  yellow: '#e5c07b',
  blue: '#61afef',
  magenta: '#c678dd',
  cyan: '#56b6c2',
  white: '#eceff4',
};

/** A terminal window with lines in it, as an SVG that needs nothing but itself. */
export function terminalSvg(title: string, lines: readonly (readonly Span[])[], columns: number): string {
  const width = Math.ceil(columns * CHARACTER + 2 * MARGIN);
  const height = BAR + lines.length * LINE + MARGIN;
  const rows = lines.flatMap((line, at) => {
    if (line.length === 0) return [];
    const y = BAR + (at + 1) * LINE - 5;
    return [`<text x="${MARGIN}" y="${y}">${line.map(tspan).join('')}</text>`];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...['red', 'yellow', 'green'].map(
      (color, at) => `<circle cx="${MARGIN + at * 18}" cy="17" r="5.5" fill="${COLORS[color]}"/>`,
    ),
    `<text x="${width / 2}" y="21" text-anchor="middle" fill="${COLORS['black']}" font-family="sans-serif" font-size="12">${escapeXml(title)}</text>`,
    `<g fill="${TEXT}" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" xml:space="preserve">`,
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n');
}

/** Each piece has its own length, so that it stands where it stood whatever the font of the reader. */
function tspan({ text, color, bold, dim }: Span): string {
  const attributes = [
    `textLength="${(text.length * CHARACTER).toFixed(1)}"`,
    ...(color === undefined ? [] : [`fill="${COLORS[color] ?? TEXT}"`]),
    ...(bold ? ['font-weight="bold"'] : []),
    ...(dim ? ['fill-opacity="0.6"'] : []),
  ];
  return `<tspan ${attributes.join(' ')}>${escapeXml(text)}</tspan>`;
}

function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
