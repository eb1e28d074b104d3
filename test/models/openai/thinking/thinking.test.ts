import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerText, wholeAnswerText } from '../../../../models/openai/thinking/shown-thinking.ts';
import { cut } from '../samples.ts';

/** `r` a piece of reasoning, `c` a piece of content, `call` a tool call. */
type Step = { r: string } | { c: string } | 'call';

function outputs(steps: readonly Step[], hide = false, isAnswer = false): string[] {
  const text = answerText(hide);
  const out = steps.map(step => {
    if (step === 'call') return text.close();
    return 'r' in step ? text.reasoning(step.r) : text.content(step.c);
  });
  return [...out, text.end(isAnswer)];
}

function output(steps: readonly Step[], hide = false, isAnswer = false): string {
  return outputs(steps, hide, isAnswer).join('');
}

const r = (piece: string): Step => ({ r: piece });
const c = (piece: string): Step => ({ c: piece });

describe('reasoning that comes apart becomes one block', () => {
  test.each<[string, Step[], string]>([
    ['content alone', [c('Hel'), c('lo')], 'Hello'],
    ['reasoning, then content', [r('Hm.'), c('Hello')], '<think>\nHm.\n</think>Hello'],
    ['in pieces', [r('H'), r('m.'), c('Hel'), c('lo')], '<think>\nHm.\n</think>Hello'],
    [
      'its own line breaks are not doubled',
      [r('\nHm.\n'), c('\n\nHello')],
      '<think>\nHm.\n</think>\n\nHello',
    ],
    [
      'a line break in a piece of its own',
      [r('\n'), r('Hm.'), r('\n'), c('Hello')],
      '<think>\nHm.\n</think>Hello',
    ],
    [
      'blanks of every script wait for what follows',
      [r('嗯'), r('\u3000'), c('A')],
      '<think>\n嗯\n</think>\u3000A',
    ],
    ['and with what is before them', [r('嗯\u3000'), c('A')], '<think>\n嗯\n</think>\u3000A'],
    ['blanks within stay', [r('One. '), r('\n\n'), r('Two.')], '<think>\nOne. \n\nTwo.\n</think>'],
    [
      'empty pieces change nothing',
      [r(''), r('Hm.'), c(''), r(''), r(' Ja.'), c('A')],
      '<think>\nHm. Ja.\n</think>A',
    ],
    ['blank reasoning is none', [r('\n'), r(' '), c('Hello')], 'Hello'],
    ['reasoning alone is closed', [r('Hm.')], '<think>\nHm.\n</think>'],
    ['a call closes it', [r('Hm.'), 'call'], '<think>\nHm.\n</think>'],
    ['a call, then text', [r('Hm.'), 'call', c('A')], '<think>\nHm.\n</think>A'],
    ['a call without reasoning', ['call', c('A')], 'A'],
    [
      'two rounds, two blocks',
      [r('a'), c('A'), r('b'), c('B')],
      '<think>\na\n</think>A<think>\nb\n</think>B',
    ],
    ['two rounds over a call', [r('a'), 'call', r('b'), c('B')], '<think>\na\n</think><think>\nb\n</think>B'],
    ['a second round that is blank', [r('a'), c('A'), r('\n'), c('\nB')], '<think>\na\n</think>A\nB'],
    ['blank content before it stays', [c('\n'), r('a'), c('A')], '\n<think>\na\n</think>A'],
  ])('%s', (_name, steps, expected) => {
    expect(output(steps)).toBe(expected);
  });
});

