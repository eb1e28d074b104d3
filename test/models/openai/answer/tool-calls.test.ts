import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ToolCallCollector } from '../../../../models/openai/answer/tool-calls.ts';

/** The calls that come of these deltas' `tool_calls`, as [id, name, arguments]. */
function calls(...deltas: unknown[]): string[][] {
  const collector = new ToolCallCollector();
  for (const delta of deltas) collector.add(delta);
  return collector.finish().map(({ id, function: { name, arguments: args } }) => [id, name, args]);
}

const made = expect.stringMatching(/^call_[0-9a-f-]{36}$/) as unknown as string;

describe('deltas become calls', () => {
  test.each<[string, unknown[], string[][]]>([
    ['none', [[]], []],
    ['no list', [null, undefined, 'x', {}], []],
    ['entries that are none', [[null, 'x', 3]], []],
    [
      'whole in one delta',
      [[{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }]],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'name first, arguments later, without id and name (vLLM)',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }],
        [{ index: 0, function: { arguments: '{"x":1}' } }],
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'arguments token by token (llama.cpp)',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '{' } }],
        [{ index: 0, function: { arguments: '"x":' } }],
        [{ index: 0, function: { arguments: '1}' } }],
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'id and name in every delta (Xinference 3)',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '' } }],
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }],
      ],
      [['a', 'f', '{}']],
    ],
    [
      'a name and a new id in every delta, also after the arguments (15 C)',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 0, id: 'b', function: { name: 'f', arguments: '1}' } }],
        [{ index: 0, id: 'c', function: { name: 'f', arguments: '' } }],
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'sent again whole at the end with its name, without ids (15 C)',
      [
        [{ index: 0, function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 0, function: { arguments: '1}' } }],
        [{ index: 0, function: { name: 'f', arguments: '{"x":1}' } }],
      ],
      [[made, 'f', '{"x":1}']],
    ],
    [
      'null for arguments',
      [[{ index: 0, id: 'a', function: { name: 'f', arguments: 'null' } }]],
      [['a', 'f', '{}']],
    ],
    [
      'a list for arguments',
      [[{ index: 0, id: 'a', function: { name: 'f', arguments: [1] } }]],
      [['a', 'f', '[1]']],
    ],
    [
      'several in one delta',
      [
        [
          { index: 0, id: 'a', function: { name: 'f', arguments: '{}' } },
          { index: 1, id: 'b', function: { name: 'g', arguments: '{}' } },
        ],
      ],
      [
        ['a', 'f', '{}'],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'indexes from 1',
      [
        [{ index: 1, id: 'a', function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 2, id: 'b', function: { name: 'g', arguments: '{}' } }],
        [{ index: 1, function: { arguments: '1}' } }],
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'index 0 for every call, told apart by id',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 0, function: { arguments: '1}' } }],
        [{ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 0, function: { arguments: '2}' } }],
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2}'],
      ],
    ],
    [
      'index 0 for every call and no id, told apart by name',
      [
        [{ index: 0, function: { name: 'f', arguments: '{}' } }],
        [{ index: 0, function: { name: 'g', arguments: '{}' } }],
      ],
      [
        [made, 'f', '{}'],
        [made, 'g', '{}'],
      ],
    ],
    [
      'index 0 for every call of one function and no id: a name after whole arguments begins another',
      [
        [{ index: 0, function: { name: 'f', arguments: '{"a":1}' } }],
        [{ index: 0, function: { name: 'f', arguments: '{"a":' } }],
        [{ index: 0, function: { name: 'f', arguments: '{}}' } }],
      ],
      [
        [made, 'f', '{"a":1}'],
        [made, 'f', '{"a":{}}'],
      ],
    ],
    [
      'no index: by id, then the latest',
      [
        [{ id: 'a', function: { name: 'f', arguments: '{"x":' } }],
        [{ function: { arguments: '1}' } }],
        [{ id: 'b', function: { name: 'g' } }],
        [{ id: 'a', function: { arguments: ' ' } }],
      ],
      [
        ['a', 'f', '{"x":1} '],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'neither index nor id: a second name is a second call',
      [
        [{ function: { name: 'f', arguments: '{"x":1}' } }],
        [{ function: { name: 'f', arguments: '{"x":2}' } }],
      ],
      [
        [made, 'f', '{"x":1}'],
        [made, 'f', '{"x":2}'],
      ],
    ],
    [
      'a late name and a late id',
      [
        [{ index: 0, function: { arguments: '{}' } }],
        [{ index: 0, function: { name: 'f' } }],
        [{ index: 0, id: 'a' }],
      ],
      [['a', 'f', '{}']],
    ],
    ['no arguments at all', [[{ index: 0, id: 'a', function: { name: 'f' } }]], [['a', 'f', '{}']]],
    [
      'arguments as an object',
      [[{ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }]],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'arguments that were cut',
      [[{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x' } }]],
      [['a', 'f', '{"x']],
    ],
    [
      'nulls',
      [[{ index: null, id: null, type: null, function: { name: 'f', arguments: null } }]],
      [[made, 'f', '{}']],
    ],
    ['no name ever: nothing to call', [[{ index: 0, id: 'a', function: { arguments: '{}' } }]], []],
  ])('%s', (_name, deltas, expected) => {
    expect(calls(...deltas)).toEqual(expected);
  });

  test('an id that is made is made once', () => {
    const [[first = ''] = [], [second = ''] = []] = calls([
      { index: 0, function: { name: 'f' } },
      { index: 1, function: { name: 'f' } },
    ]);
    expect(first).not.toBe(second);
  });
});

