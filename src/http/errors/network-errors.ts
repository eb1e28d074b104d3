import { EndlessAnswerError } from '../connection/connection.ts';
import { isLoopback } from '../loopback.ts';
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
export function errorBeforeAnswer(
  server: ModelServer,
  { method, path }: { readonly method: 'GET' | 'POST'; readonly path: string },
  error: unknown,
  isSent: boolean,
): ServerError {
  if (errorCode(error) === 'UND_ERR_HEADERS_TIMEOUT') return silence(server, path, error);
  if (error instanceof EndlessAnswerError) return endless(server, path, error);
  const failure = networkFailureOf(error);
  if (isSent && method === 'POST' && RETRYABLE.has(failure)) return brokenOff(server, path, error);
  // A server without TLS has no certificate either: then it is that of the proxy.
  const networkFailure = server.url.startsWith('http:') && OF_TLS.has(failure) ? 'proxy' : failure;
  const kind = networkFailure === 'connect-timeout' ? 'timeout' : 'connection';
  return new ServerError(kind, messageFor(networkFailure, server, path, error), {
    networkFailure,
    isRetryable: RETRYABLE.has(networkFailure),
    cause: error,
  });
}

/** Whatever the system calls it (a network that went away says so of a connection that stood, too). */
function brokenOff(server: ModelServer, path: string, error: unknown): ServerError {
  return new ServerError(
    'connection',
    `${server.url}${path} broke off before an answer came (${errorCode(error)}), and may have worked on the request: it was not sent again. The model may have crashed: look into Xinference's log, and try again.`,
    { networkFailure: 'closed', cause: error },
  );
}

function messageFor(failure: NetworkFailure, server: ModelServer, path: string, error: unknown): string {
  const at = `${server.url}${path}`;
  const code = errorCode(error);
  const { hostname } = new URL(server.url);
  const proxy = proxyOf(server, error);
  const container = isLoopback(hostname)
    ? ` Inside a container ${hostname} is the container itself: use the address that the machine has in the network, or host.docker.internal.`
    : '';
  switch (failure) {
    case 'dns':
      return `The name of ${proxy ?? hostname} cannot be resolved (${code}), asked for ${at}. Check the server URL and the DNS of the Dify machine.`;
    case 'refused':
      return proxy
        ? `Nothing listens at ${proxy} (connection refused), asked for ${at}. Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the plugin's environment.`
        : `Nothing listens at ${at} (connection refused). Check that Xinference runs there, with --host 0.0.0.0 to be reachable from elsewhere.${container}`;
    case 'connect-timeout': {
      const within = seconds(Math.min(server.timeoutMs, LONGEST_CONNECT_MS));
      return `No connection to ${at} within ${within}. Check the server URL, and the firewalls and proxies between Dify and Xinference.${container}`;
    }
    case 'no-route':
      return `There is no way to ${proxy ?? at} (${code}). Check the server URL and the network of the Dify machine.`;
    case 'too-many-open':
      return `No connection to ${at}: the plugin has too many open (${code}). Try again, or raise the limit of open files of the plugin daemon.`;
    case 'closed':
      return `The connection to ${at} was closed before an answer came (${code}). The server may be restarting, or a proxy in front of it gave up. Try again.`;
    case 'certificate-name':
      return `The certificate of ${at} is for another name (${code}). Use the name that stands in it, or set "Check the server's certificate" to "No" for this model.`;
    case 'certificate-time':
      return `The certificate of ${at} is not valid today (${code}). Renew it, and check the clock of the Dify machine.`;
    case 'certificate-untrusted':
      return `The certificate of ${at} is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to your authority's certificate on the Dify machine, or set "Check the server's certificate" to "No" for this model.`;
    case 'no-tls':
      return `${at} does not speak TLS. Use http:// instead of https://.`;
    case 'tls':
      return `No TLS connection to ${at} (${code}). Check the server URL and the TLS settings of what answers there.`;
    case 'no-http':
      return `What answers at ${at} does not speak HTTP (${code || firstLine(error)}). Check the port, and whether it wants https:// instead of http://.`;
    case 'proxy-url':
      return `The request to ${at} could not be sent: HTTP_PROXY or HTTPS_PROXY of the plugin's environment is not a URL. Write it as http://host:port.`;
    case 'proxy':
      return `The proxy does not let the request to ${at} through (${firstLine(error)}). Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the plugin's environment.`;
    case 'unknown':
      return `The request to ${at} failed: ${code || firstLine(error)}. Check the server URL and Xinference's log.`;
  }
}

/** An answer that stopped in the middle. Nothing is retried then: text may have gone out already. */
export function errorInAnswer(server: ModelServer, path: string, error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  const code = errorCode(error);
  if (code === 'UND_ERR_BODY_TIMEOUT') return silence(server, path, error);
  if (error instanceof EndlessAnswerError) return endless(server, path, error);
  return new ServerError(
    'broken-answer',
    `The answer of ${server.url}${path} broke off in the middle (${code || firstLine(error)}). The model may have crashed: look into Xinference's log, and try again.`,
    { cause: error },
  );
}

function silence(server: ModelServer, path: string, cause: unknown): ServerError {
  return new ServerError(
    'timeout',
    `No answer from ${server.url}${path} for ${seconds(server.timeoutMs)}. The model may be overloaded or stuck; ` +
      'for long prompts on slow machines raise "Timeout in seconds" in the credentials.',
    { cause },
  );
}

function endless(server: ModelServer, path: string, cause: unknown): ServerError {
  return new ServerError(
    'timeout',
    `The answer of ${server.url}${path} was not whole within ${seconds(longestWholeMs(server))}, though bytes of it came. ` +
      'The model may be overloaded: ask for less at once, or raise "Timeout in seconds" in the credentials.',
    { cause },
  );
}

/** Where connecting failed, when that was not at the server itself: then a proxy of the environment stands between. */
function proxyOf(server: ModelServer, error: unknown): string | undefined {
  const { hostname, port, protocol } = new URL(server.url);
  const failed = error as { hostname?: unknown; address?: unknown; port?: unknown };
  if (typeof failed.hostname === 'string') {
    return failed.hostname === hostname ? undefined : `the proxy ${failed.hostname}`;
  }
  const expected = Number(port || (protocol === 'https:' ? 443 : 80));
  if (typeof failed.port !== 'number' || failed.port === expected) return undefined;
  return `the proxy ${String(failed.address)}:${failed.port}`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
}