describe('tags that leak', () => {
  test.each<[string, Step[], string]>([
    ['a stray opening tag in the content', [c('<think>\n'), r('Hm.'), c('A')], '<think>\nHm.\n</think>A'],
    ['the same in two pieces', [c('<thi'), c('nk>'), r('Hm.'), c('A')], '<think>\nHm.\n</think>A'],
    [
      'an opening tag in the reasoning',
      [r('\n'), r('<think'), r('>\nHm.'), c('A')],
      '<think>\nHm.\n</think>A',
    ],
    [
      'a closing tag over two pieces, with the blank lines after it',
      [r('Hm'), r('.\n</'), r('think>\n\n'), c('A')],
      '<think>\nHm.\n</think>\n\nA',
    ],
    [
      'a closing tag whose beginning is all that came',
      [r('Hm'), r('</thi'), c('A')],
      '<think>\nHm</thi\n</think>A',
    ],
    ['what only looks like one', [r('a <'), r(' b'), c('A')], '<think>\na < b\n</think>A'],
    ['the beginning of one as all of a round', [r('<thi'), c('A')], '<think>\n<thi\n</think>A'],
    ['the same in a second round', [c('A'), r('</'), c('B')], 'A<think>\n</\n</think>B'],
  ])('%s', (_name, steps, expected) => {
    expect(output(steps)).toBe(expected);
  });
});

describe('inline blocks', () => {
  test.each<[string, string[], string]>([
    ['pass as they are', ['<think>\nHm.\n</think>\n\nA'], '<think>\nHm.\n</think>\n\nA'],
    [
      'pass piece by piece',
      ['<think', '>\n', 'Hm', '.\n</', 'think>', '\n\nA'],
      '<think>\nHm.\n</think>\n\nA',
    ],
    ['pass without an opening tag', ['Hm.\n</th', 'ink>\n\nA'], 'Hm.\n</think>\n\nA'],
    ['pass in the middle', ['A <think>b</think> c'], 'A <think>b</think> c'],
    ['are closed when they never are', ['<think>\nHm'], '<think>\nHm\n</think>'],
    ['are closed at a line end', ['<think>\nH', 'm', '\n'], '<think>\nHm\n</think>'],
    ['are closed in the middle of the tag', ['<think>\nHm</th'], '<think>\nHm</th\n</think>'],
    ['are closed after blank lines', ['\n\n<think>Hm'], '\n\n<think>Hm\n</think>'],
    [
      'are closed when the second never is',
      ['<think>a</think>\nA\n', '<think>', 'b'],
      '<think>a</think>\nA\n<think>b\n</think>',
    ],
    ['are not closed in text that speaks of the tag', ['Use <think>', ' first.'], 'Use <think> first.'],
    [
      'nor in such text after one',
      ['<think>a</think>Use <thi', 'nk> or `<think>`.'],
      '<think>a</think>Use <think> or `<think>`.',
    ],
    ['go when empty from the start', ['<think>\n\n</think>\n\nA'], 'A'],
    ['go when empty, piece by piece', ['<think>', '\n\n', '</thi', 'nk>', '\n', '\nA'], 'A'],
    ['go when empty after blank lines', ['\n', '<think></think>', 'A'], 'A'],
    ['go when never begun', ['<think>', '\n'], ''],
    ['go when never begun, cut while closing', ['<think>\n', '</thi'], ''],
    ['stay when empty later on', ['A <think></think>'], 'A <think></think>'],
    ['what looks like the beginning of one', ['<', 'think about it'], '<think about it'],
    ['blanks before an answer', [' ', '\n', 'A'], ' \nA'],
    ['an answer of blanks alone', ['\n', '\n'], '\n\n'],
  ])('%s', (_name, pieces, expected) => {
    expect(output(pieces.map(c))).toBe(expected);
  });
});

