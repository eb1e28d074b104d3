import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitText } from '../../../models/tts/split-text.ts';

const split = (text: string, limit: number) => [...splitText(text, limit)];

describe('a text is cut', () => {
  it.each<[string, string, number, string[]]>([
    ['not at all if it fits', '  One. Two.\n', 20, ['One. Two.']],
    ['not into anything if it is blank', ' \n\t ', 20, []],
    ['after the last sentence that fits', 'One. Two. Three. Four.', 10, ['One. Two.', 'Three.', 'Four.']],
    [
      'after a sentence that just fits, not counting the blank',
      'One. Two.   Three.',
      9,
      ['One. Two.', 'Three.'],
    ],
    [
      'after Chinese sentences',
      '你好。今天天气很好！我们走吧？好。',
      10,
      ['你好。今天天气很好！', '我们走吧？好。'],
    ],
    ['behind a closing quote', '他说：“好的。”然后走了。', 9, ['他说：“好的。”', '然后走了。']],
    ['behind a Latin closing quote', '"Stop." He left. And so on.', 16, ['"Stop." He left.', 'And so on.']],
    ['not behind a title', 'I saw. Dr. Smith is here.', 20, ['I saw.', 'Dr. Smith is here.']],
    ['not behind initials', 'Yes. J. R. R. Tolkien wrote it.', 27, ['Yes.', 'J. R. R. Tolkien wrote it.']],
    ['not behind an abbreviation of several', 'Go, z.B. Anna geht. Ja.', 20, ['Go, z.B. Anna geht.', 'Ja.']],
    ['not inside a number', 'It is 3.14159 here. Yes.', 19, ['It is 3.14159 here.', 'Yes.']],
    ['between lines', 'One\nTwo\nThree', 8, ['One\nTwo', 'Three']],
    [
      'after a clause of a long sentence',
      'first this, then that, and so on',
      24,
      ['first this, then that,', 'and so on'],
    ],
    [
      'after a Chinese clause',
      '首先这样，然后那样，最后这样做完',
      12,
      ['首先这样，然后那样，', '最后这样做完'],
    ],
    [
      'not inside a number with a comma',
      'it costs 1,000,000 here now',
      12,
      ['it costs', '1,000,000', 'here now'],
    ],
    ['between words', 'one two three four', 9, ['one two', 'three', 'four']],
    ['not before the mark of a word', 'aaa bbb! ccc ddd', 7, ['aaa', 'bbb!', 'ccc ddd']],
    ['inside a word that is longer than a piece', 'abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    [
      'not inside a character of several code points',
      'e\u0301e\u0301e\u0301',
      3,
      ['e\u0301', 'e\u0301', 'e\u0301'],
    ],
    ['not inside a family', '👨‍👩‍👧👨‍👩‍👧', 9, ['👨‍👩‍👧', '👨‍👩‍👧']],
    ['not inside a cluster that Unicode calls two words', '\u0000𐀀𖿰', 4, ['\u0000', '𐀀𖿰']],
    ['not inside a surrogate pair, whatever else', '👨‍👩‍👧', 3, ['👨‍', '👩‍', '👧']],
  ])('%s', (_name, text, limit, pieces) => {
    expect(split(text, limit)).toEqual(pieces);
  });
});

describe('whatever the text,', () => {
  const texts = fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 20 }),
        fc.string({ unit: 'binary', maxLength: 10 }),
        fc.constantFrom(
          '. ',
          '。',
          '！',
          '? ',
          '\n',
          ', ',
          '，',
          '“',
          '”',
          ' ',
          '   ',
          'Dr. ',
          '3.14',
          '👨‍👩‍👧',
          'e\u0301\u0302',
        ),
        fc.constantFrom('word', 'Sentence', '今天', 'สวัสดี', 'A. ', '1,000'),
      ),
      { maxLength: 60 },
    )
    .map(parts => parts.join(''));
  const limits = fc.integer({ min: 2, max: 80 });
  const runs = { numRuns: 1000 };
  const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  const clusters = (text: string) => Array.from(graphemes.segment(text), ({ segment }) => segment);
  /** Without blanks, which may carry a combining mark and still be lost. */
  const visible = (text: string) =>
    clusters(text)
      .map(cluster => cluster.trim())
      .filter(cluster => cluster !== '');

  it('nothing but blanks at the cuts is lost', () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        let at = 0;
        for (const piece of split(text, limit)) {
          while (!text.startsWith(piece, at)) {
            expect(text.charAt(at)).toMatch(/^\s$/);
            at++;
          }
          at += piece.length;
        }
        expect(text.slice(at).trim()).toBe('');
      }),
      runs,
    );
  });

  it('every piece has something in it, no blanks around, and keeps to the limit', () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        for (const piece of split(text, limit)) {
          expect(piece).not.toBe('');
          expect(piece.trim()).toBe(piece);
          expect(piece.length).toBeLessThanOrEqual(limit);
        }
      }),
      runs,
    );
  });

  it('no character to the eye is cut unless it is longer than a piece, and no surrogate pair ever', () => {
    fc.assert(
      fc.property(texts, limits, (text, limit) => {
        const pieces = split(text, limit);
        expect(pieces.every(piece => piece.isWellFormed())).toBe(text.isWellFormed());
        if (!text.isWellFormed() || clusters(text).some(cluster => cluster.length > limit)) return;
        expect(pieces.flatMap(visible)).toEqual(visible(text));
      }),
      runs,
    );
  });
});

it('is lazy: a piece costs the same in a long text', () => {
  const pieces = splitText('A sentence of some words. '.repeat(200_000), 500);
  expect(pieces.next().value).toHaveLength(493);
});
