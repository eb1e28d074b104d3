import type { ListedModel } from '../../xinference/description.ts';
import type { ModelInstance } from '../../xinference/instances.ts';

/** How old a server is: its version, or what its descriptions lack. */
export interface Age {
  /** Undefined where the server does not tell: most API keys may not ask. */
  readonly version: string | undefined;
  /** A version that it is older than, as far as the descriptions show. */
  readonly olderThan: string | undefined;
}

/** What a server tells, besides its version. */
export interface Told {
  readonly models: readonly ListedModel[];
  readonly instances: readonly ModelInstance[] | undefined;
}

/** @param version as the server tells it, such as `2.12.0` */
export function ageOf(version: string | undefined, { models, instances = [] }: Told): Age {
  if (version !== undefined) return { version, olderThan: undefined };
  if (instances.some(({ replicas }) => replicas === undefined)) return { version, olderThan: '1.14.0' };
  const namesNoEngine = ({ description }: ListedModel) =>
    description.modelType === 'LLM' && description.engine === undefined;
  return { version, olderThan: models.some(namesNoEngine) ? '3.1.0' : undefined };
}

/** Whether a server of this age certainly lacks what came with `later`, and has what came with `since`. */
export function isBefore({ version, olderThan }: Age, later: string, since?: string): boolean {
  if (version !== undefined) {
    return compare(version, later) < 0 && (since === undefined || compare(version, since) >= 0);
  }
  return olderThan !== undefined && since === undefined && compare(olderThan, later) <= 0;
}

/** By the three numbers of a version, whatever stands behind them. */
function compare(left: string, right: string): number {
  const [a, b] = [numbersOf(left), numbersOf(right)];
  const at = a.findIndex((number, index) => number !== b[index]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

function numbersOf(version: string): number[] {
  const [, ...numbers] = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(version) ?? [];
  return [0, 1, 2].map(at => Number(numbers[at] ?? 0));
}
