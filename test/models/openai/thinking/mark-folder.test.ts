import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MarkFolder } from '../../../../models/openai/thinking/mark-folder.ts';
import { MARKS, marksOf } from '../../../../models/openai/thinking/marks.ts';
import { answerText, wholeAnswerText } from '../../../../models/openai/thinking/shown-thinking.ts';
import { cut } from '../samples.ts';

function pieces(texts: readonly string[]): string[] {
  const folder = new MarkFolder();
  return [...texts.map(text => folder.push(text)), folder.pass()];
}

/** What a user sees of a content that comes in these pieces, with thoughts and without. */
function seen(texts: readonly string[], hide: boolean): string {
  const text = answerText(hide);
  return pieces(texts)
    .map(piece => text.content(piece))
    .concat(text.end(false))
    .join('');
}

const harmony = (channel: string, text: string, end = '<|end|>') =>
  `<|start|>assistant<|channel|>${channel}<|message|>${text}${end}`;
const folded = '<think>\nHm. Ja.\n</think>A';

describe('thoughts in other marks are folded into <think>, and left out where they are hidden', () => {
  test.each<[string, string, string, string]>([
    ...MARKS.filter(({ family }) => !family).map(({ open, close }): [string, string, string, string] => [
      open,
      `${open}Hm. Ja.${close}A`,
      folded,
      'A',
    ]),
    ['<THINKING>', '<THINKING>Hm. Ja.</Thinking>A', folded, 'A'],
    [
      'Granite',
      'Here is my thought process:\nHm. Ja.\n\nHere is my response:A',
      '<think>\nHm. Ja.\n\n</think>A',
      'A',
    ],
    ['tags of its own inside', '<thinking>Hm. <think>Ja</think>.</thinking>A', folded, 'A'],
    ['[THINK] (Magistral)', '[THINK]Hm. Ja.[/THINK]A', folded, 'A'],
    ['<|START_THINKING|> (Command A)', '<|START_THINKING|>Hm. Ja.<|END_THINKING|>A', folded, 'A'],
    ['with line breaks', '<thinking>\n\nHm. Ja.\n</thinking>\n\nA', '<think>\nHm. Ja.\n</think>\n\nA', 'A'],
    ['after blank lines', '\n\n<thinking>\nHm. Ja.\n</thinking>A', `\n\n${folded}`, 'A'],
    ['gemma', '<|channel>thought\nHm. Ja.\n<channel|>A', folded, 'A'],
    ['gemma without thoughts', '<|channel>thought\n<channel|>A', 'A', 'A'],
    ['gpt-oss without special tokens', 'analysisHm. Ja.assistantfinalA', folded, 'A'],
    [
      'gpt-oss without special tokens, in two thoughts',
      'analysisHm.assistantanalysisJa.assistantfinalA',
      '<think>\nHm.\nJa.\n</think>A',
      'A',
    ],
    [
      'gpt-oss without special tokens, with a preamble',
      'analysisHm.assistantcommentaryJa.assistantfinalA',
      '<think>\nHm.\nJa.\n</think>A',
      'A',
    ],
    ['gpt-oss, harmony', harmony('analysis', 'Hm. Ja.') + harmony('final', 'A', '<|return|>'), folded, 'A'],
    [
      'gpt-oss, harmony, as it goes on after the prompt',
      `<|channel|>analysis<|message|>Hm. Ja.<|end|>${harmony('final', 'A')}`,
      folded,
      'A',
    ],
    [
      'gpt-oss, harmony, several thoughts',
      harmony('analysis', 'a') + harmony('commentary', 'b') + harmony('final', 'A'),
      '<think>\na\n</think><think>\nb\n</think>A',
      'A',
    ],
    ['gpt-oss, harmony, the answer alone', harmony('final', 'A <b> <|c', ''), 'A <b> <|c', 'A <b> <|c'],
    [
      'gpt-oss, harmony, with blanks in its heads',
      '<|channel|> analysis <|message|>Hm. Ja.<|end|><|start|> assistant <|channel|> final <|message|>A',
      folded,
      'A',
    ],
    ['gpt-oss, harmony, no channel', '<|start|>assistant<|message|>A<|end|>', 'A', 'A'],
    ['never closed', '<thinking>\nHm.', '<think>\nHm.\n</think>', ''],
    ['never closed, gpt-oss', 'analysisHm.', '<think>\nHm.\n</think>', ''],
    ['never closed, harmony', '<|channel|>analysis<|message|>Hm.', '<think>\nHm.\n</think>', ''],
    ['never begun', '<mm:think>\n', '', ''],
    [
      'two blocks',
      '<thought>a</thought>\n<thought>b</thought>A',
      '<think>\na\n</think>\n<think>\nb\n</think>A',
      'A',
    ],
    [
      'another mark inside',
      '<thinking>a <mm:think> b</thinking>A',
      '<think>\na <mm:think> b\n</think>A',
      'A',
    ],
  ])('%s', (_name, text, shown, hidden) => {
    expect(seen([text], false)).toBe(shown);
    expect(seen([text], true)).toBe(hidden);
    expect(seen(text.split(''), false)).toBe(shown);
    expect(seen(text.split(''), true)).toBe(hidden);
    for (let at = 1; at < text.length; at++) {
      expect(seen([text.slice(0, at), text.slice(at)], false)).toBe(shown);
    }
  });
});

