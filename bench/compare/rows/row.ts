import type { BenchHost } from '../host.ts';
import type { Command } from '../pipes.ts';
import type { BenchServer } from '../xinference.ts';

/** One figure of a row. */
export interface Metric {
  readonly label: string;
  readonly digits: number;
  /**
   * What the project wants to reach: a bound, so many times what a native relay needs, or so many times what the raw
   * relay of the run needs, where Node.js and its HTTP alone take longer than that.
   */
  readonly goal?: string | { readonly timesNative: number } | { readonly timesRaw: number };
  readonly bar?: NamedBar;
}

/** A bar of the picture, with what programs need that are not there in each run: multiples of the raw relay's figure. */
export interface NamedBar {
  readonly name: string;
  readonly native?: number;
  readonly python?: number;
}

/** What is measured of a program in a fresh process. */
export interface Run {
  readonly server: BenchServer;
  readonly command: Command;
  /** Starts the program and waits for its first heartbeat. The run closes it. */
  start(): Promise<BenchHost>;
}

/** A row of the table: one thing that is measured, giving one or several figures. */
export interface Row {
  readonly id: string;
  /** Figures that relays have none of. */
  readonly pluginOnly?: boolean;
  /** At most so many rounds: it takes long. */
  readonly mostRounds?: number;
  readonly metrics: readonly Metric[];
  /** @returns a figure for each metric @throws Error when an answer is wrong */
  measure(run: Run): Promise<number[]>;
}
