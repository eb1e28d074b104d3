import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The host's side: one request at a time; lines are kept as bytes and looked into when the clock has stopped. */
export class Plugin {
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  #pieces: Buffer[] = [];
  #lines: Buffer[] = [];
  #answered: ((lines: Buffer[]) => void) | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.ready = this.#ready.promise;
    child.stdout?.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  ask(data: object): Promise<Buffer[]> {
    const request = {
      user_id: 'u',
      provider: 'xinference',
      type: 'model',
      model_type: 'text-embedding',
      model: 'bench',
    };
    const line = { session_id: 's', event: 'request', data: { ...request, ...data } };
    return new Promise(resolve => {
      this.#answered = resolve;
      this.#child.stdin?.write(`${JSON.stringify(line)}\n`);
    });
  }

  async close(): Promise<void> {
    this.#child.stdin?.end();
    await once(this.#child, 'close');
  }

  #read(bytes: Buffer): void {
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      this.#pieces.push(bytes.subarray(from, end));
      this.#take(Buffer.concat(this.#pieces));
      this.#pieces = [];
      from = end + 1;
    }
    if (from < bytes.length) this.#pieces.push(bytes.subarray(from));
  }

  #take(line: Buffer): void {
    if (line.includes('"event":"heartbeat"')) this.#ready.resolve();
    if (!line.subarray(0, 200).includes('"event":"session"')) return;
    this.#lines.push(line);
    if (!line.subarray(0, 200).includes('"type":"end"')) return;
    this.#answered?.(this.#lines);
    this.#lines = [];
  }
}
