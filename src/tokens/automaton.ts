import { KINDS, type Kind, kindTable } from './kinds.ts';

/** The classes of text whose tokens are summed apart: a tokenizer that is dear in one may be cheap in another. */
export const SUMS = [
  'latin',
  'accented',
  'digit',
  'symbol',
  'newline',
  'emoji',
  'han',
  'kana',
  'wide',
  'hangul',
  'cyrillic',
  'greek',
  'arabic',
  'hebrew',
  'indic',
  'thai',
] as const;

export type Sum = (typeof SUMS)[number];

/**
 * All that the next code unit needs to know of those before it: what kind the last one was (`lower` stands for
 * extended letters too, `space` for tabs, `none` for every kind that changes nothing for the next), and how far
 * into the word, the group of digits or the run of spaces it stood.
 */
interface State {
  readonly last: Kind | 'none';
  readonly count: number;
}

/** What a code unit adds to which sum, in hundredths of a token, and the state it leaves. */
type Step = readonly [sum: Sum, hundredths: number, next: State];

const NONE: State = { last: 'none', count: 0 };

/** A word of so many letters is one token; each letter more adds to it. */
const SHORT_WORD = 7;

/** Half a character, until the other half comes. */
const LONE_SURROGATE = 92;

/** Kinds of which each unit weighs the same, whatever stood before it. */
const ALIKE = {
  punctuation: ['symbol', 236],
  joiner: ['symbol', 50],
  other: ['symbol', 92],
  han: ['han', 55],
  hiragana: ['kana', 43],
  katakana: ['kana', 75],
  wide: ['wide', 181],
  hangul: ['hangul', 71],
  hebrew: ['hebrew', 56],
  indic: ['indic', 56],
  thai: ['thai', 43],
  lao: ['thai', 160],
} satisfies { readonly [kind in Kind]?: readonly [Sum, hundredths: number] };

/** Kinds of which the first in a run weighs more than the others. */
const RUNS = {
  newline: ['newline', 131, 0],
  ascii: ['symbol', 65, 37],
  greek: ['greek', 127, 22],
  cyrillic: ['cyrillic', 120, 15],
  arabic: ['arabic', 121, 16],
} satisfies { readonly [kind in Kind]?: readonly [Sum, first: number, further: number] };

/** The weights were fitted to the true token counts of 305 documents. */
function step(state: State, kind: Kind): Step {
  const { last, count } = state;
  switch (kind) {
    case 'lower':
    case 'extended': {
      const inWord = last === 'lower' || last === 'upper';
      const letter = !inWord ? 90 : count === SHORT_WORD ? 39 : 0;
      const letters = inWord ? Math.min(count + 1, SHORT_WORD) : 1;
      const [sum, more] = kind === 'lower' ? (['latin', 0] as const) : (['accented', 80] as const);
      return [sum, letter + more, { last: 'lower', count: letters }];
    }
    case 'upper':
      return last === 'upper'
        ? ['latin', 18, { last, count: Math.min(count + 1, SHORT_WORD) }]
        : ['latin', 90, { last: 'upper', count: 1 }];
    case 'digit': {
      const place = last === 'digit' ? count : 0;
      const group = place === 0 ? 131 : 0;
      const afterSpace = last === 'space' ? 93 : 0;
      return ['digit', 20 + group + afterSpace, { last: 'digit', count: (place + 1) % 3 }];
    }
    case 'tab':
    case 'space':
      return last === 'space'
        ? ['symbol', count === 1 ? 65 : 1, { last, count: 2 }]
        : ['symbol', kind === 'tab' ? 65 : 0, { last: 'space', count: 1 }];
    case 'emojiLead':
    case 'lead': {
      const sum = kind === 'lead' ? 'symbol' : 'emoji';
      return [sum, LONE_SURROGATE, { last: kind, count: 0 }];
    }
    case 'trail': {
      // The lead has been added as if it stood alone, so that nothing is owed where a text or a slice of it ends.
      const pair = last === 'emojiLead' ? 208 : last === 'lead' ? 300 : 2 * LONE_SURROGATE;
      return [last === 'emojiLead' ? 'emoji' : 'symbol', pair - LONE_SURROGATE, NONE];
    }
    case 'asciiAgain':
      return ['symbol', 10, state];
    case 'punctuationAgain':
      return ['symbol', 50, state];
    case 'newline':
    case 'ascii':
    case 'greek':
    case 'cyrillic':
    case 'arabic': {
      const [sum, first, further] = RUNS[kind];
      return [sum, last === kind ? further : first, { last: kind, count: 0 }];
    }
    default: {
      const [sum, hundredths] = ALIKE[kind];
      return [sum, hundredths, NONE];
    }
  }
}

/**
 * The rules as tables, so that counting a code unit is a few loads without a branch that text could make hard to
 * predict. A transition is the row of the state plus the kind; row 0 is the start of a text.
 */
export interface Automaton {
  /** Code unit to kind. */
  readonly kinds: Uint8Array;
  /** Transition to the row of the next state. */
  readonly rows: Uint16Array;
  /** Transition to the place in {@link SUMS} of the sum it adds to. */
  readonly sums: Uint8Array;
  /** Transition to the hundredths of a token it adds. */
  readonly hundredths: Uint16Array;
}

/** Walks the rules from the start of a text over every state they lead to. Takes about a millisecond, once. */
export function buildAutomaton(): Automaton {
  const states: State[] = [];
  const rowOf = new Map<string, number>();
  const enter = (state: State): number => {
    const name = `${state.last} ${state.count}`;
    const known = rowOf.get(name);
    if (known !== undefined) return known;
    const row = states.length * KINDS.length;
    rowOf.set(name, row);
    states.push(state);
    return row;
  };
  enter(NONE);
  const rows: number[] = [];
  const sums: number[] = [];
  const weights: number[] = [];
  for (const state of states) {
    for (const kind of KINDS) {
      const [sum, hundredths, next] = step(state, kind);
      rows.push(enter(next));
      sums.push(SUMS.indexOf(sum));
      weights.push(hundredths);
    }
  }
  return {
    kinds: kindTable(),
    rows: new Uint16Array(rows),
    sums: new Uint8Array(sums),
    hundredths: new Uint16Array(weights),
  };
}
