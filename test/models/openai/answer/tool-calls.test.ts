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
      'index 0 for every call, interleaved by id',
      [
        [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } }],
        [{ index: 0, id: 'b', function: { name: 'g', arguments: '{"y":' } }],
        [{ index: 0, id: 'a', function: { arguments: '1}' } }],
        [{ index: 0, id: 'b', function: { arguments: '2}' } }],
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'g', '{"y":2}'],
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
    ['by id, every index 0', index => ({ index: 0, id: `id${index}` })],
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
          pieces.join('') || '{}',
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
