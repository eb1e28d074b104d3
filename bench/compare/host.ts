import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { hostRequest } from '../../test/fake/host/host-request.ts';
import { type Command, type PipedProcess, spawnWithPipes } from './pipes.ts';

/** Lines that end a session are short; longer ones are not looked at before the clock has stopped. */
const SHORT = 200;
const NEWLINE = 0x0a;

/** A session as it ended, its lines still unread. Times in ms of `performance.now()`. */
export interface Answer {
  readonly id: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

/**
 * The daemon's side for the bench: sends requests, sees when they end, and keeps the bytes of what came between for
 * later, so that it is never what a plugin waits for.
 */
export class BenchHost {
  /** When heartbeats came. */
  readonly heartbeats: number[] = [];
  /** Settles with the first heartbeat. */
  readonly ready: Promise<void>;
  readonly #process: PipedProcess;
  readonly #serverUrl: string;
  readonly #open = new Map<
    string,
    { startedAt: number; done: (answer: Answer) => void; fail: (error: Error) => void }
  >();
  #lines: Buffer[] = [];
  /** When each of `#lines` came. */
  #times: number[] = [];
  #rest: Buffer[] = [];
  #bytesPerSecond = Number.POSITIVE_INFINITY;

  constructor(command: Command, serverUrl: string) {
    this.#serverUrl = serverUrl;
    const env = { ...process.env, INSTALL_METHOD: 'local' };
    this.#process = spawnWithPipes(command, env);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#onReady = resolve;
    this.#process.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    this.#process.child.once('exit', (code, signal) => {
      const error = new Error(`${command.program} ${command.args.join(' ')} ended (${signal ?? code})`);
      reject(error);
      for (const session of this.#open.values()) session.fail(error);
    });
    this.ready.catch(() => undefined);
  }

  readonly #onReady: () => void;

  /** When the process was made. */
  get startedAt(): number {
    return this.#process.startedAt;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Sends a request for a model of the bench's server; resolves at its end. Rejects when it fails. */
  invoke(action: string, uid: string, data: Readonly<Record<string, unknown>>): Promise<Answer> {
    const id = randomUUID();
    const credentials = {
      server_url: this.#serverUrl,
      model_uid: uid,
      invoke_timeout: '300',
      max_retries: '0',
    };
    const request = hostRequest(id, action, data, credentials);
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#open.set(id, { startedAt: performance.now(), done: resolve, fail: reject });
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return promise;
  }

  /** Reads no faster than this from now on. */
  readAt(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /**
   * The results of the sessions that came since the last call, by session. Takes its time: the plugin should have
   * nothing to do meanwhile.
   */
  takeResults(): Map<string, { at: number; data: unknown }[]> {
    const results = new Map<string, { at: number; data: unknown }[]>();
    for (const [index, line] of this.#lines.entries()) {
      const message = JSON.parse(line.toString('utf8'));
      if (message.event !== 'session' || message.data.type !== 'stream') continue;
      const list = results.get(message.session_id) ?? [];
      list.push({ at: this.#times[index] ?? 0, data: message.data.data });
      results.set(message.session_id, list);
    }
    this.#lines = [];
    this.#times = [];
    return results;
  }

  /** Ends the process and waits for that. */
  async close(): Promise<void> {
    const { child, stdin, stdout } = this.#process;
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.kill('SIGKILL');
    await exit;
    stdin.destroy();
    stdout.destroy();
  }

  #read(bytes: Buffer): void {
    const at = performance.now();
    if (this.#bytesPerSecond !== Number.POSITIVE_INFINITY) this.#pause(bytes.length);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end < 0) break;
      let line = bytes.subarray(start, end);
      if (this.#rest.length > 0) {
        line = Buffer.concat([...this.#rest, line]);
        this.#rest = [];
      }
      this.#onLine(line, at);
      start = end + 1;
    }
    if (start < bytes.length) this.#rest.push(bytes.subarray(start));
  }

  #onLine(line: Buffer, at: number): void {
    const isResult = line.length > SHORT && !/"type": ?"error"/.test(line.toString('latin1', 0, SHORT));
    if (isResult) this.#keep(line, at);
    else if (line.length > 0) this.#onShortLine(line, at);
  }

  #onShortLine(line: Buffer, at: number): void {
    const message = parse(line);
    if (message === undefined) return; // a plugin may print what it likes before its first heartbeat
    if (message.event === 'heartbeat') {
      this.heartbeats.push(at);
      this.#onReady();
    }
    if (message.event !== 'session') return;
    const { type } = message.data;
    if (type === 'stream') this.#keep(line, at);
    const session = this.#open.get(message.session_id);
    if (type === 'error') session?.fail(new Error(`the plugin answered ${line}`));
    if (type !== 'end' || session === undefined) return;
    this.#open.delete(message.session_id);
    session.done({ id: message.session_id, startedAt: session.startedAt, endedAt: at });
  }

  #keep(line: Buffer, at: number): void {
    this.#lines.push(line);
    this.#times.push(at);
  }

  #pause(bytes: number): void {
    const { stdout } = this.#process;
    stdout.pause();
    setTimeout(() => stdout.resume(), (1000 * bytes) / this.#bytesPerSecond);
  }
}

function parse(line: Buffer) {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
