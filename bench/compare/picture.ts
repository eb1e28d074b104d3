/** One figure of this plugin. All numbers are multiples of the raw relay's figure. */
export interface Bar {
  readonly name: string;
  readonly ratio: number;
  readonly goal?: number | undefined;
  readonly native?: number | undefined;
  readonly python?: number | undefined;
}

const WIDTH = 830;
const MARGIN = 24;
const TOP = 54;
const LINE = 28;
const THICKNESS = 14;
/** Where bars begin, where the longest one ends, and where columns of numbers end. */
const [FROM, TO, OURS, PYTHON] = [250, 600, 700, WIDTH - MARGIN];

interface Theme {
  readonly ground: string;
  readonly ink: string;
  readonly dim: string;
  readonly bar: string;
  readonly mark: string;
}

const LIGHT: Theme = { ground: '#f6f8fa', ink: '#1f2328', dim: '#59636e', bar: '#2a7f86', mark: '#bc4c00' };
const DARK: Theme = { ground: '#1d2430', ink: '#d8dee9', dim: '#9aa5b4', bar: '#56b6c2', mark: '#f0a35e' };

const colors = ({ ground, ink, dim, bar, mark }: Theme) =>
  `.ground { fill: ${ground} } text { fill: ${ink} } text.dim { fill: ${dim} } .bar { fill: ${bar} } ` +
  `.native { fill: ${mark} } .goal { stroke: ${mark} } .relay { stroke: ${dim} }`;

/** The picture has a ground of its own, so that it can be read on a page of either theme. */
const STYLE = `
text { font: 13px system-ui, sans-serif } .end { text-anchor: end } .middle { text-anchor: middle }
.goal { stroke-width: 2 } .relay { stroke-dasharray: 3 3 }
${colors(LIGHT)}
@media (prefers-color-scheme: dark) { ${colors(DARK)} }
`;

/** Bars beside a line at 1, which is the raw relay, and marks for others. Needs no files, fonts or scripts. */
export function barsSvg(bars: readonly Bar[]): string {
  const most = Math.max(1.2, ...bars.map(({ ratio, goal = 0, native = 0 }) => Math.max(ratio, goal, native)));
  const x = (ratio: number) => Math.round(FROM + (ratio / most) * (TO - FROM));
  const bottom = TOP + bars.length * LINE;
  const height = bottom + 40;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="This plugin beside relays and the Python plugin">`,
    `<style>${STYLE}</style>`,
    `<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>`,
    text(MARGIN, 30, 'less is better', 'dim'),
    text(x(1), 30, 'raw relay = 1', 'middle'),
    text(OURS, 30, 'this plugin', 'end'),
    text(PYTHON, 30, 'Python plugin', 'end dim'),
    `<line class="relay" x1="${x(1)}" x2="${x(1)}" y1="38" y2="${bottom}"/>`,
    ...bars.flatMap((bar, at) => lineOf(bar, TOP + at * LINE, x)),
    ...legend(bottom + 12),
    '</svg>',
    '',
  ].join('\n');
}

function lineOf(
  { name, ratio, goal, native, python }: Bar,
  y: number,
  x: (ratio: number) => number,
): string[] {
  return [
    text(MARGIN, y + 12, name),
    barAt(FROM, x(ratio) - FROM, y),
    ...(goal === undefined ? [] : [goalAt(x(goal), y)]),
    ...(native === undefined ? [] : [nativeAt(x(native), y)]),
    text(OURS, y + 12, shown(ratio), 'end'),
    ...(python === undefined ? [] : [text(PYTHON, y + 12, shown(python), 'end dim')]),
  ];
}

function legend(y: number): string[] {
  return [
    barAt(FROM, 24, y),
    text(FROM + 32, y + 12, 'this plugin'),
    nativeAt(FROM + 134, y),
    text(FROM + 146, y + 12, 'a native relay'),
    goalAt(FROM + 264, y),
    text(FROM + 274, y + 12, 'goal'),
  ];
}

const barAt = (x: number, width: number, y: number) =>
  `<rect class="bar" x="${x}" y="${y}" width="${width}" height="${THICKNESS}" rx="2"/>`;

const nativeAt = (x: number, y: number) =>
  `<circle class="native" cx="${x}" cy="${y + THICKNESS / 2}" r="5"/>`;

const goalAt = (x: number, y: number) =>
  `<line class="goal" x1="${x}" x2="${x}" y1="${y - 4}" y2="${y + THICKNESS + 4}"/>`;

function text(x: number, y: number, content: string, style = 'left'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text class="${style}" x="${x}" y="${y}">${escaped}</text>`;
}

/** Two digits that count. */
function shown(ratio: number): string {
  return ratio < 10 ? ratio.toPrecision(2) : ratio.toFixed(0);
}