describe('hidden', () => {
  test.each<[string, Step[], string]>([
    ['an answer without thoughts is untouched', [c(' A '), c('B\n')], ' A B\n'],
    ['reasoning', [r('Hm.'), c('\n\nA')], 'A'],
    ['reasoning alone', [r('Hm.')], ''],
    ['an inline block', [c('<think>\nHm.\n</think>\n\nA')], 'A'],
    ['an inline block, piece by piece', [c('<th'), c('ink>\nH'), c('m.</thi'), c('nk>\n'), c('\nA')], 'A'],
    ['an inline block in the middle', [c('A <think>b</think>\n\nC')], 'A \n\nC'],
    ['an inline block that is cut', [c('A<think>b')], 'A'],
    ['a stray opening tag before reasoning hides no answer', [c('<think>\n'), r('Hm.'), c('A')], 'A'],
    ['blank lines in pieces after it', [r('Hm.'), c('\n'), c('\n'), c('A\n'), c('\nB')], 'A\n\nB'],
    ['an inline block at the start of a later line, that is cut', [c('A\n<think>b')], 'A\n'],
    [
      'a tag in quotes is text',
      [c('Use `<think'), c('>` and "<think>", A')],
      'Use `<think>` and "<think>", A',
    ],
    [
      'a tag in quotes of other languages is text',
      [c('«<think>» и „<think>“, A')],
      '«<think>» и „<think>“, A',
    ],
    ['what looks like a tag', [c('a <'), c('b')], 'a <b'],
    ['the beginning of a tag at the end', [c('a <thi')], 'a <thi'],
    ['empty reasoning hides nothing', [r(''), c('\nA')], '\nA'],
  ])('%s', (_name, steps, expected) => {
    expect(output(steps, true)).toBe(expected);
  });
});

describe('of an answer that ended as one does', () => {
  test.each<[string, Step[], string, string]>([
    ['reasoning alone is the answer', [r('The'), r(' end')], '<think>\nThe end\n</think>The end', 'The end'],
    ['with blanks too', [r('\nThe end\n'), c('\n')], '<think>\nThe end\n</think>\nThe end\n', 'The end\n'],
    ['with a stray tag too', [c('<think>\n'), r('The end')], '<think>\nThe end\n</think>The end', 'The end'],
    ['reasoning before content is none', [r('Hm.'), c('A')], '<think>\nHm.\n</think>A', 'A'],
    ['nor is reasoning after it', [c('A'), r('Hm.')], 'A<think>\nHm.\n</think>', 'A'],
    ['blank reasoning is none', [r('\n')], '', ''],
    ['an open block is', [c('<think>\nThe end')], '<think>\nThe end\n</think>', 'The end'],
    [
      'a tag that is spoken of is text',
      [c('Say <think'), c('> first')],
      'Say <think> first',
      'Say <think> first',
    ],
    ['blanks are', [c('\n')], '\n', '\n'],
  ])('%s', (_name, steps, shown, hidden) => {
    expect(output(steps, false, true)).toBe(shown);
    expect(output(steps, true, true)).toBe(hidden);
  });
});

test('a piece that arrives alone leaves at once', () => {
  expect(outputs([r('Hm.'), r(' Ja.'), c('A'), c(' <b'), c('>')])).toEqual([
    '<think>\nHm.',
    ' Ja.',
    '\n</think>A',
    ' <b',
    '>',
    '',
  ]);
});

describe('a whole answer', () => {
  test.each<[string, string, string, string]>([
    ['content', '', 'A', 'A'],
    ['both', '\nHm.\n', '\n\nA', '<think>\nHm.\n</think>\n\nA'],
    ['reasoning alone', 'Hm.', '', '<think>\nHm.\n</think>'],
    ['blank reasoning', '\n', '', ''],
    ['a leaked opening tag', '<think>\nHm.', '', '<think>\nHm.\n</think>'],
    ['inline', '', '<think>\nHm.\n</think>\n\nA', '<think>\nHm.\n</think>\n\nA'],
    ['inline, empty', '', '<think>\n\n</think>\n\nA', 'A'],
    ['inline, its opening tag lost', '', 'Hm.\n</think>\n\nA', '<think>\nHm.\n</think>\n\nA'],
    ['the same after a line break', '', '\nHm.</think>A', '<think>\nHm.</think>A'],
  ])('%s', (_name, reasoning, content, expected) => {
    expect(wholeAnswerText({ reasoning, content, hide: false, mendOpening: true, isAnswer: false })).toBe(
      expected,
    );
  });

  test('of a model that does not think a closing tag is text', () => {
    const content = 'It ends with </think>.';
    expect(
      wholeAnswerText({ reasoning: '', content, hide: false, mendOpening: false, isAnswer: false }),
    ).toBe(content);
  });

  test('hidden, its thoughts go, also where the opening tag was lost', () => {
    const hide = (reasoning: string, content: string) =>
      wholeAnswerText({ reasoning, content, hide: true, mendOpening: true, isAnswer: false });
    expect(hide('Hm.', '\n\nA')).toBe('A');
    expect(hide('', '<think>Hm.</think>\n\nA')).toBe('A');
    expect(hide('', 'Hm.</think>\n\nA')).toBe('A');
    expect(hide('', ' A')).toBe(' A');
  });
});

