import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SUMS, type Sum } from '../../src/tokens/automaton.ts';
import { FeatureCounter, sumFeatures, type TextFeatures } from '../../src/tokens/features.ts';
import { features } from './features.ts';
import { anyText, edgyText, type Sums, sumsByRule } from './rules.ts';

/** What the finer sums belong to: Latin, digits, symbols, Chinese and Japanese, other scripts. */
const GROUPS: readonly (readonly Sum[])[] = [
  ['latin', 'accented'],
  ['digit'],
  ['symbol', 'newline', 'emoji'],
  ['han', 'kana', 'wide'],
  ['hangul', 'cyrillic', 'greek', 'arabic', 'hebrew', 'indic', 'thai'],
];

function sums({ sums }: TextFeatures): Sums {
  return GROUPS.map(names => names.reduce((total, name) => total + (sums[SUMS.indexOf(name)] ?? 0), 0));
}

describe('features of a text', () => {
  test.each<[text: string, sums: Sums]>([
    ['', [0, 0, 0, 0, 0]],
    ['Hello, world!', [180, 0, 130, 0, 0]],
    ['你好，世界。', [0, 0, 0, 582, 0]],
    ['getElementById(12345) // TODO', [504, 362, 205, 0, 0]],
    ['Привет, мир', [0, 0, 65, 0, 345]],
    ['  a\n\n\tb', [180, 0, 261, 0, 0]],
    ['👍🏽 ok', [90, 0, 416, 0, 0]],
    ['한국어 テスト', [0, 0, 0, 225, 213]],
    ['ÄRGER 3.14 $100', [314, 606, 130, 0, 0]],
    ['----==', [0, 0, 142, 0, 0]],
    ['\ud800x', [90, 0, 92, 0, 0]],
    ['\0', [0, 0, 92, 0, 0]],
  ])('%j is exact', (text, expected) => {
    expect(features(text).units).toBe(text.length);
    expect(sums(features(text))).toEqual(expected);
  });

  test.each<[what: string, text: string, sums: Sums]>([
    ['seven letters are one token', 'letters', [90, 0, 0, 0, 0]],
    ['each letter past the seventh adds', 'lettering', [90 + 2 * 39, 0, 0, 0, 0]],
    ['capitals count among the seven', 'HTTPletters', [90 + 3 * 18 + 4 * 39, 0, 0, 0, 0]],
    ['more than seven capitals cost as capitals', 'CAPITALISED', [90 + 10 * 18, 0, 0, 0, 0]],
    ['a capital after an extended letter starts a word', 'äB', [90 + 80 + 90, 0, 0, 0, 0]],
    ['an extended letter past the seventh adds twice', 'letterséé', [90 + 2 * (80 + 39), 0, 0, 0, 0]],
    ['ordinals are extended letters', 'ªº', [90 + 2 * 80, 0, 0, 0, 0]],
    ['digits in groups of three', '1234567', [0, 7 * 20 + 3 * 131, 0, 0, 0]],
    ['a number after an ideographic space', '\u300012', [0, 2 * 20 + 131 + 93, 0, 0, 0]],
    ['a number after a line break', '\n1', [0, 151, 131, 0, 0]],
    ['one space is free, the second is not, the rest nearly', '      ', [0, 0, 65 + 4, 0, 0]],
    ['a tab alone', '\t', [0, 0, 65, 0, 0]],
    ['a tab among spaces', ' \t\t', [0, 0, 65 + 1, 0, 0]],
    ['line breaks in a row', '\r\n\r\n', [0, 0, 131, 0, 0]],
    ['a symbol again after another', '--+--', [0, 0, 65 + 10 + 37 + 37 + 10, 0, 0]],
    ['typographic punctuation', '——…', [0, 0, 236 + 50 + 236, 0, 0]],
    ['typographic punctuation with a gap', '— —', [0, 0, 236 + 236, 0, 0]],
    ['emoji joined', '👩\u200d💻', [0, 0, 208 + 50 + 208, 0, 0]],
    ['a keycap', '1\ufe0f\u20e3', [0, 151, 50 + 50, 0, 0]],
    ['characters beyond the base plane', '𝒳𠀀', [0, 0, 2 * 300, 0, 0]],
    ['halves in the wrong order', '\udc00\ud83d', [0, 0, 2 * 92, 0, 0]],
    ['two leads and a trail', '\ud800\ud83d\udc00', [0, 0, 92 + 208, 0, 0]],
    ['a lead and two trails', '\ud83d\udc00\udc00', [0, 0, 208 + 92, 0, 0]],
    ['the iteration mark and zero of Han', '々〇', [0, 0, 0, 2 * 55, 0]],
    ['what is between them is wide or nothing known', '〄〆〈', [0, 0, 92, 2 * 181, 0]],
    ['kana', 'ひらカナｶﾅ', [0, 0, 0, 2 * 43 + 4 * 75, 0]],
    ['full-width letters and digits', 'Ａ１', [0, 0, 0, 2 * 181, 0]],
    ['scripts with a price for the run', 'αβ жж سلام', [0, 0, 0, 0, 3 * 105 + 2 * 22 + 2 * 15 + 4 * 16]],
    ['scripts without', 'שלום', [0, 0, 0, 0, 4 * 56]],
    ['Indic and its neighbours', 'नகქከកա', [0, 0, 0, 0, 6 * 56]],
    ['Thai and Lao', 'กລ', [0, 0, 0, 0, 43 + 160]],
    ['special tokens of tokenizers are text', '<|eos|>', [90, 0, 65 + 37 + 65 + 37, 0, 0]],
    ['controls', '\u0001\u007f\u0085', [0, 0, 3 * 92, 0, 0]],
  ])('%s', (_what, text, expected) => {
    expect(sums(features(text))).toEqual(expected);
  });

  test.each<[text: string, name: Sum, hundredths: number]>([
    ['a', 'latin', 90],
    ['ñé', 'accented', 90 + 80 + 80],
    ['7', 'digit', 151],
    ['-', 'symbol', 65],
    ['𝒳', 'symbol', 300],
    ['\n', 'newline', 131],
    ['👍', 'emoji', 208],
    ['世', 'han', 55],
    ['ら', 'kana', 43],
    ['ラ', 'kana', 75],
    ['。', 'wide', 181],
    ['한', 'hangul', 71],
    ['ж', 'cyrillic', 120],
    ['λ', 'greek', 127],
    ['س', 'arabic', 121],
    ['ש', 'hebrew', 56],
    ['न', 'indic', 56],
    ['ก', 'thai', 43],
    ['ລ', 'thai', 160],
  ])('%j counts as %s', (text, name, hundredths) => {
    expect(features(text).sums).toEqual(SUMS.map(sum => (sum === name ? hundredths : 0)));
  });

  test('the tables say the same as the rules read one by one', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, edgyText), text => {
        expect(sums(features(text))).toEqual(sumsByRule(text));
      }),
      { numRuns: 2000 },
    );
  });

  test('every code unit has its kind', () => {
    const units = Array.from({ length: 0x10000 }, (_, unit) => String.fromCharCode(unit));
    expect(units.map(unit => sums(features(unit)))).toEqual(units.map(sumsByRule));
  });

  test('the same in whatever pieces it is counted', () => {
    const lengths = fc.infiniteStream(fc.nat(5));
    fc.assert(
      fc.property(fc.oneof(anyText, edgyText), lengths, (text, pieces) => {
        const inPieces = new FeatureCounter();
        const inParts = new FeatureCounter();
        for (let from = 0; from < text.length; ) {
          const to = Math.min(text.length, from + (pieces.next().value ?? 1));
          inPieces.add(text.slice(from, to));
          inParts.add(text, from, to);
          from = to;
        }
        expect(inPieces.features()).toEqual(features(text));
        expect(inParts.features()).toEqual(features(text));
      }),
    );
  });

  test('a text longer than what is copied at once', () => {
    const text = '👍🏽 12 Wörter—…\t\t中文 '.repeat(20_000);
    expect(sums(features(text))).toEqual(sumsByRule(text));
  });

  test('texts add up exactly, each counted for itself', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyText, edgyText)), texts => {
        const total = texts
          .map(sumsByRule)
          .reduce((a, b) => a.map((n, i) => n + (b[i] ?? 0)), [0, 0, 0, 0, 0]);
        const summed = sumFeatures(texts.map(features));
        expect(sums(summed)).toEqual(total);
        expect(summed.units).toBe(texts.join('').length);
      }),
    );
    expect(sumFeatures([features('hello'), features('hello')])).not.toEqual(features('hellohello'));
  });
});