describe('a text that merely speaks of a mark stays', () => {
  test.each([
    'Use <thinking> and </thinking>.',
    '`<thinking>` opens a thought.',
    'A line.\n<thinking>\nmore',
    'analysis of the data',
    'analysis: good',
    'analysis-driven',
    'analysis',
    'Analysis',
    'Analysisvorlesung',
    'analyse',
    'The analysis says: assistantfinal',
    'assistantfinal',
    '<think about it>',
    '<thinker>',
    '<|channel|> is a mark of gpt-oss, and <|message|> another.',
    '<|channel|> and <|message|> are marks of gpt-oss.',
    '<|start|>assistant<|channel|>name<|message|> is how it begins.',
    '<|channel>third',
    '[thinking]',
    '[Think](https://x)',
    '<',
    '\n\n[',
    'A <|end|> token',
  ])('%s', text => {
    expect(seen([text], false)).toBe(text);
    expect(seen([text], true)).toBe(text);
    expect(seen(text.split(''), false)).toBe(text);
  });
});

test('what may be the start of a mark waits, and nothing else', () => {
  expect(pieces(['<', 'thin', 'king', '>', 'H', 'm', '.</', 'thinking', '>', 'A', ' <t', 'b'])).toEqual([
    '', '', '', '<think>\n', 'H', 'm', '.', '', '\n</think>', 'A', ' <t', 'b', '',
  ]); // biome-ignore format: one row
  expect(pieces(['ana', 'lysis', 'The', ' end', 'assist', 'ants', ' assistantfinal', 'A'])).toEqual([
    '', '', '<think>\nThe', ' end', '', 'assistants', ' \n</think>', 'A', '',
  ]); // biome-ignore format: one row
});

test('reasoning in its own field after a mark: the mark was its own', () => {
  for (const [hide, expected] of [
    [false, '<think>\nHm.\n</think>A'],
    [true, 'A'],
  ] as const) {
    const text = answerText(hide);
    const folder = new MarkFolder();
    const out = [
      text.content(folder.push('<thinking>\n')),
      text.content(folder.reset()),
      text.reasoning('Hm.'),
      text.content(folder.push('A')),
      text.content(folder.pass()),
      text.end(true),
    ];
    expect(out.join('')).toBe(expected);
  }
});

test('sentences are marks where a family writes them alone', () => {
  const text = "Here's my thought process:\nHm.\nHere's my response:\nA";
  const open = (uid: string) =>
    new MarkFolder(marksOf({ uid, name: undefined, family: undefined })).push(text).startsWith('<think>');
  expect([open('granite-3.3'), open('qwen3')]).toEqual([true, false]);
});

test('in a whole answer an opening mark that was lost is mended', () => {
  const whole = (content: string, mendOpening = true) =>
    wholeAnswerText({ reasoning: '', content, hide: false, mendOpening, isAnswer: true });
  expect(whole('Hm.\n</thinking>\n\nA')).toBe('<think>\nHm.\n</think>\n\nA');
  expect(whole('Hm.assistantfinalA')).toBe('<think>\nHm.\n</think>A');
  expect(whole('Hm.<channel|>A')).toBe('<think>\nHm.\n</think>A');
  expect(whole('Hm.</thinking>A', false)).toBe('Hm.</thinking>A');
});

const parts = fc.constantFrom(
  ...MARKS.flatMap(({ open, close }) => [open, close]),
  '<|start|>', '<|channel|>', '<|message|>', '<|end|>', 'analysis', 'final', 'a', '\n', ' ', '<', '😀', '<think>', '</think>',
); // biome-ignore format: one list
const texts = fc.array(parts, { maxLength: 12 }).map(all => all.join(''));

test('where a text is cut makes no difference', () => {
  fc.assert(
    fc.property(texts, fc.array(fc.nat(200)), fc.boolean(), (text, places, hide) => {
      expect(pieces(cut(text, places)).join('')).toBe(pieces([text]).join(''));
      expect(seen(cut(text, places), hide)).toBe(seen([text], hide));
    }),
    { numRuns: 2_000 },
  );
});

test('work for a piece does not grow with the text before it', () => {
  const cost = (count: number) => {
    const start = process.cpuUsage();
    seen(['<thinking>', ...Array.from({ length: count }, () => 'a <'), '</thinking>', 'A'], false);
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
  cost(20_000);
  expect(cost(200_000) / cost(20_000)).toBeLessThan(40);
});
