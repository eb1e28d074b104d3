/** A way between a host and the dispatcher. */
export interface Transport {
  /** Resolves when the host has no more requests. What is open may end: the host still reads. */
  readonly finished: Promise<void>;
  /** Resolves when there is nobody left to answer. */
  readonly gone: Promise<void>;
  /** Takes no more requests; what is open goes on. */
  stop(): void;
  /** Resolves when everything written has been taken by the operating system. */
  flush(): Promise<void>;
}
