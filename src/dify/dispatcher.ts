import { channel } from 'node:diagnostics_channel';
import type { Logger } from 'pino';
import { Gate } from '../text/gate.ts';
import { isObject, parseJson, TooDeepError } from '../text/json.ts';
import type { ActionTable } from './actions/actions.ts';
import { logGate } from './gate/log-gate.ts';
import { secretsIn } from './gate/secrets-in.ts';
import { checkRequest } from './protocol/check-request.ts';
import { InternalError, InvokeBadRequestError, type InvokeError } from './protocol/errors.ts';
import { isSessionId, sessionIdIn } from './protocol/session-id.ts';
import { toInvokeError } from './protocol/to-invoke-error.ts';
import { Session } from './session.ts';
import { LineTooLongError, type LineWriter } from './transport/lines/line-writer.ts';
import type { Receiver } from './transport/transport.ts';

/** Says to whom it may concern in this process whether no session is open, when that changes. */
const idle = channel('dify.idle');

/** What log lines about a request name. */
interface RequestFacts {
  readonly session: string;
  action: string;
  model: string;
}

/**
 * From a line of the host to the handler of its action. Every request gets exactly one `end`, whatever its
 * handler does, and nobody else's session is touched by it.
 */
export class Dispatcher implements Receiver {
  readonly #actions: ActionTable;
  readonly #log: Logger;
  readonly #translate: (thrown: unknown) => unknown;
  readonly #sessions = new Map<string, Session>();

  /** @param options.translate turns what handlers throw into wire errors; what it leaves is a bug */
  constructor(options: { actions: ActionTable; log: Logger; translate?: (thrown: unknown) => unknown }) {
    this.#actions = options.actions;
    this.#log = options.log;
    this.#translate = options.translate ?? (thrown => thrown);
  }

  /** The sessions that are open. */
  get sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /**
   * Takes one line of the host. Never throws.
   * @param writer where the answer goes
   * @returns the session that the line opened, if it did
   */
  receive(line: Buffer, writer: LineWriter): Session | undefined {
    let message: unknown;
    try {
      message = parseJson(line.toString('utf8'));
    } catch (error) {
      const what = error instanceof TooDeepError ? 'is nested too deeply' : 'is not valid JSON';
      this.#refuseUnreadable(line, writer, what);
      return undefined;
    }
    if (!isObject(message)) {
      this.#log.warn('A line of the host is not a JSON object; it was skipped.');
      return undefined;
    }
    const { event, session_id: id, data } = message;
    if (event === 'cancel') {
      if (typeof id === 'string') this.#sessions.get(id)?.cancel();
      return undefined;
    }
    if (event !== 'request') return undefined; // newer hosts add events
    if (!isSessionId(id)) {
      this.#log.warn('A request of the host has no session_id, so it cannot be answered; it was skipped.');
      return undefined;
    }
    return this.open(id, data, writer);
  }

  /** Takes the start of a line that was too long to be read, and answers if its session can be told from it. */
  receiveOversized(start: Buffer, writer: LineWriter): void {
    this.#refuseUnreadable(start, writer, 'is too long');
  }

  /**
   * Opens the session of one request. Never throws.
   * @param data what the request says; it is checked here
   * @returns nothing when a session of that id is open already
   */
  open(id: string, data: unknown, writer: LineWriter): Session | undefined {
    if (this.#isOpen(id)) {
      this.#log.warn({ session: id }, 'A second request for a session that is open; it was skipped.');
      return undefined;
    }
    const secrets = secretsIn(data);
    logGate.remember(secrets);
    const session = new Session(id, writer, this.#log.isLevelEnabled('debug'), new Gate(secrets));
    const facts: RequestFacts = { session: id, action: '?', model: '' };
    if (this.#sessions.size === 0) idle.publish(false);
    this.#sessions.set(id, session);
    void session.ended.then(() => {
      if (this.#sessions.get(id) === session) this.#sessions.delete(id);
      this.#logEnd(session, facts);
      if (this.#sessions.size === 0) idle.publish(true);
    });
    void this.#run(session, data, facts);
    return session;
  }

  /** Nobody waits any more for what is open. */
  cancelAll(reason: string): void {
    for (const session of this.sessions) session.cancel(reason);
  }

  /** Ends every open session with an error: the process has to go. */
  failAll(error: InvokeError): void {
    for (const session of this.sessions) session.fail(error);
  }

  /** Resolves when no session is open. */
  async idle(): Promise<void> {
    while (this.#sessions.size > 0) await Promise.all(this.sessions.map(session => session.ended));
  }

  /** One that has ended is no longer in the way, though it leaves the map only after this turn's code. */
  #isOpen(id: string): boolean {
    return this.#sessions.get(id)?.isOpen ?? false;
  }

  async #run(session: Session, data: unknown, facts: RequestFacts): Promise<void> {
    try {
      const request = checkRequest(data);
      facts.action = request.action;
      if ('model' in request.data) facts.model = request.data.model;
      // The check above ties the data to its action; the compiler cannot follow that through the table.
      const handler = this.#actions[request.action] as (request: unknown, session: Session) => Promise<void>;
      await handler(request.data, session);
      session.end();
    } catch (thrown) {
      const error = this.#wireError(thrown);
      if (error instanceof InternalError) this.#log.error({ err: thrown, ...facts }, 'A handler failed.');
      else if (session.isOpen) this.#logFailure(error, facts);
      session.fail(error);
    }
  }

  /** Not its message, which may repeat a prompt: but for debugging. */
  #logFailure(error: InvokeError, facts: RequestFacts): void {
    const { errorType, message, cause, logged } = error;
    if (logged !== undefined || cause !== undefined) {
      const told = { ...facts, status: errorType, length: message.length };
      this.#log.warn(told, logged ?? 'The request failed.');
    }
    this.#log.debug(facts, message);
  }

  #logEnd(session: Session, facts: RequestFacts): void {
    const { messages, bytes, firstMs } = session;
    this.#log.debug(
      {
        ...facts,
        status: session.failure?.errorType ?? 'ok',
        firstMs: firstMs === undefined ? undefined : Math.round(firstMs),
        ms: Math.round(performance.now() - session.startedAt),
        chunks: messages,
        bytes,
      },
      'request finished',
    );
  }

  #wireError(thrown: unknown): InvokeError {
    if (thrown instanceof LineTooLongError) {
      return new InvokeBadRequestError(
        `The answer does not fit into one message to Dify: ${thrown.bytes} of at most ${thrown.limit} bytes. Ask for less at once.`,
      );
    }
    return toInvokeError(this.#translate(thrown));
  }

  #refuseUnreadable(line: Buffer, writer: LineWriter, what: string): void {
    this.#log.warn(`A line of the host ${what}; it was skipped.`);
    const id = sessionIdIn(line.toString('utf8', 0, 4096));
    if (id === undefined || this.#isOpen(id)) return;
    new Session(id, writer).fail(
      new InvokeBadRequestError(`The request ${what}, so it was not carried out.`),
    );
  }
}
