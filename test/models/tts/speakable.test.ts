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
    ['<b>bold</b><br>x', 'boldx.'],
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

  it.each(['_a', '*', '[', '`a', '![a](', '<a ', '**a ', '~~a', 'a\n', '|a'])('is linear in %j', piece => {
    const work = (size: number) => {
      const text = piece.repeat(size);
      return () => speakable(text);
    };
    expect(growthOver8(5_000, work)).toBeLessThan(24);
  });
});
