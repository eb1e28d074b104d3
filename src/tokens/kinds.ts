/**
 * The kinds of UTF-16 code unit that tokenizers treat alike. The first two have a twin in the same order, for a
 * unit that equals the one before it; no code unit is of that kind by itself.
 */
export const KINDS = [
  'ascii',
  'punctuation',
  'asciiAgain',
  'punctuationAgain',
  'lower',
  'upper',
  'extended',
  'digit',
  'tab',
  'space',
  'newline',
  'emojiLead',
  'lead',
  'trail',
  'joiner',
  'han',
  'hiragana',
  'katakana',
  'wide',
  'hangul',
  'greek',
  'cyrillic',
  'arabic',
  'hebrew',
  'indic',
  'thai',
  'lao',
  'other',
] as const;

export type Kind = (typeof KINDS)[number];

/** How many kinds, from the first on, have a twin; also the distance to it. */
export const REPEATABLE = 2;

type Range = readonly [first: number, last: number];

/** Where two ranges overlap the later one counts. What stands in none is `other`. */
const RANGES: ReadonlyArray<readonly [Kind, ...Range[]]> = [
  ['ascii', [0x21, 0x7e]],
  ['digit', [0x30, 0x39]],
  ['upper', [0x41, 0x5a]],
  ['lower', [0x61, 0x7a]],
  ['tab', [0x09, 0x09]],
  ['space', [0x20, 0x20], [0xa0, 0xa0], [0x3000, 0x3000]],
  ['newline', [0x0a, 0x0a], [0x0d, 0x0d]],
  ['punctuation', [0xa1, 0xbf], [0x2010, 0x2027], [0x2030, 0x205e], [0x2070, 0x2bff]],
  ['extended', [0xaa, 0xaa], [0xba, 0xba], [0xc0, 0x24f], [0x300, 0x36f], [0x1e00, 0x1eff]],
  ['lead', [0xd800, 0xdbff]],
  ['emojiLead', [0xd83c, 0xd83e]],
  ['trail', [0xdc00, 0xdfff]],
  ['joiner', [0x200b, 0x200f], [0x20e3, 0x20e3], [0xfe00, 0xfe0f], [0xfeff, 0xfeff]],
  ['han', [0x3005, 0x3005], [0x3007, 0x3007], [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff]],
  ['hiragana', [0x3041, 0x309f]],
  ['katakana', [0x30a0, 0x30ff], [0x31f0, 0x31ff], [0xff66, 0xff9f]],
  ['wide', [0x3001, 0x3004], [0x3008, 0x303f], [0xfe30, 0xfe4f], [0xff01, 0xff65], [0xffe0, 0xffef]],
  ['hangul', [0x1100, 0x11ff], [0x3130, 0x318f], [0xac00, 0xd7a3]],
  ['greek', [0x370, 0x3ff], [0x1f00, 0x1fff]],
  ['cyrillic', [0x400, 0x52f]],
  ['arabic', [0x600, 0x6ff], [0x750, 0x77f], [0xfb50, 0xfdff], [0xfe70, 0xfefc]],
  ['hebrew', [0x590, 0x5ff]],
  ['indic', [0x530, 0x58f], [0x900, 0xdff], [0x1000, 0x10ff], [0x1200, 0x137f], [0x1780, 0x17ff]],
  ['thai', [0xe00, 0xe7f]],
  ['lao', [0xe80, 0xeff]],
];

/** For each of the 65,536 code units the place of its kind in {@link KINDS}. */
export function kindTable(): Uint8Array {
  const table = new Uint8Array(65536).fill(KINDS.indexOf('other'));
  for (const [kind, ...ranges] of RANGES) {
    for (const [first, last] of ranges) table.fill(KINDS.indexOf(kind), first, last + 1);
  }
  return table;
}
