import type { Readable, Writable } from 'node:stream';

export interface HostStreams {
  /** What the plugin reads. */
  readonly stdin: Writable;
  /** What the plugin writes. */
  readonly stdout: Readable;
  readonly stderr?: Readable;
}

export interface WireLine {
  readonly from: 'host' | 'plugin';
  readonly line: string;
}

export interface HostOptions {
  /** Sent with each request that brings no credentials of its own. */
  readonly credentials?: Readonly<Record<string, unknown>>;
  /** Keep every line in `lines`, or hand each to this function as it passes. */
  readonly trace?: true | ((line: WireLine) => void);
  /** Read at most this many bytes a second, as a host does whose own reader is slow. */
  readonly readRate?: number;
  /**
   * Hold the answers to what Dify expects of each action, and not just to the rules of the wire. By default only those
   * of a process that was spawned: a dispatcher's own tests may answer with anything.
   */
  readonly checkAnswers?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}
