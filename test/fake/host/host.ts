import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { LineCutter, LongLine } from './host-lines.ts';
import type { Exit, HostOptions, HostStreams, WireLine } from './host-options.ts';
import { hostRequest } from './host-request.ts';
import { brokenRule, type PluginMessage } from './host-rules.ts';
import { HostSession } from './host-session.ts';
import { Keys } from './keys.ts';

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
  /** Bytes a second to read at most; may be changed at any time. */
  readRate: number | undefined;
  /** Bytes read from the plugin so far. */
  bytesRead = 0;
  /** Settles when the process has ended; without a process, when its output has. */
  readonly exit: Promise<Exit>;
  readonly #streams: HostStreams;
  readonly #options: HostOptions;
  readonly #child: ChildProcess | undefined;
  readonly #open = new Map<string, HostSession>();
  readonly #ended = new Set<string>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #lines = new LineCutter();
  /** No line may hold one but the answer to a validation, which a host stores. */
  readonly #keys = new Keys();
  #paused = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(streams: HostStreams, options: HostOptions = {}, child?: ChildProcess) {
    this.#streams = streams;
    this.#options = options;
    this.readRate = options.readRate;
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
    return new FakeHost(child, { checkAnswers: true, ...options }, child);
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
    this.#keys.use(data['credentials'] ?? this.#options.credentials);
    this.send(JSON.stringify(hostRequest(id, action, data, this.#options.credentials ?? null)));
    return session;
  }

  /** A session for a request that goes out by `send`. */
  expect(id: string, action?: string): HostSession {
    const session = new HostSession(id, action, this.#options.checkAnswers ?? false);
    this.#open.set(id, session);
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
    clearTimeout(this.#timer);
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
    this.readRate = undefined;
    this.resume();
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

  /** What the plugin printed beside its lines may hold no key either. @param where it did */
  inspect(output: string, where: string): void {
    const key = this.#keys.in(output);
    if (key !== undefined) this.#violate(`${where} with the key ${key}`);
  }

  #read(chunk: Buffer): void {
    this.bytesRead += chunk.length;
    this.#slow(chunk.length);
    try {
      for (const line of this.#lines.cut(chunk)) this.#line(line);
    } catch (error) {
      if (!(error instanceof LongLine)) throw error;
      this.#violate(error.message);
      this.#destroy();
    }
  }

  #slow(bytes: number): void {
    if (this.readRate === undefined) return;
    this.#streams.stdout.pause();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        if (!this.#paused) this.#streams.stdout.resume();
      },
      (1000 * bytes) / this.readRate,
    );
  }

  #line(text: string): void {
    if (text.trim() === '') return;
    this.#trace('plugin', text);
    const message = parse(text);
    const broken = brokenRule(message, this.heartbeats.length > 0) ?? this.#leak(text, message);
    if (broken === undefined) this.#take(message as PluginMessage);
    else this.#violate(`${broken}: ${text.slice(0, 200)}`);
  }

  #leak(text: string, message: unknown): string | undefined {
    const key = this.#keys.in(text);
    return key === undefined || isValidated(message) ? undefined : `a line with the key ${key}`;
  }

  #take(message: PluginMessage): void {
    if (message.event === 'log') this.logs.push(message.data);
    if (message.event === 'heartbeat') {
      this.heartbeats.push(performance.now());
      this.#ready.resolve();
    }
    if (message.event !== 'session') return;
    const session = this.#open.get(message.session_id);
    if (session === undefined) {
      const what = this.#ended.has(message.session_id) ? 'has ended' : 'was never asked for';
      this.#violate(`${message.data.type} for a session that ${what} (${message.session_id})`);
      return;
    }
    const broken = session.receive(message.data);
    if (broken !== undefined) this.#violate(broken, session);
    // The host lets go of what the session holds: a long run has many of them.
    if (message.data.type !== 'end') return;
    this.#open.delete(session.id);
    this.#ended.add(session.id);
  }

  #violate(rule: string, session?: HostSession): void {
    this.violations.push(rule);
    session?.fail(new Error(rule));
  }

  #destroy(): void {
    this.#child?.kill('SIGKILL');
    this.#streams.stdin.destroy();
    this.#streams.stdout.destroy();
  }

  #gone({ code, signal }: Exit): void {
    clearTimeout(this.#timer);
    this.inspect(this.stderr, 'stderr');
    const how = signal ?? (code === null ? 'closed its output' : `code ${code}`);
    const reason = new Error(
      `the plugin ended (${how})${this.stderr === '' ? '' : `: ${this.stderr.slice(-1024)}`}`,
    );
    this.#ready.reject(reason);
    for (const session of this.#open.values()) session.fail(reason);
  }

  #trace(from: WireLine['from'], line: string | Uint8Array): void {
    const { trace } = this.#options;
    if (trace === undefined) return;
    const wire = { from, line: typeof line === 'string' ? line : Buffer.from(line).toString('utf8') };
    if (trace === true) this.lines.push(wire);
    else trace(wire);
  }
}

/** Whether a message gives credentials back, as the answer to a validation does. */
function isValidated(message: unknown): boolean {
  const { event, data } = message as PluginMessage & { data?: { type?: unknown; data?: object } };
  return event === 'session' && data?.type === 'stream' && 'credentials' in (data.data ?? {});
}

/** The line's JSON; `undefined`, which is no message either, if it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
