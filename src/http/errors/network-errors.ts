import { textOf } from '../../text/text-of.ts';
import { EndlessResponseError } from '../connection/connection.ts';
import { isLoopback } from '../loopback.ts';
import type { HttpResponse } from '../response/http-response.ts';
import type { ModelServer } from '../server.ts';
import { ServerError } from './errors.ts';
import { errorCode, type NetworkFailure, networkFailureOf } from './network-failure.ts';

/** The longest that connecting may take, in ms; less where the longest silence is less. */
export const LONGEST_CONNECT_MS = 10_000;

/** The longest that a whole answer may take to come, in ms, unless the longest silence is longer. */
const LONGEST_WHOLE_MS = 600_000;

/** How long a whole answer of a server may take to come, in ms. */
export function longestWholeMs({ timeoutMs }: ModelServer): number {
  return Math.max(LONGEST_WHOLE_MS, timeoutMs);
}

const SHOWN_OF_AN_ERROR = 200;

/** Failures that may pass. */
const RETRYABLE: ReadonlySet<NetworkFailure> = new Set([
  'dns',
  'refused',
  'connect-timeout',
  'no-route',
  'too-many-open',
  'closed',
]);

const OF_TLS: ReadonlySet<NetworkFailure> = new Set([
  'certificate-name',
  'certificate-time',
  'certificate-untrusted',
  'no-tls',
  'tls',
]);

/**
 * A request that got no head of an answer.
 * @param isSent whether it was written, in part at least: then the server may have worked on it, and only what changes
 *   nothing may be sent again
 */
export function errorBeforeResponse(
  server: ModelServer,
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: string },
  error: unknown,
  isSent: boolean,
): ServerError {
  const request = { server, path, url: `${server.url}${path}` };
  const { url } = request;
  if (errorCode(error) === 'UND_ERR_HEADERS_TIMEOUT') return silence(request, error);
  if (error instanceof EndlessResponseError) return endless(request, error);
  const failure = networkFailureOf(error);
  if (isSent && method === 'POST' && RETRYABLE.has(failure)) return brokenOff(request, error);
  const proxy = proxyOf(server, error);
  const code = codeOf(failure, server, proxy);
  const { hostname } = server;
  return new ServerError(code, server, whatHappened(code, { url, hostname, proxy, server, error }), {
    path,
    isRetryable: RETRYABLE.has(failure),
    loopback: isLoopback(hostname) ? hostname : undefined,
    cause: error,
  });
}

function codeOf(failure: NetworkFailure, server: ModelServer, proxy: string | undefined): NetworkFailure {
  // A server without TLS has no certificate either: then it is that of the proxy.
  if (server.protocol === 'http:' && OF_TLS.has(failure)) return 'proxy';
  return failure === 'refused' && proxy !== undefined ? 'proxy-refused' : failure;
}

/** What is known of a connection that came to nothing. */
interface Attempt {
  readonly url: string;
  readonly hostname: string;
  readonly proxy: string | undefined;
  readonly server: ModelServer;
  readonly error: unknown;
}

function whatHappened(failure: NetworkFailure, { url, hostname, proxy, server, error }: Attempt): string {
  const code = errorCode(error);
  const reason = code || server.gate.quote(firstLine(error), SHOWN_OF_AN_ERROR);
  switch (failure) {
    case 'dns':
      return `The name of ${proxy ?? hostname} cannot be resolved (${code}), asked for ${url}`;
    case 'refused':
      return `Nothing listens at ${url} (connection refused)`;
    case 'proxy-refused':
      return `Nothing listens at ${proxy} (connection refused), asked for ${url}`;
    case 'connect-timeout':
      return `No connection to ${url} within ${seconds(Math.min(server.timeoutMs, LONGEST_CONNECT_MS))}`;
    case 'no-route':
      return `There is no way to ${proxy ?? url} (${code})`;
    case 'too-many-open':
      return `No connection to ${url}: the plugin has too many open (${code})`;
    case 'closed':
      return `The connection to ${url} was closed before an answer came (${code})`;
    case 'certificate-name':
      return `The certificate of ${url} is for another name (${code})`;
    case 'certificate-time':
      return `The certificate of ${url} is not valid today (${code})`;
    case 'certificate-untrusted':
      return `The certificate of ${url} is not trusted (${code})`;
    case 'no-tls':
      return `${url} does not speak TLS`;
    case 'tls':
      return `No TLS connection to ${url} (${code})`;
    case 'no-http':
      return `What answers at ${url} does not speak HTTP (${reason})`;
    case 'proxy-url':
      return `The request to ${url} could not be sent: HTTP_PROXY or HTTPS_PROXY of the plugin's environment is not a URL`;
    case 'proxy':
      return `The proxy does not let the request to ${url} through (${server.gate.quote(firstLine(error), SHOWN_OF_AN_ERROR)})`;
    case 'network':
      return `The request to ${url} failed: ${reason}`;
  }
}

/** An answer that stopped in the middle. Nothing is retried then: text may have gone out already. */
export function errorInResponse(response: HttpResponse, error: unknown): ServerError {
  const { server, path, url, status } = response;
  if (error instanceof ServerError) return error;
  const code = errorCode(error);
  if (code === 'UND_ERR_BODY_TIMEOUT') return silence(response, error);
  if (error instanceof EndlessResponseError) return endless(response, error);
  const reason = code || server.gate.quote(firstLine(error), SHOWN_OF_AN_ERROR);
  return new ServerError('broke-off', server, `The answer of ${url} broke off in the middle (${reason})`, {
    status,
    path,
    cause: error,
  });
}

/** What reading a body throws: the signal's reason where it has aborted, else the error that says what broke it off. */
export function bodyError(response: HttpResponse, error: unknown, signal: AbortSignal): unknown {
  return signal.aborted ? signal.reason : errorInResponse(response, error);
}

/** A request, as far as its failure tells of it. */
type Request = Pick<HttpResponse, 'server' | 'path' | 'url'>;

/** Whatever the system calls it (a network that went away says so of a connection that stood, too). */
function brokenOff({ server, path, url }: Request, cause: unknown): ServerError {
  const happened = `${url} broke off before an answer came (${errorCode(cause)}), and may have worked on the request: it was not sent again`;
  return new ServerError('may-have-worked', server, happened, { path, cause });
}

function silence({ server, path, url }: Request, cause: unknown): ServerError {
  const happened = `No answer from ${url} for ${seconds(server.timeoutMs)}`;
  return new ServerError('silent', server, happened, { path, cause });
}

function endless({ server, path, url }: Request, cause: unknown): ServerError {
  const happened = `The answer of ${url} was not whole within ${seconds(longestWholeMs(server))}, though bytes of it came`;
  return new ServerError('endless', server, happened, { path, cause });
}

/** Where connecting failed, when that was not at the server itself: then a proxy of the environment stands between. */
function proxyOf(server: ModelServer, error: unknown): string | undefined {
  const { hostname, port, protocol } = server;
  const failed = error as { hostname?: unknown; address?: unknown; port?: unknown };
  if (typeof failed.hostname === 'string') {
    return failed.hostname === hostname ? undefined : `the proxy ${failed.hostname}`;
  }
  const expected = Number(port || (protocol === 'https:' ? 443 : 80));
  if (typeof failed.port !== 'number' || failed.port === expected) return undefined;
  return `the proxy ${textOf(failed.address, 100)}:${failed.port}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function firstLine(error: unknown): string {
  return textOf(error).split('\n', 1)[0] ?? '';
}
