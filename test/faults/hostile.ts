import fc from 'fast-check';

/** Values that nobody expects where they turn up. The long ones are made when they are used, and are rare. */
const VALUES: readonly (() => unknown)[] = [
  ...[
    null,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    true,
    false,
    '',
    'x',
    '0',
    ' ',
    [],
    {},
    [[]],
    [null],
    { a: null },
  ].map(value => () => structuredClone(value)),
  ...[
    '__proto__',
    'constructor',
    '\ud800',
    '\udfff\ud800',
    '\u0000',
    '\u2028',
    '😀'.repeat(9),
    'NaN',
    '[DONE]',
  ].map(value => () => value),
  ...['</think>', '<think>', '<tool_call>', 'data: x', '\r\n\r\n', '%00', '../..', 'http://[', '{"a":'].map(
    value => () => value,
  ),
];
const LONG: readonly (() => unknown)[] = [
  () => 'x'.repeat(2_000_000),
  () => '\u0001'.repeat(300_000),
  () => '語'.repeat(300_000),
  () => Array.from({ length: 20_000 }, (_, index) => index),
  () => DEEP,
];
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '',
  'length',
  'then',
  '\ud800',
  '0',
];

/** Stands for a value nested more deeply than `JSON.stringify` can go. */
const DEEP = '@deep@';
const LEVELS = 20_000;

/** The JSON text of a damaged value. */
export function jsonOf(value: unknown): string {
  const text = JSON.stringify(value) ?? '';
  if (!text.includes(DEEP)) return text;
  return text.replaceAll(`"${DEEP}"`, `${'[{"a":'.repeat(LEVELS)}1${'}]'.repeat(LEVELS)}`);
}

/** A place in a JSON value. */
interface Place {
  readonly parent: Record<string, unknown>;
  readonly key: string;
}

function places(value: unknown, found: Place[] = []): Place[] {
  if (typeof value !== 'object' || value === null) return found;
  const parent = value as Record<string, unknown>;
  for (const key of Object.keys(parent)) {
    found.push({ parent, key });
    places(parent[key], found);
  }
  return found;
}

/** Own, whatever its name: an assignment to `__proto__` would set the prototype. */
function put({ parent, key }: Place, value: unknown): void {
  if (Array.isArray(parent) && !/^\d{1,4}$/.test(key)) return;
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

const change = fc.record({
  kind: fc.constantFrom('drop', 'value', 'value', 'value', 'rename', 'swap', 'wrap', 'repeat', 'add'),
  at: fc.nat(1_000_000),
  other: fc.nat(1_000_000),
  long: fc.nat(1500),
});
export type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** A few changes to a JSON value. */
export const changes = fc.array(change, { maxLength: 4 });

/** Carries changes out on a value that nobody else holds. */
export function damage(value: unknown, list: readonly Change[]): void {
  for (const { kind, at, other, long } of list) {
    const all = places(value);
    const place = all[at % all.length];
    const second = all[other % all.length];
    if (place === undefined || second === undefined) return;
    const there = place.parent[place.key];
    const palette = long === 0 ? LONG : VALUES;
    const name = NAMES[other % NAMES.length] ?? '';
    switch (kind) {
      case 'drop':
        delete place.parent[place.key];
        break;
      case 'value':
        put(place, palette[other % palette.length]?.());
        break;
      case 'rename':
        delete place.parent[place.key];
        put({ parent: place.parent, key: name }, there);
        break;
      case 'add':
        put({ parent: place.parent, key: name }, palette[at % palette.length]?.());
        break;
      case 'swap':
        // Copies: a value that holds itself is no JSON.
        put(place, copy(second.parent[second.key]));
        put(second, copy(there));
        break;
      case 'wrap':
        put(place, other % 2 ? [there] : { a: there });
        break;
      case 'repeat':
        put(
          place,
          Array.from({ length: other % 50 }, () => copy(there)),
        );
    }
  }
}

function copy(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.parse(JSON.stringify(value)) : value;
}

const cut = fc.record({
  kind: fc.constantFrom('cut', 'insert', 'flip', 'remove'),
  /** Of the length, in millionths. */
  at: fc.nat(999_999),
  with: fc.nat(1_000_000),
});
export type Cut = typeof cut extends fc.Arbitrary<infer T> ? T : never;

/** Mostly nothing, sometimes a wound in the bytes. */
export const cuts = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Cut[]>([]) },
  { weight: 1, arbitrary: fc.array(cut, { minLength: 1, maxLength: 3 }) },
);

const JUNK = ['\u0000', '"', '\\', '{', '[', ']', '}', ',', '\r', '\ud800', 'null', '\ufeff', 'data:', ':'];

/** Bytes with wounds in them; none of these makes a new line. */
export function wound(bytes: Buffer, list: readonly Cut[]): Buffer {
  let wounded = bytes;
  for (const { kind, at, with: what } of list) {
    const place = Math.floor((wounded.length * at) / 1_000_000);
    const before = wounded.subarray(0, place);
    if (kind === 'cut') wounded = before;
    else if (kind === 'remove') wounded = Buffer.concat([before, wounded.subarray(place + 1 + (what % 20))]);
    else if (kind === 'insert') {
      wounded = Buffer.concat([before, Buffer.from(JUNK[what % JUNK.length] ?? ''), wounded.subarray(place)]);
    } else if (place < wounded.length) {
      wounded = Buffer.from(wounded);
      // The highest bit too: bytes that are no UTF-8.
      const byte = (wounded[place] ?? 0) ^ (1 << (what % 8));
      if (byte !== 0x0a) wounded[place] = byte;
    }
  }
  return wounded;
}
