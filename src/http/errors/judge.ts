import type { FailureCode } from './errors.ts';
import type { ServerWords, TextCleaner } from './server-words.ts';

/** What happened, for each failure that a server tells itself, by a status or within a stream. */
export const HAPPENED = {
  'key-missing': 'The server demands an API key',
  'key-refused': 'The server refuses the API key',
  'access-denied': 'Access is denied',
  banned: 'The server has locked this address out after too many wrong keys',
  'rate-limited': 'The server has more requests than it takes',
  loading: 'The model is still loading',
  unavailable: 'The server cannot answer now',
  'model-failed': 'The model failed',
  'server-failed': 'The server failed',
  'path-unknown': 'The server does not know this path',
  'model-unknown': 'The server does not know this model',
  redirect: 'The server redirects',
  'too-large': 'The request is too large',
  'request-refused': 'The server refuses the request',
  'status-4xx': 'The server answers with a status that it should not',
  'status-5xx': 'The server answers with a status that it should not',
  'web-page': 'A web page answers',
} as const satisfies Partial<Record<FailureCode, string>>;

/** The code of a failure that a server tells itself. */
export type ToldFailure = keyof typeof HAPPENED;

/** A response that is not a success. */
export interface FailedResponse {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Where it redirects to. */
  readonly location?: string | undefined;
  /** The start of the body; an error body is not read beyond 64 KiB. */
  readonly body: string;
}

/**
 * What a kind of server means by a failure, beyond what HTTP says of it; undefined: no more than that. Handed to the client
 * when it is made.
 */
export interface Judge extends TextCleaner {
  /** @param said what its body says */
  ofResponse(response: FailedResponse, said: ServerWords): ToldFailure | undefined;
}

/** Takes every failure for what HTTP says of it. */
export const plainJudge: Judge = { ofResponse: () => undefined, clean: text => text };