/** A delta of one call. */
const delta = (name: string | undefined, args: string | undefined, label: object = {}) => [
  { ...label, type: 'function', function: { name, arguments: args } },
];
const at0 = { index: 0 };

describe('where a call begins', () => {
  const paris = '{"city":"Paris"}';
  const tokyo = '{"city":"Tokyo"}';

  test.each<[string, unknown[], string[][]]>([
    [
      'index 0 for all: another name after whole arguments',
      [
        delta('f', paris, { index: 0, id: 'a' }),
        delta('g', '', { index: 0, id: 'b' }),
        delta(undefined, tokyo, at0),
      ],
      [
        ['a', 'f', paris],
        ['b', 'g', tokyo],
      ],
    ],
    [
      'index 0 for all: the same name after whole arguments, which came in pieces',
      [delta('f', '{"city"', at0), delta(undefined, ':"Paris"}', at0), delta('f', tokyo, at0)],
      [
        [made, 'f', paris],
        [made, 'f', tokyo],
      ],
    ],
    [
      'index 0 for all, and one id for all',
      [delta('f', paris, { index: 0, id: 'a' }), delta('f', tokyo, { index: 0, id: 'a' })],
      [
        ['a', 'f', paris],
        [made, 'f', tokyo],
      ],
    ],
    [
      'a name in every delta is one call',
      [delta('f', '', at0), delta('f', '{"city":', at0), delta('f', '"Paris"', at0), delta('f', '}', at0)],
      [[made, 'f', paris]],
    ],
    [
      'a name in every delta, also in an empty one at the end',
      [
        delta('f', paris, { index: 0, id: 'a' }),
        delta('f', '', { index: 0, id: 'a' }),
        delta('f', ' ', { index: 0, id: 'a' }),
      ],
      [['a', 'f', paris]],
    ],
    [
      'a name in pieces is one call',
      [delta('get_', '', { index: 0, id: 'a' }), delta('weather', '', at0), delta(undefined, paris, at0)],
      [['a', 'get_weather', paris]],
    ],
    [
      'a name in pieces, each with all of it so far',
      [delta('get_', '', at0), delta('get_weather', '', at0), delta(undefined, paris, at0)],
      [[made, 'get_weather', paris]],
    ],
    [
      'a new id in every delta is one call, with the first id',
      [
        delta('f', '', { index: 0, id: 'a' }),
        delta(undefined, '{"city":', { index: 0, id: 'b' }),
        delta(undefined, '"Paris"}', { index: 0, id: 'c' }),
      ],
      [['a', 'f', paris]],
    ],
    [
      'a new id and the name in every delta too',
      [delta('f', '{"city":', { index: 0, id: 'a' }), delta('f', '"Paris"}', { index: 0, id: 'b' })],
      [['a', 'f', paris]],
    ],
    [
      'an index outlives the id of another call',
      [
        delta('f', '{"city":', { index: 0, id: 'a' }),
        delta('g', '{', { index: 1, id: 'b' }),
        delta(undefined, '"Paris"}', { index: 0, id: 'b' }),
        delta(undefined, '}', { index: 1, id: 'a' }),
      ],
      [
        ['a', 'f', paris],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'arguments that are whole, but no object, begin nothing',
      [delta('f', '[1]', at0), delta('f', '[2]', at0)],
      [[made, 'f', '[1][2]']],
    ],
    [
      'braces in a string end nothing',
      [delta('f', '{"x":"}{\\"}"', at0), delta('f', '}', at0)],
      [[made, 'f', '{"x":"}{\\"}"}']],
    ],
    [
      'without an index: an id begins a call, and goes on with it',
      [
        delta('f', '{"city":', { id: 'a' }),
        delta('g', '{', { id: 'b' }),
        delta(undefined, '"Paris"}', { id: 'a' }),
        delta(undefined, '}', { id: 'b' }),
      ],
      [
        ['a', 'f', paris],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'without an index, one id for all (1.5.1, streamed): a name after whole arguments',
      [[...delta('f', paris, { id: 'a' }), ...delta('g', tokyo, { id: 'a' })]],
      [
        ['a', 'f', paris],
        [made, 'g', tokyo],
      ],
    ],
    [
      'without an index, one id for all, in pieces',
      [
        delta('f', '', { id: 'a' }),
        delta(undefined, paris, { id: 'a' }),
        delta('f', '', { id: 'a' }),
        delta(undefined, tokyo, { id: 'a' }),
      ],
      [
        ['a', 'f', paris],
        [made, 'f', tokyo],
      ],
    ],
    [
      'without an index or an id: two in one list are two',
      [[...delta('f', ''), ...delta('g', '')]],
      [
        [made, 'f', '{}'],
        [made, 'g', '{}'],
      ],
    ],
    [
      'without an index and with one id: two of one function in one list are two',
      [[...delta('f', '', { id: 'a' }), ...delta('f', '', { id: 'a' })]],
      [
        ['a', 'f', '{}'],
        [made, 'f', '{}'],
      ],
    ],
    [
      'two names under one index in one list are two',
      [[...delta('f', '', { index: 0, id: 'a' }), ...delta('g', '', { index: 0, id: 'b' })]],
      [
        ['a', 'f', '{}'],
        ['b', 'g', '{}'],
      ],
    ],
    [
      'an index that comes in the first delta alone',
      [delta('f', '', { index: 0, id: 'a' }), delta(undefined, '{"city":'), delta(undefined, '"Paris"}')],
      [['a', 'f', paris]],
    ],
    [
      'an index that is a text',
      [
        delta('f', '{', { index: '0' }),
        delta('g', '{}', { index: '1' }),
        delta(undefined, '}', { index: '0' }),
      ],
      [
        [made, 'f', '{}'],
        [made, 'g', '{}'],
      ],
    ],
    [
      'an index that comes late',
      [delta('f', '', { id: 'a' }), delta(undefined, '{"city":', at0), delta(undefined, '"Paris"}', at0)],
      [['a', 'f', paris]],
    ],
    [
      'an index that counts the deltas',
      [
        delta('f', '', { index: 0, id: 'a' }),
        delta(undefined, '{"city":', { index: 1, id: 'a' }),
        delta(undefined, '"Paris"}', { index: 2, id: 'a' }),
      ],
      [['a', 'f', paris]],
    ],
    [
      'a new id without a name or an index goes on an open call',
      [delta('f', '{"city":', { id: 'a' }), delta(undefined, '"Paris"}', { id: 'b' })],
      [['a', 'f', paris]],
    ],
  ])('%s', (_name, deltas, expected) => {
    expect(calls(...deltas)).toEqual(expected);
  });
});

describe('at the end', () => {
  const args = '{"x":1}';
  const both = (first: object, second: object, name = 'f', text = args) => [
    delta('f', args, first),
    delta(name, text, second),
  ];

  test.each<[string, unknown[], string[][]]>([
    [
      'equal id, name and arguments at two indexes are one call',
      both({ index: 0, id: 'a' }, { index: 1, id: 'a' }),
      [['a', 'f', args]],
    ],
    ['at one index too', both({ index: 0, id: 'a' }, { index: 0, id: 'a' }), [['a', 'f', args]]],
    [
      'of two ids they are two',
      both({ index: 0, id: 'a' }, { index: 1, id: 'b' }),
      [
        ['a', 'f', args],
        ['b', 'f', args],
      ],
    ],
    [
      'without ids they are two',
      both({ index: 0 }, { index: 1 }),
      [
        [made, 'f', args],
        [made, 'f', args],
      ],
    ],
    [
      'equal ids of other functions: an id each',
      both({ index: 0, id: 'a' }, { index: 1, id: 'a' }, 'g'),
      [
        ['a', 'f', args],
        [made, 'g', args],
      ],
    ],
    [
      'equal ids of other arguments: an id each',
      both({ index: 0, id: 'a' }, { index: 1, id: 'a' }, 'f', '{}'),
      [
        ['a', 'f', args],
        [made, 'f', '{}'],
      ],
    ],
    [
      'equal ids without an index: an id each',
      both({ id: 'a' }, { id: 'a' }),
      [
        ['a', 'f', args],
        [made, 'f', args],
      ],
    ],
  ])('%s', (_name, deltas, expected) => {
    expect(calls(...deltas)).toEqual(expected);
  });

  test('of a whole message (before 1.13.0 one id for all) each is a call with an id of its own', () => {
    const collector = new ToolCallCollector();
    collector.addWhole([
      ...delta('f', args, { id: 'a' }),
      ...delta('f', args, { id: 'a' }),
      ...delta('g', '', { id: 'a' }),
      null,
    ]);
    const told = collector.finish();
    expect(told.map(call => call.function)).toEqual([
      { name: 'f', arguments: args },
      { name: 'f', arguments: args },
      { name: 'g', arguments: '{}' },
    ]);
    expect(new Set(told.map(call => call.id)).size).toBe(3);
  });
});

describe('arguments', () => {
  const x = '{"x": "a\\"}{"}';
  const twice = JSON.stringify(x);

  test.each<[string, string[], string]>([
    ['sent again whole at the end', ['{"x": ', '"a\\"}{"}', x], x],
    ['sent again in other white space', [x, '\n', '{"x":"a\\"}{"}'], x],
    ['sent three times', [x, x, x], x],
    ['empty first', ['{}', x.slice(0, 4), x.slice(4)], x],
    ['encoded twice', [twice], x],
    ['encoded twice, in pieces', [twice.slice(0, 5), twice.slice(5)], x],
    ['encoded three times', [JSON.stringify(twice)], x],
    ['encoded twice and sent twice', [twice, twice], x],
    ['two different objects stay as they came', ['{"x":1}', '{"x":2}'], '{"x":1}{"x":2}'],
    ['a text that is no object stays', ['"x"'], '"x"'],
    ['what stands beside the object stays', ['{"x":1} or so'], '{"x":1} or so'],
    ['blanks alone are none', [' ', '\n'], '{}'],
  ])('%s', (_name, pieces, expected) => {
    expect(calls(delta('f', '', at0), ...pieces.map(piece => delta(undefined, piece, at0)))).toEqual([
      [made, 'f', expected],
    ]);
  });

  test('that end in their middle are cut, whatever the finish reason says', () => {
    const isCut = (args: string) => {
      const collector = new ToolCallCollector();
      collector.add(delta('f', args));
      return collector.isCut;
    };
    expect(['{', '{"x', '{"x":"}', '"{', '[1'].map(isCut)).toEqual([true, true, true, true, true]);
    expect(['', '{}', '{"x":"{"}', 'x', '{x}', '}'].map(isCut)).toEqual([
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test('with a name in each of their deltas cost the same for each, however many there are', () => {
    const cost = (count: number) => {
      const collector = new ToolCallCollector();
      const start = process.cpuUsage();
      for (let at = 0; at < count; at++) collector.add(delta('f', at === 0 ? '{"x":"' : '}', at0));
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    cost(20_000);
    expect(cost(100_000) / cost(20_000)).toBeLessThan(20);
  });
});

test('add tells whether another call has begun; isEmpty whether there is one to carry out', () => {
  const collector = new ToolCallCollector();
  expect(collector.add([])).toBe(false);
  expect(collector.add([{ index: 0, id: 'a' }])).toBe(true);
  expect(collector.isEmpty).toBe(true);
  expect(collector.add([{ index: 0, function: { name: 'f' } }])).toBe(false);
  expect(collector.isEmpty).toBe(false);
  expect(collector.add([{ index: 1, id: 'b' }])).toBe(true);
});

describe('any interleaving of the deltas gives the same calls', () => {
  interface Call {
    readonly name: string;
    readonly pieces: readonly string[];
  }
  const someCalls: fc.Arbitrary<Call[]> = fc.array(
    fc.record({ name: fc.constantFrom('f', 'g'), pieces: fc.array(fc.string(), { minLength: 1 }) }),
    { minLength: 1, maxLength: 4 },
  );

  /** A delta of each call in turn, as the numbers say, each call's own in order. */
  function interleave<T>(queues: T[][], turns: readonly number[]): T[] {
    const rest = queues.map(queue => [...queue]);
    const out: T[] = [];
    for (let at = 0; rest.some(queue => queue.length > 0); at++) {
      const waiting = rest.filter(queue => queue.length > 0);
      const next = waiting[(turns[at % Math.max(1, turns.length)] ?? 0) % waiting.length]?.shift();
      if (next !== undefined) out.push(next);
    }
    return out;
  }

  const keys: [string, (index: number) => object][] = [
    ['by index', index => ({ index })],
    ['by an index that starts at 1', index => ({ index: index + 1 })],
    ['by id alone', index => ({ id: `id${index}` })],
  ];
  test.each(keys)('%s', (_name, key) => {
    fc.assert(
      fc.property(someCalls, fc.array(fc.nat(3)), (given, turns) => {
        const queues = given.map(({ name, pieces }, index) => [
          { id: `id${index}`, ...key(index), function: { name, arguments: '' } },
          ...pieces.map(piece => ({ ...key(index), function: { arguments: piece } })),
        ]);
        const found = calls(...interleave(queues, turns).map(delta => [delta]));
        const expected = given.map(({ name, pieces }, index) => [
          `id${index}`,
          name,
          pieces.join('').trim() === '' ? '{}' : pieces.join(''),
        ]);
        expect(found.sort()).toEqual(expected.sort());
      }),
    );
  });

  test('also with several deltas in one message', () => {
    fc.assert(
      fc.property(someCalls, fc.array(fc.nat(3)), fc.integer({ min: 1, max: 5 }), (given, turns, size) => {
        const queues = given.map(({ name, pieces }, index) => [
          { index, id: `id${index}`, function: { name, arguments: '' } },
          ...pieces.map(piece => ({ index, function: { arguments: piece } })),
        ]);
        const flat = interleave(queues, turns);
        const grouped = Array.from({ length: Math.ceil(flat.length / size) }, (_none, at) =>
          flat.slice(at * size, (at + 1) * size),
        );
        expect(calls(...grouped)).toEqual(calls(...flat.map(delta => [delta])));
      }),
    );
  });
});
