import type { Session } from '../session.ts';
import type { LineWriter } from './lines/line-writer.ts';

/** Takes what a host sends, and writes its answers to where they belong. */
export interface Receiver {
  /** One line of the host. Never throws. */
  receive(line: Buffer, writer: LineWriter): unknown;
  /** The start of a line that was too long to be read. */
  receiveOversized(start: Buffer, writer: LineWriter): void;
  /**
   * Opens the session of one request.
   * @param data what the request says, unchecked
   * @returns nothing when a session of that id is open already
   */
  open(id: string, data: unknown, writer: LineWriter): Session | undefined;
  /** Nobody waits any more for what is open. */
  cancelAll(reason: string): void;
}

/** A way between a host and the receiver of its requests. */
export interface Transport {
  /**
   * Begins to take requests.
   * @returns when they can come; over remote debugging, when there will be no more
   * @throws StartError when it cannot, or when the host refuses the plugin
   */
  start(receiver: Receiver): void | Promise<void>;
  /** Resolves when the host has no more requests. What is open may end: the host still reads. */
  readonly finished: Promise<void>;
  /** Resolves when there is nobody left to answer. */
  readonly gone: Promise<void>;
  /** Takes no more requests; what is open goes on. */
  stop(): void;
  /** Resolves when everything written has been taken by the operating system. */
  flush(): Promise<void>;
}
