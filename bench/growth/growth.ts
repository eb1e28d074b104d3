import type { Metric, Run } from '../compare/rows/row.ts';

/** How cost grows with the size of one thing. */
export interface Growth {
  readonly id: string;
  /** What is counted. */
  readonly of: string;
  readonly sizes: readonly number[];
  readonly metrics: readonly Metric[];
  /** Another program whose figures stand beside, to tell what is the runtime's. */
  readonly beside?: string;
  /** @returns a figure for each metric @throws Error when an answer is wrong */
  measure(size: number, run: Run): Promise<number[]>;
}
