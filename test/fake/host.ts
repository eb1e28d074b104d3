import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { hostRequest } from './host-request.ts';
import { brokenRule, type PluginMessage } from './host-rules.ts';
import { HostSession } from './host-session.ts';

/** A line with its newline that is longer than this many bytes makes a real host kill the plugin. */
export const lineLimit = 5_242_880;

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
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * The daemon's side of the wire: sends requests, sorts the answers into sessions, and holds the plugin to the rules of
 * the protocol. A broken rule fails the session it concerns and is kept in `violations`, over which `close` throws.
 */
export class FakeHost {
  /** Every rule that the plugin broke, in words. */
  readonly violations: string[] = [];
  /** The lines that passed, if `trace` is true. */
  readonly lines: WireLine[] = [];
  /** When each heartbeat came, in milliseconds of `performance.now()`. */
  readonly heartbeats: number[] = [];
  /** The `data` of each `log` event. */
  readonly logs: Record<string, unknown>[] = [];
  /** What came on stderr. */
  stderr = '';
  /** Bytes read from the plugin so far. */
  bytesRead = 0;
  /** Settles when the process has ended; without a process, when its output has. */
  readonly exit: Promise<Exit>;
  readonly #streams: HostStreams;
  readonly #options: HostOptions;
  readonly #child: ChildProcess | undefined;
  readonly #sessions = new Map<string, HostSession>();
  readonly #ready = Promise.withResolvers<void>();
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #paused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(streams: HostStreams, options: HostOptions = {}, child?: ChildProcess) {
    this.#streams = streams;
    this.#options = options;
    this.#child = child;
    this.#ready.promise.catch(() => undefined);
    streams.stdin.on('error', () => undefined);
    streams.stdout.on('error', () => undefined);
    streams.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.exit = new Promise(resolve => {
      if (child === undefined) streams.stdout.once('close', () => resolve({ code: null, signal: null }));
      else child.once('close', (code, signal) => resolve({ code, signal }));
      child?.once('error', error => {
        this.stderr += error.message;
        resolve({ code: null, signal: null });
      });
    });
    void this.exit.then(exit => this.#gone(exit));
    streams.stdout.on('data', (chunk: Buffer) => this.#read(chunk));
  }

  /** Starts a plugin as a daemon does, with its three streams piped. Without `env` it gets this process's own. */
  static spawn(
    command: string,
    args: readonly string[],
    options: HostOptions & { readonly cwd?: string | URL; readonly env?: NodeJS.ProcessEnv } = {},
  ): FakeHost {
    const { cwd, env } = options;
    const child = spawn(command, args, { cwd, env, stdio: 'pipe' });
    return new FakeHost(child, options, child);
  }

  /** The process's id; `undefined` if the plugin is no process. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Settles with the first heartbeat; rejects if the plugin ends before, with what it said on stderr. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Sends a request; `data` is laid over what a host sends by itself for this action. */
  request(
    action: string,
    data: Readonly<Record<string, unknown>> = {},
    options: { readonly sessionId?: string } = {},
  ): HostSession {
    const id = options.sessionId ?? randomUUID();
    const session = this.expect(id, action);
    this.send(JSON.stringify(hostRequest(id, action, data, this.#options.credentials ?? null)));
    return session;
  }

  /** A session for a request that goes out by `send`. */
  expect(id: string, action?: string): HostSession {
    const session = new HostSession(id, action);
    this.#sessions.set(id, session);
    return session;
  }

  /** Tells the plugin that whoever asked has gone away. */
  cancel(id: string): void {
    this.send(JSON.stringify({ event: 'cancel', session_id: id, data: {} }));
  }

  /** Sends a line as it is; the newline is added. */
  send(line: string | Uint8Array): void {
    this.#trace('host', line);
    this.#streams.stdin.write(line);
    this.#streams.stdin.write('\n');
  }

  closeStdin(): void {
    this.#streams.stdin.end();
  }

  /** Stops reading, so that the plugin's pipe fills. */
  pause(): void {
    this.#paused = true;
    this.#streams.stdout.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#streams.stdout.resume();
  }

  /** Milliseconds between one heartbeat and the next. */
  heartbeatGaps(): number[] {
    return this.heartbeats.slice(1).map((at, index) => at - (this.heartbeats[index] ?? at));
  }

  kill(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#child?.kill(signal);
  }

  /** Ends the plugin: its input first, after `grace` milliseconds the process. Throws if it ever broke a rule. */
  async close(grace = 5000): Promise<Exit> {
    this.closeStdin();
    if (this.#paused) this.resume();
    const timer = setTimeout(() => this.#destroy(), grace);
    const exit = await this.exit;
    clearTimeout(timer);
    if (this.violations.length > 0)
      throw new Error(`the plugin broke the protocol:\n${this.violations.join('\n')}`);
    return exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #read(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    this.#slow(chunk.length);
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#pending.push(chunk.subarray(start, end));
      const length = this.#pendingBytes + end - start + 1;
      const line = this.#pending.length === 1 ? chunk.subarray(start, end) : Buffer.concat(this.#pending);
      this.#pending = [];
      this.#pendingBytes = 0;
      if (length > lineLimit) {
        this.#overlong();
        return;
      }
      this.#line(line.toString('utf8'));
      start = end + 1;
    }
    if (start === chunk.length) return;
    this.#pending.push(chunk.subarray(start));
    this.#pendingBytes += chunk.length - start;
    if (this.#pendingBytes >= lineLimit) this.#overlong();
  }

  #slow(bytes: number): void {
    const { readRate } = this.#options;
    if (readRate === undefined) return;
    this.#streams.stdout.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        if (!this.#paused) this.#streams.stdout.resume();
      },
      (1000 * bytes) / readRate,
    );
  }

  #line(text: string): void {
    if (text.trim() === '') return;
    this.#trace('plugin', text);
    const message = parse(text);
    const broken = brokenRule(message, this.heartbeats.length > 0);
    if (broken === undefined) this.#take(message as PluginMessage);
    else this.#violate(`${broken}: ${text.slice(0, 200)}`);
  }

  #take(message: PluginMessage): void {
    if (message.event === 'log') this.logs.push(message.data);
    if (message.event === 'heartbeat') {
      this.heartbeats.push(performance.now());
      this.#ready.resolve();
    }
    if (message.event !== 'session') return;
    const session = this.#sessions.get(message.session_id);
    const broken =
      session === undefined
        ? `a message for a session that was never asked for (${message.session_id})`
        : session.receive(message.data);
    if (broken !== undefined) this.#violate(broken, session);
  }

  #violate(rule: string, session?: HostSession): void {
    this.violations.push(rule);
    session?.fail(new Error(rule));
  }

  #overlong(): void {
    this.#violate(`a line over ${lineLimit} bytes, for which a host kills the plugin`);
    this.#pending = [];
    this.#destroy();
  }

  #destroy(): void {
    this.#child?.kill('SIGKILL');
    this.#streams.stdin.destroy();
    this.#streams.stdout.destroy();
  }

  #gone({ code, signal }: Exit): void {
    clearTimeout(this.#timer);
    const how = signal ?? (code === null ? 'closed its output' : `code ${code}`);
    const reason = new Error(
      `the plugin ended (${how})${this.stderr === '' ? '' : `: ${this.stderr.slice(-1024)}`}`,
    );
    this.#ready.reject(reason);
    for (const session of this.#sessions.values()) session.fail(reason);
  }

  #trace(from: WireLine['from'], line: string | Uint8Array): void {
    const { trace } = this.#options;
    if (trace === undefined) return;
    const wire = { from, line: typeof line === 'string' ? line : Buffer.from(line).toString('utf8') };
    if (trace === true) this.lines.push(wire);
    else trace(wire);
  }
}

/** The line's JSON; `undefined`, which is no message either, if it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