// The server puts an opening tag before each whole answer that has none, also where llama.cpp parted the thoughts already.
test.each([
  [false, '<think>\nHm.\n</think>The answer is 2.'],
  [true, 'The answer is 2.'],
])('1.17.1, llama.cpp: an answer behind a tag of the server is no thought; hidden: %s', (hide, expected) => {
  const answer = { hide, mendOpening: true, isAnswer: true };
  expect(wholeAnswerText({ ...answer, reasoning: 'Hm.', content: '<think>\nThe answer is 2.' })).toBe(
    expected,
  );
  expect(wholeAnswerText({ ...answer, reasoning: 'It is 2.', content: '<think>\n' })).toBe('It is 2.');
});

describe('whatever comes, in whatever pieces', () => {
  const words = fc
    .array(fc.constantFrom('a', 'b c', ' ', '\n', '.', '< ', '</ ', '😀', '>'))
    .map(all => all.join(''));
  const withTags = fc
    .array(fc.constantFrom('a', 'b', '\n', '< ', '<think>', '</think>', '<th ', '.'))
    .map(all => all.join(''));
  const pieces = (texts: fc.Arbitrary<string>) =>
    fc.tuple(texts, fc.array(fc.nat(40))).map(([text, places]) => cut(text, places));
  const rounds = (reasoning: fc.Arbitrary<string>) =>
    fc.array(fc.record({ reasoning: pieces(reasoning), content: pieces(words), call: fc.boolean() }));
  const steps = (all: { reasoning: string[]; content: string[]; call: boolean }[]) =>
    all.flatMap(({ reasoning, content, call }) => [
      ...reasoning.map(r),
      ...(call ? ['call' as const] : []),
      ...content.map(c),
    ]);

  test('no character but the tags’ own is lost or added', () => {
    fc.assert(
      fc.property(rounds(words), all => {
        const given = steps(all).map(step => (step === 'call' ? '' : 'r' in step ? step.r : step.c));
        const visible = (text: string) => text.replace(/\s/g, '');
        expect(visible(output(steps(all)).replace(/<\/?think>/g, ''))).toBe(visible(given.join('')));
      }),
    );
  });

  test('of an answer without reasoning nothing at all is lost', () => {
    fc.assert(
      fc.property(pieces(words), all => {
        expect(output(all.map(c))).toBe(all.join(''));
        expect(output(all.map(c), true)).toBe(all.join(''));
      }),
    );
  });

  test('blocks are closed, not nested, not empty, and each begins and ends with a line break', () => {
    fc.assert(
      fc.property(rounds(withTags), all => {
        const text = output(steps(all));
        const tags = text.match(/<\/?think>/g) ?? [];
        expect(tags).toEqual(tags.map((_tag, at) => (at % 2 === 0 ? '<think>' : '</think>')));
        expect(tags.length % 2).toBe(0);
        for (const [, inside = ''] of text.matchAll(/<think>(.*?)<\/think>/gs)) {
          expect(inside).toMatch(/^\n\S(.*\S)?\n$/s);
        }
      }),
    );
  });

  test('where a text is cut makes no difference', () => {
    const cutsOf = fc.array(fc.nat(40));
    fc.assert(
      fc.property(withTags, words, cutsOf, cutsOf, fc.boolean(), (reasoning, content, a, b, hide) => {
        const whole = output([r(reasoning), c(content)], hide);
        expect(output([...cut(reasoning, a).map(r), ...cut(content, b).map(c)], hide)).toBe(whole);
      }),
    );
  });

  test('where an inline block is cut makes no difference', () => {
    fc.assert(
      fc.property(withTags, fc.array(fc.nat(40)), fc.boolean(), (content, places, hide) => {
        expect(output(cut(content, places).map(c), hide)).toBe(output([c(content)], hide));
      }),
    );
  });
});

