/**
 * Measures the longest turn of the event loop, in ms of the main thread's CPU between two chances for a timer to run. What
 * other programs take of the machine is not in it.
 */
export class TurnMeter {
  longestMs = 0;
  #before = process.threadCpuUsage();

  constructor() {
    setInterval(() => this.#turn(), 1).unref();
  }

  /** What ran in this turn so far does not count. */
  skip(): void {
    this.#before = process.threadCpuUsage();
  }

  #turn(): void {
    const { user, system } = process.threadCpuUsage(this.#before);
    this.longestMs = Math.max(this.longestMs, (user + system) / 1000);
    this.skip();
  }
}
