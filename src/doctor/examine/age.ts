import type { ListedModel } from '../../xinference/description.ts';
import type { ModelInstance } from '../../xinference/instances.ts';

/** How old a server is: its version, or between which versions what it tells of its models places it. */
export interface Age {
  /** Of a release; undefined where the server does not tell: most API keys may not ask. */
  readonly version: string | undefined;
  /** Where it does not tell: a version that it is not older than, as far as its descriptions show. */
  readonly atLeast: string | undefined;
  /** A version that it is older than, likewise. */
  readonly olderThan: string | undefined;
}

/** What a server tells, besides its version. */
export interface Told {
  readonly models: readonly ListedModel[];
  readonly instances: readonly ModelInstance[] | undefined;
}

/** What is told from a version on, the oldest first: whether it is, of each that it could be told of. */
const TOLD_SINCE: readonly (readonly [version: string, isTold: (told: Told) => boolean[]])[] = [
  ['1.6.0', ({ models }) => ofTypes(models, 'audio').map(({ abilities }) => abilities !== undefined)],
  ['1.14.0', ({ instances = [] }) => instances.map(({ replicas }) => replicas !== undefined)],
  [
    '3.1.0',
    ({ models }) => ofTypes(models, 'LLM', 'embedding', 'rerank').map(({ engine }) => engine !== undefined),
  ],
];

/** @param version as the server tells it, such as `2.12.0`; one that is no release, such as `0+unknown`, tells nothing */
export function ageOf(version: string | undefined, told: Told): Age {
  if (version !== undefined && RELEASE.test(version)) {
    return { version, atLeast: undefined, olderThan: undefined };
  }
  const marks = TOLD_SINCE.map(([since, isTold]) => ({ since, signs: isTold(told) }));
  const latest = marks.findLastIndex(({ signs }) => signs.includes(true));
  // What is missing although later things are told is the model's own affair.
  const missing = marks.find(({ signs }, at) => at > latest && signs.length > 0);
  return { version: undefined, atLeast: marks[latest]?.since, olderThan: missing?.since };
}

function ofTypes(models: readonly ListedModel[], ...types: readonly string[]) {
  return models.map(({ description }) => description).filter(({ modelType }) => types.includes(modelType));
}

/** Whether a server of this age certainly lacks what came with `later`, and has what came with `since`. */
export function isBefore({ version, atLeast, olderThan }: Age, later: string, since?: string): boolean {
  const lacks =
    version === undefined
      ? olderThan !== undefined && compare(olderThan, later) <= 0
      : compare(version, later) < 0;
  const oldest = version ?? atLeast;
  return lacks && (since === undefined || (oldest !== undefined && compare(oldest, since) >= 0));
}

/** The numbers of a version, that of a second try at it too. Whatever else stands behind them does not count. */
const RELEASE = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:\.post(\d+))?/;

function compare(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function numbersOf(version: string): number[] {
  const [, ...numbers] = RELEASE.exec(version) ?? [];
  return [0, 1, 2, 3].map(at => Number(numbers[at] ?? 0));
}
