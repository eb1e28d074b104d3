import {
  InvokeAuthorizationError,
  InvokeBadRequestError,
  InvokeConnectionError,
  type InvokeError,
  InvokeRateLimitError,
  InvokeServerUnavailableError,
} from '../../src/dify/index.ts';
import type { FailureCode, ServerError } from '../../src/http/errors/errors.ts';

/** A class of errors that Dify knows. */
export type InvokeErrorClass = new (
  message: string,
  options: { readonly cause: unknown; readonly logged: string },
) => InvokeError;

/** Dify's load balancing switches to another credential on connection, rate limit and authorization errors. */
const CLASS_OF: Readonly<Record<FailureCode, InvokeErrorClass>> = {
  dns: InvokeConnectionError,
  refused: InvokeConnectionError,
  'proxy-refused': InvokeConnectionError,
  'connect-timeout': InvokeConnectionError,
  'no-route': InvokeConnectionError,
  'too-many-open': InvokeConnectionError,
  closed: InvokeConnectionError,
  'certificate-name': InvokeConnectionError,
  'certificate-time': InvokeConnectionError,
  'certificate-untrusted': InvokeConnectionError,
  'no-tls': InvokeConnectionError,
  tls: InvokeConnectionError,
  'no-http': InvokeConnectionError,
  'proxy-url': InvokeConnectionError,
  proxy: InvokeConnectionError,
  network: InvokeConnectionError,
  'may-have-worked': InvokeConnectionError,
  silent: InvokeConnectionError,
  endless: InvokeConnectionError,
  'broke-off': InvokeServerUnavailableError,
  'key-missing': InvokeAuthorizationError,
  'key-refused': InvokeAuthorizationError,
  'access-denied': InvokeAuthorizationError,
  banned: InvokeRateLimitError,
  'rate-limited': InvokeRateLimitError,
  loading: InvokeServerUnavailableError,
  unavailable: InvokeServerUnavailableError,
  'model-failed': InvokeServerUnavailableError,
  'server-failed': InvokeServerUnavailableError,
  'path-unknown': InvokeBadRequestError,
  'model-unknown': InvokeBadRequestError,
  'model-not-running': InvokeBadRequestError,
  redirect: InvokeBadRequestError,
  'too-large': InvokeBadRequestError,
  'request-refused': InvokeBadRequestError,
  'images-refused': InvokeBadRequestError,
  'status-4xx': InvokeBadRequestError,
  'status-5xx': InvokeServerUnavailableError,
  'web-page': InvokeBadRequestError,
  'page-as-answer': InvokeServerUnavailableError,
  'no-answer': InvokeServerUnavailableError,
  'no-stream': InvokeServerUnavailableError,
  'broken-answer': InvokeServerUnavailableError,
  'not-a-number': InvokeServerUnavailableError,
  'too-long': InvokeServerUnavailableError,
  'too-many-numbers': InvokeServerUnavailableError,
  'uneven-embeddings': InvokeServerUnavailableError,
  'endless-calls': InvokeServerUnavailableError,
  abandoned: InvokeServerUnavailableError,
  filtered: InvokeBadRequestError,
  'no-sound': InvokeServerUnavailableError,
};

/** A failure of a server in Dify's terms. @param advice what to try */
export function invokeErrorFrom(error: ServerError, advice: string): InvokeError {
  return new CLASS_OF[error.code](`${error.message} ${advice}`, { cause: error, logged: error.logged });
}
