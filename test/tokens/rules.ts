import fc from 'fast-check';

export type Sums = readonly number[];

/** Any sequence of code units, lone surrogates included. */
export const anyText = text(fc.integer({ min: 0, max: 0xffff }));

/** Code units of every class and from around its edges, so that runs and pairs come up often. */
export const edgyText = text(
  fc.constantFrom(
    ...[0x00, 0x09, 0x0a, 0x0d, 0x20, 0x21, 0x2d, 0x30, 0x31, 0x39, 0x41, 0x5a, 0x61, 0x62, 0x7a, 0x7e, 0x7f],
    ...[0xa0, 0xa1, 0xaa, 0xba, 0xbf, 0xc0, 0xe4, 0x24f, 0x250, 0x300, 0x370, 0x3b1, 0x400, 0x430, 0x530],
    ...[0x590, 0x600, 0x628, 0x900, 0xe01, 0x1000, 0x1100, 0x200b, 0x2014, 0x2026, 0x20e3, 0x3000, 0x3001],
    ...[
      0x3005, 0x3042, 0x30a2, 0x4e00, 0xac00, 0xd800, 0xd83c, 0xd83d, 0xd83e, 0xd83f, 0xdbff, 0xdc00, 0xdfff,
    ],
    ...[0xfe0f, 0xfeff, 0xff01, 0xff66, 0xffff],
  ),
);

function text(unit: fc.Arbitrary<number>): fc.Arbitrary<string> {
  const run = fc.tuple(unit, fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })));
  return fc
    .array(run, { maxLength: 60 })
    .map(runs => runs.map(([code, length]) => String.fromCharCode(code).repeat(length)).join(''));
}

const LATIN = /[A-Za-zªºÀ-ɏḀ-ỿ]|[\u0300-\u036f]/;
const SPACE = /[\t \u00a0\u3000]/;

/** Where a class weighs each of its units the same: pattern, place of the sum, hundredths, and more at a run's start. */
const CLASSES: ReadonlyArray<readonly [RegExp, sum: number, each: number, atStart?: number]> = [
  [/[\u200b-\u200f]|[\ufe00-\ufe0f]|\u20e3|\ufeff/, 2, 50],
  [/[\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]/, 3, 55],
  [/[\u3041-\u309f]/, 3, 43],
  [/[\u30a0-\u30ff\u31f0-\u31ff\uff66-\uff9f]/, 3, 75],
  [/[\u3001-\u3004\u3008-\u303f\ufe30-\ufe4f\uff01-\uff65\uffe0-\uffef]/, 3, 181],
  [/[\uac00-\ud7a3\u1100-\u11ff\u3130-\u318f]/, 4, 71],
  [/[\u0370-\u03ff\u1f00-\u1fff]/, 4, 22, 105],
  [/[\u0400-\u052f]/, 4, 15, 105],
  [/[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc]/, 4, 16, 105],
  [/[\u0590-\u05ff]/, 4, 56],
  [/[\u0900-\u0dff\u0530-\u058f\u1000-\u10ff\u1200-\u137f\u1780-\u17ff]/, 4, 56],
  [/[\u0e00-\u0e7f]/, 4, 43],
  [/[\u0e80-\u0eff]/, 4, 160],
];

/** The sums of a text, in hundredths of a token, slowly: each unit is judged by looking back from where it stands. */
export function sumsByRule(text: string): Sums {
  const sums = [0, 0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const [sum, hundredths] = weigh(text, i);
    sums[sum] = (sums[sum] ?? 0) + hundredths;
  }
  return sums;
}

function weigh(text: string, i: number): readonly [sum: number, hundredths: number] {
  const unit = text.charAt(i);
  const before = text.charAt(i - 1);
  if (/[A-Z]/.test(unit)) return [0, /[A-Z]/.test(before) ? 18 : 90];
  if (LATIN.test(unit)) {
    const letter = LATIN.test(before) ? (lettersBefore(text, i) >= 7 ? 39 : 0) : 90;
    return [0, letter + (/[a-z]/.test(unit) ? 0 : 80)];
  }
  if (/[0-9]/.test(unit)) {
    const place = runBefore(text, i, /[0-9]/);
    return [1, 20 + (place % 3 === 0 ? 131 : 0) + (SPACE.test(before) ? 93 : 0)];
  }
  if (/[\r\n]/.test(unit)) return [2, /[\r\n]/.test(before) ? 0 : 131];
  if (SPACE.test(unit)) {
    const place = runBefore(text, i, SPACE);
    if (place === 0) return [2, unit === '\t' ? 65 : 0];
    return [2, place === 1 ? 65 : 1];
  }
  const ascii = /[!-/:-@[-`{-~]/;
  if (ascii.test(unit)) return [2, unit === before ? 10 : ascii.test(before) ? 37 : 65];
  for (const [pattern, sum, each, atStart = 0] of CLASSES) {
    if (pattern.test(unit)) return [sum, each + (pattern.test(before) ? 0 : atStart)];
  }
  if (/[\u00a1-\u00bf\u2010-\u2027\u2030-\u205e\u2070-\u2bff]/.test(unit))
    return [2, unit === before ? 50 : 236];
  const point = text.codePointAt(i) ?? 0;
  if (point > 0xffff) return [2, /[\ud83c-\ud83e]/.test(unit) ? 208 : 300];
  const second = /[\udc00-\udfff]/.test(unit) && /[\ud800-\udbff]/.test(before);
  return [2, second ? 0 : 92];
}

/** Letters of the word before `i`: back to its start, a lower letter after none or a capital after no capital. */
function lettersBefore(text: string, i: number): number {
  let start = i - 1;
  while (!startsWord(text, start)) start--;
  return i - start;
}

function startsWord(text: string, i: number): boolean {
  const before = text.charAt(i - 1);
  return /[A-Z]/.test(text.charAt(i)) ? !/[A-Z]/.test(before) : !LATIN.test(before);
}

function runBefore(text: string, i: number, kind: RegExp): number {
  let length = 0;
  while (kind.test(text.charAt(i - 1 - length))) length++;
  return length;
}
