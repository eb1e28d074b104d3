import { describe, expect, it } from 'vitest';
import { MARKS } from '../../../../models/openai/thinking/marks.ts';
import { withoutThoughts } from '../../../../models/openai/thinking/without-thoughts.ts';
import { growthOver8 } from '../../../growth.ts';

const details = (text: string) =>
  `<details style="color:gray;" open> <summary> Thinking... </summary>\n${text}\n</details>`;

describe('issue 20, 7: thoughts are never read aloud', () => {
  it.each(MARKS)('in $open', ({ open, close }) => {
    expect(withoutThoughts(`${open}Hm. Ja.${close}A`).trim()).toBe('A');
    expect(withoutThoughts(`${open}Hm. Ja.`)).toBe('');
  });

  it.each(MARKS.filter(({ again }) => again === undefined))(
    'in $open, in the middle of a text',
    ({ open, close }) => {
      expect(withoutThoughts(`A ${open}Hm.${close}B ${open}Ja.${close}C`)).toBe('A B C');
      expect(withoutThoughts(`Hm.${close}A`)).toBe('A');
    },
  );

  it.each([
    ['<think>Hm.</think>A', 'A'],
    ['<THINK>Hm.</Think>A', 'A'],
    ['<think reason="x">Hm.</think>A', 'A'],
    ['A <think>Hm.', 'A '],
    ['<think>Hm.<thinking>Ja.</thinking>So.</think>A', 'A'],
    ['<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>A<|return|>', 'A'],
    [`${details('Hm.')}A`, 'A'],
    [`A${details('Hm.')}B`, 'AB'],
  ])('%j is %j', (text, said) => {
    expect(withoutThoughts(text)).toBe(said);
  });

  it.each([
    'The tag `<think>` opens, and "</think>" closes.',
    'An analysis of the assistant.',
    '[THINK](https://a.b) is a link',
    'A<details><summary>More</summary>B</details>C',
    ' as it is \n',
  ])('%j is no thought', text => {
    expect(withoutThoughts(text)).toBe(text);
  });

  it.each(['<think>', '</think>', '<details', '<details><summary>', '<think ', '[THINK]', '<|channel|>'])(
    'is linear in %j',
    piece => {
      const work = (size: number) => {
        const text = piece.repeat(size);
        return () => withoutThoughts(text);
      };
      expect(growthOver8(5_000, work)).toBeLessThan(24);
    },
  );
});
