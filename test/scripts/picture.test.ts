import { describe, expect, it } from 'vitest';
import { parseAnsi, type Span, wrap } from '../../scripts/picture/ansi.ts';
import { terminalSvg } from '../../scripts/picture/svg.ts';

const plain = { color: undefined, bold: false, dim: false };
const texts = (lines: readonly Span[][]) => lines.map(line => line.map(({ text }) => text).join(''));

describe('what a program writes to a terminal', () => {
  it('is text in styles, which last until they are taken back', () => {
    expect(parseAnsi('a \u001b[1m\u001b[36mb\u001b[39m c\u001b[22m\nd')).toEqual([
      [
        { text: 'a ', ...plain },
        { text: 'b', ...plain, bold: true, color: 'cyan' },
        { text: ' c', ...plain, bold: true },
      ],
      [{ text: 'd', ...plain }],
    ]);
  });

  it('may have several codes at once, bright colours, and codes that move the cursor', () => {
    const [line] = parseAnsi('\u001b[2K\u001b[2;91ma\u001b[0mb');
    expect(line).toEqual([
      { text: 'a', color: 'red', bold: false, dim: true },
      { text: 'b', ...plain },
    ]);
  });
});

describe('long lines', () => {
  it('break at blanks and keep their indent', () => {
    expect(texts(wrap(parseAnsi('  one two three four'), 12))).toEqual(['  one two', '  three four']);
  });

  it('keep their styles, and all of their text', () => {
    const lines = wrap(parseAnsi('aaa \u001b[32mbbb ccc\u001b[39m ddd'), 8);
    expect(texts(lines)).toEqual(['aaa bbb', 'ccc ddd']);
    expect(lines[1]?.find(({ text }) => text === 'ccc')?.color).toBe('green');
  });

  it('of one word that is too long stay as they are', () => {
    expect(texts(wrap(parseAnsi('x'.repeat(30)), 10))).toEqual(['x'.repeat(30)]);
  });

  it('that are empty stay empty', () => {
    expect(texts(wrap(parseAnsi('a\n\nb'), 10))).toEqual(['a', '', 'b']);
  });
});

describe('the picture', () => {
  it('shows each line, escaped, at the place and in the style that it had', () => {
    const svg = terminalSvg('npm run "it"', parseAnsi('\u001b[31m<a> & b\u001b[39m\n\nc'), 40);
    expect(svg).toMatch(/^<svg [^>]*aria-label="npm run &quot;it&quot;">/);
    expect(svg).toContain('<tspan textLength="58.8" fill="#e06c75">&lt;a&gt; &amp; b</tspan>');
    const rows = [...svg.matchAll(/<text x="18" y="(\d+)">/g)].map(([, y]) => Number(y));
    expect(rows).toEqual([48, 86]);
  });
});
