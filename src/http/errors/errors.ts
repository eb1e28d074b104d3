import type { NetworkFailure } from './network-failure.ts';

/**
 * What went wrong, in terms of what a caller can do about it:
 * - `connection`: not reached, or lost before it answered; `timeout`: silent for too long
 * - `unauthorized`: the key is refused; `banned`: the address is locked out after wrong keys
 * - `rate-limited`, `loading`, `unavailable`: it cannot serve now
 * - `not-found`, `bad-request`: it will not serve this request
 * - `broken-answer`: what came back is not an answer of Xinference, or only part of one
 */
export type FailureKind =
  | 'connection'
  | 'timeout'
  | 'unauthorized'
  | 'banned'
  | 'rate-limited'
  | 'loading'
  | 'unavailable'
  | 'not-found'
  | 'bad-request'
  | 'broken-answer';

/** A request to the server failed. The message is for the user: what happened, where, and what to try; no secrets. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
  readonly kind: FailureKind;
  /** What the network did, where no answer came because of it. */
  readonly networkFailure: NetworkFailure | undefined;
  /** HTTP status, when one came. */
  readonly status: number | undefined;
  /** What the server said about it, cleaned; empty when it said nothing. */
  readonly serverText: string;
  /** Whether the same request may go through later. Decided where the failure is seen. */
  readonly isRetryable: boolean;
  /** How long the server asks to wait, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(
    kind: FailureKind,
    message: string,
    details: {
      networkFailure?: NetworkFailure | undefined;
      status?: number | undefined;
      serverText?: string;
      isRetryable?: boolean;
      retryAfterMs?: number | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.networkFailure = details.networkFailure;
    this.status = details.status;
    this.serverText = details.serverText ?? '';
    this.isRetryable = details.isRetryable ?? false;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The same failure, of which more is known. */
  explained(more: string): ServerError {
    return new ServerError(this.kind, `${this.message} ${more}`, { ...this, cause: this.cause });
  }
}