describe('blank lines without an end', () => {
  const blanks = Array.from({ length: 1_000 }, () => '\n'.repeat(100));

  test.each<[string, Step[], string]>([
    ['before an answer', blanks.map(c), blanks.join('')],
    ['in an inline block', [c('<think>'), ...blanks.map(c)], `<think>${blanks.join('')}`],
    ['in the reasoning', [r('Hm.'), ...blanks.map(r)], `<think>\nHm.${blanks.join('')}`],
  ])('are held back for a while, but not for ever: %s', (_where, steps, text) => {
    const out = outputs(steps);
    expect(out.slice(0, 90).join('')).not.toContain('\n\n');
    expect(out.slice(0, -1).join('').length).toBeGreaterThan(80_000);
    expect(out.join('')).toContain(text.slice(0, 90_000));
  });

  test('are not kept where they are not shown', () => {
    expect(output([...blanks.map(c), c('A')], true).length).toBeLessThan(20_000);
  });
});

describe('a whole answer that merely speaks of a closing mark stays (15 D)', () => {
  test.each([
    'The tag </think> closes a thought.',
    'Write </thinking> at the end.',
    'Use ```\n<thinking>\nfoo\n</thinking>\n``` like this',
    '`<thinking>` opens a thought and `</thinking>` closes it.',
    'Some write <thinking> before they answer, and </thinking> after.',
    '<root><thinking>x</thinking></root>',
    'So:\n```xml\nfoo\n</think>\n```\nThat was it.',
    'In gpt-oss, assistantfinal is a leak.',
    '- “</mm:think>” is one\n- (◁/think▷) another',
  ])('%j', content => {
    for (const hide of [false, true]) {
      const answer = { reasoning: '', content, hide, mendOpening: true, isAnswer: true };
      expect(wholeAnswerText(answer)).toBe(content);
    }
  });

  test('in time that grows with its length alone', () => {
    const cost = (count: number) => {
      const start = process.cpuUsage();
      const content = '`</think>`\n```\n`</thinking>`\n'.repeat(count);
      wholeAnswerText({ reasoning: '', content, hide: true, mendOpening: true, isAnswer: true });
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    cost(2_000);
    expect(cost(40_000) / cost(4_000)).toBeLessThan(40);
  });

  test('and one that closes a thought which speaks of it too is found', () => {
    const content = 'They want `</think>`. I will say so.\n</think>\n\nUse `</think>`.';
    const answer = { reasoning: '', content, mendOpening: true, isAnswer: true };
    expect(wholeAnswerText({ ...answer, hide: false })).toBe(`<think>\n${content}`);
  });
});

describe('hidden, a text that merely speaks of <think> stays (15 D)', () => {
  test.each([
    '```xml\n<think>\nx\n</think>\n```\nThat was it.',
    'Here:\n```\n<think>\nx\n</think>\n```\nThat was it.',
    'Here:\n~~~\n<think>x</think>\n~~~\n',
    'Some models write <think> before they answer, and </think> after.',
    '- <think>: opens\n- </think>: closes',
    'Use `<think>` and `</think>`.',
  ])('%j', text => {
    expect(output([c(text)], true)).toBe(text);
    expect(output(text.split('').map(c), true)).toBe(text);
  });

  test('and after a block of code a thought is one again', () => {
    const text = '```\n<think>\n```\n<think>\nHm.\n</think>\nA';
    expect(output(text.split('').map(c), true)).toBe('```\n<think>\n```\n\nA');
  });
});
