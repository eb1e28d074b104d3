import { brokenAnswer, brokenEnd } from './host-answers.ts';

/** What a plugin says in a session, each message as it came. */
export type SessionMessage =
  | { readonly type: 'stream'; readonly data: unknown }
  | { readonly type: 'error'; readonly data: SessionError }
  | { readonly type: 'end' };

export interface SessionError {
  readonly error_type: string;
  readonly message: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A session that came to its end. */
export interface SessionResult {
  /** The `data` of each `stream` message, in order. */
  readonly stream: readonly unknown[];
  readonly error?: SessionError;
  readonly ended: true;
}

/** The host's side of one request. Times are milliseconds of `performance.now()`. */
export class HostSession {
  readonly id: string;
  /** The action that was asked for; `undefined` for a request sent as a raw line. */
  readonly action: string | undefined;
  readonly startedAt = performance.now();
  firstAt: number | undefined;
  endedAt: number | undefined;
  readonly #checked: boolean;
  readonly #received: SessionMessage[] = [];
  readonly #done = Promise.withResolvers<void>();
  #wake = Promise.withResolvers<void>();
  #failure: Error | undefined;
  /** The plugin has sent an error. */
  #failed = false;

  /** `checked`: whether the answers must be what Dify expects of the action. */
  constructor(id: string, action: string | undefined, checked: boolean) {
    this.id = id;
    this.#checked = checked;
    this.action = action;
    // Whoever waits for the result is told; a session that nobody waits for fails without a crash.
    this.#done.promise.catch(() => undefined);
  }

  /** Neither ended nor failed. */
  get open(): boolean {
    return this.endedAt === undefined && this.#failure === undefined;
  }

  /** Every message from the first, then as they come, up to and with `end`. Throws if the session fails. */
  get messages(): AsyncIterable<SessionMessage> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<SessionMessage> {
    for (let at = 0; ; at++) {
      while (at >= this.#received.length) {
        if (this.#failure !== undefined) throw this.#failure;
        await this.#wake.promise;
      }
      const message = this.#received[at];
      if (message === undefined) return;
      yield message;
      if (message.type === 'end') return;
    }
  }

  /** All of it, once it has ended. Rejects if the plugin broke a rule or died before. */
  async result(): Promise<SessionResult> {
    await this.#done.promise;
    const error = this.#received.find(message => message.type === 'error')?.data;
    return { stream: this.#stream(), ...(error === undefined ? {} : { error }), ended: true };
  }

  /** Takes a message in; gives the rule that it breaks in its place of the session, `undefined` if none. */
  receive(message: SessionMessage): string | undefined {
    if (this.#failed && message.type !== 'end')
      return `${message.type} after the error of session ${this.id}`;
    const broken = this.#brokenAnswer(message);
    if (broken !== undefined) return `${broken} (${this.action})`;
    const now = performance.now();
    this.firstAt ??= now;
    this.#received.push(message);
    if (message.type === 'error') this.#failed = true;
    if (message.type === 'end') {
      this.endedAt = now;
      this.#done.resolve();
    }
    this.#notify();
    return undefined;
  }

  #brokenAnswer(message: SessionMessage): string | undefined {
    if (!this.#checked || this.action === undefined) return undefined;
    if (message.type === 'stream') return brokenAnswer(this.action, message.data);
    return message.type === 'end' && !this.#failed ? brokenEnd(this.action, this.#stream()) : undefined;
  }

  #stream(): unknown[] {
    return this.#received.filter(message => message.type === 'stream').map(({ data }) => data);
  }

  /** Ends the session with an error of the test's own making: a broken rule, a dead plugin. */
  fail(reason: Error): void {
    if (!this.open) return;
    this.#failure = reason;
    this.#done.reject(reason);
    this.#notify();
  }

  #notify(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers();
    resolve();
  }
}
