import { describe, expect, it } from 'vitest';
import { speakable } from '../../../models/tts/speakable.ts';
import { growthOver8 } from '../../growth.ts';

describe('issue 20, 7: Markdown as it is read aloud', () => {
  it.each([
    ['Plain text.', 'Plain text.'],
    ['No mark', 'No mark.'],
    ['Wait…', 'Wait…'],
    ['"Go!"', '"Go!"'],
    ['Ende (so)', 'Ende (so).'],
    ['नमस्ते।', 'नमस्ते।'],
    ['这是**重点**', '这是重点。'],
    ['snake_case and 3 * 4', 'snake_case and 3 * 4.'],
    ['~~gone~~ _it_ **b** ***c***', 'gone it b c.'],
    ['![a cat](c.png) sleeps', 'a cat sleeps.'],
    ['See <https://x.y> or www.x.y', 'See or.'],
    ['AT&amp;T &lt;3', 'AT&T <3.'],
    ['<b>bold</b><br>x', 'bold.\nx.'],
    ['<p>Hello <b>World</b></p><script>alert(1)</script><!-- c -->', 'Hello World.'],
    ['<ul><li>x</li><li>y</li></ul>', 'x.\ny.'],
    ['<table><tr><td>A</td><td>B</td></tr></table>', 'A.\nB.'],
    ['<pre><code>let x</code></pre> <style>p{}</style>', ''],
    ['a <kbd>Ctrl</kbd> b', 'a Ctrl b.'],
    ['请看https://a.b/c?d=1，然后点击', '请看，然后点击。'],
    ['ftp://x.y/z, file:///a/b. and x-y://c', ', . and.'],
    ['http://中文.com/路径，好吗？', '，好吗？'],
    ['[one][1] and [two].\n\n[1]: https://a.b\n[two]: https://c.d', 'one and two.'],
    ['So[^1].\n\n[^1]: Why', 'So.\nWhy.'],
    ['A &hellip; &mdash; &#8212; &unknown;', 'A … — — &unknown;'],
    ['> quoted\n> **twice**', 'quoted\ntwice.'],
    ['1. one\n2. two\n   - deep', 'one.\ntwo.\ndeep.'],
    ['- [x] done', 'done.'],
    ['Family 👨‍👩‍👧 and 🇧🇷 and ❤️ 1️⃣', 'Family and and 1.'],
    ['© 2024 X™', '© 2024 X™.'],
    ['a  \nb', 'a\nb.'],
    ['\\*not em\\*', '*not em*.'],
    ['**unclosed', '**unclosed.'],
    ['', ''],
    ['***', ''],
    ['    indented code', ''],
    ['~~~\ncode', ''],
  ])('%j is %j', (text, said) => {
    expect(speakable(text)).toBe(said);
  });

  it('keeps joiners that belong to a script', () => {
    expect(speakable('ක්\u200Dෂ')).toBe('ක්\u200Dෂ.');
  });

  it('survives any nesting', () => {
    expect(speakable(`${'>'.repeat(20_000)}a`)).toContain('a');
    expect(speakable(`${'- '.repeat(20_000)}a`)).toContain('a');
  });

  it.each([
    '_a',
    '*',
    '[',
    '`a',
    '![a](',
    '<a ',
    '**a ',
    '~~a',
    'a\n',
    '|a',
    '<p>',
    '<script>',
    'a://',
    '[^',
    '&a',
    'a-',
  ])('is linear in %j', piece => {
    const work = (size: number) => {
      const text = piece.repeat(size);
      return () => speakable(text);
    };
    expect(growthOver8(5_000, work)).toBeLessThan(24);
  });
});
