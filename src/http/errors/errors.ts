import { Gate } from '../../text/gate.ts';
import { NETWORK_FAILURES } from './network-failure.ts';
import { ServerWords } from './server-words.ts';

/**
 * What went wrong: all that anybody behind the client decides by. Whoever shows it to a user adds what to try.
 * - those of {@link NETWORK_FAILURES}: no answer came, and why
 * - `may-have-worked`: no answer came to a request that was sent, and is not sent again
 * - `silent`: nothing came for too long; `endless`: an answer came for too long; `broke-off`: an answer ended before it was finished
 * - `key-missing`, `key-refused`, `access-denied`; `banned`: the address, after wrong keys
 * - `rate-limited`, `loading`, `unavailable`, `model-failed`, `server-failed`: it cannot serve now
 * - `path-unknown`, `model-unknown`, `model-not-running`, `redirect`, `too-large`, `request-refused`, `images-refused`,
 *   `status-4xx`, `status-5xx`: it will not serve this request
 * - `web-page`, `page-as-answer`, `no-answer`, `no-stream`: something else answers, or something between
 * - `broken-answer`, `not-a-number`, `too-long`, `too-many-numbers`, `uneven-embeddings`, `endless-calls`, `abandoned`, `filtered`,
 *   `no-sound`: an answer that cannot be used
 */
export const FAILURE_CODES = [
  ...NETWORK_FAILURES,
  'may-have-worked',
  'silent',
  'endless',
  'broke-off',
  'key-missing',
  'key-refused',
  'access-denied',
  'banned',
  'rate-limited',
  'loading',
  'unavailable',
  'model-failed',
  'server-failed',
  'path-unknown',
  'model-unknown',
  'model-not-running',
  'redirect',
  'too-large',
  'request-refused',
  'images-refused',
  'status-4xx',
  'status-5xx',
  'web-page',
  'page-as-answer',
  'no-answer',
  'no-stream',
  'broken-answer',
  'not-a-number',
  'too-long',
  'too-many-numbers',
  'uneven-embeddings',
  'endless-calls',
  'abandoned',
  'filtered',
  'no-sound',
] as const;

export type FailureCode = (typeof FAILURE_CODES)[number];

/** What is known of a failure besides its code and what happened. */
export interface FailureDetails {
  /** HTTP status, when one came. */
  readonly status?: number | undefined;
  /** Below the server's base URL. */
  readonly path?: string;
  readonly said?: ServerWords;
  /** Whether the same request may go through later. */
  readonly isRetryable?: boolean;
  readonly retryAfterMs?: number | undefined;
  /** The server's host, where that is a machine's name for itself. */
  readonly loopback?: string | undefined;
  /** The server URL that a redirect asks for, where it leads to the same path. */
  readonly elsewhere?: string | undefined;
  /** What else is known of it, in a sentence of ours. */
  readonly more?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A request to a server failed. The message says what happened and where, and what the server said of it, as its gate lets
 * it be shown; what to try is not in it.
 */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly code: FailureCode;
  /** What happened and where, without the server's words: they may repeat a request, which is nothing for a log. */
  readonly happened: string;
  readonly said: ServerWords;
  readonly status: number | undefined;
  readonly path: string;
  /** Decided where the failure is seen. */
  readonly isRetryable: boolean;
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;
  readonly loopback: string | undefined;
  readonly elsewhere: string | undefined;

  /**
   * @param server whose gate what happened passes
   * @param happened a sentence without its full stop
   */
  constructor(
    code: FailureCode,
    { gate }: { readonly gate: Gate },
    happened: string,
    details: FailureDetails = {},
  ) {
    const { said = ServerWords.NONE, retryAfterMs, cause } = details;
    const wait =
      retryAfterMs === undefined ? '' : ` It asks to be tried again in ${Math.ceil(retryAfterMs / 1000)} s.`;
    const passed = gate.pass(happened);
    super(
      `${passed}.${said.sentence}${wait}${details.more === undefined ? '' : ` ${details.more}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.code = code;
    this.happened = passed;
    this.said = said;
    this.status = details.status;
    this.path = details.path ?? '';
    this.isRetryable = details.isRetryable ?? false;
    this.retryAfterMs = retryAfterMs;
    this.loopback = details.loopback;
    this.elsewhere = details.elsewhere;
  }

  /** For a log: what happened, and how much the server said of it. */
  get logged(): string {
    const said = this.said.length === 0 ? '' : ` The server said ${this.said.length} characters.`;
    return `${this.happened} (${this.code}).${said}`;
  }

  /**
   * The same failure, of which more is known.
   * @param more a sentence of ours
   */
  explained({
    code = this.code,
    more,
  }: {
    readonly code?: FailureCode;
    readonly more?: string;
  }): ServerError {
    const { happened } = this;
    return new ServerError(code, { gate: new Gate() }, happened, { ...this, cause: this.cause, more });
  }
}
