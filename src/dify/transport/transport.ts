/** A way between a host and the dispatcher. */
export interface Transport {
  /**
   * Resolves when the host has no more requests, and says whether it still reads: `finished` lets open sessions
   * end, `gone` means that there is nobody left to answer.
   */
  readonly closed: Promise<'finished' | 'gone'>;
  /** Takes no more requests; what is open goes on. */
  stop(): void;
  /** Resolves when everything written has been taken by the operating system. */
  flush(): Promise<void>;
}
