import { XinferenceError } from './errors.ts';
import type { XinferenceServer } from './server.ts';

const RESET = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED', 'UND_ERR_DESTROYED']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'EINVAL']);
const CONNECT_TIMEOUT = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);
const TLS =
  /^(?:CERT_|ERR_TLS|ERR_SSL|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH|INVALID_CA|CRL_|UNSUPPORTED_CERT)/;

/** The code of a failed connection; where several addresses were tried, that of the first. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error.cause === undefined ? '' : errorCode(error.cause);
}

/** A request that got no head of an answer. */
export function errorBeforeAnswer(server: XinferenceServer, path: string, error: unknown): XinferenceError {
  const code = errorCode(error);
  const at = `${server.url}${path}`;
  const { hostname, protocol } = new URL(server.url);
  const failed = (message: string, isRetryable: boolean, kind: 'connection' | 'timeout' = 'connection') =>
    new XinferenceError(kind, message, { isRetryable, cause: error });
  const container = isLoopback(hostname)
    ? ` Inside a container ${hostname} is the container itself: use the address that the machine has in the network, or host.docker.internal.`
    : '';

  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return failed(
      `The name ${hostname} of ${at} cannot be resolved. Check the server URL and the DNS of the Dify machine.`,
      true,
    );
  }
  if (code === 'ECONNREFUSED') {
    return failed(
      `Nothing listens at ${at} (connection refused). Check that Xinference runs there, with --host 0.0.0.0 to be reachable from elsewhere.${container}`,
      true,
    );
  }
  if (CONNECT_TIMEOUT.has(code)) {
    return failed(
      `No connection to ${at} within ${seconds(Math.min(server.timeoutMs, 10_000))}. Check the server URL and the firewalls between Dify and Xinference.${container}`,
      true,
    );
  }
  if (UNREACHABLE.has(code)) {
    return failed(
      `There is no route to ${at} (${code}). Check the server URL and the network of the Dify machine.`,
      true,
    );
  }
  if (TLS.test(code)) {
    const wrongScheme = /wrong version number|packet length too long/i.test(String(error));
    return failed(
      wrongScheme
        ? `${at} does not speak TLS. Use http:// instead of ${protocol}//.`
        : `The certificate of ${at} is not accepted (${code}). Set NODE_EXTRA_CA_CERTS to your authority's certificate on the Dify machine, or set "verify TLS" to "no" for this model.`,
      false,
    );
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return silence(server, path, error);
  if (RESET.has(code)) {
    return failed(
      `The connection to ${at} was closed before an answer came (${code}). The server may be restarting, or a proxy in front of it gave up. Try again.`,
      true,
    );
  }
  return failed(
    `The request to ${at} failed: ${code || String(error)}. Check the server URL and Xinference's log.`,
    false,
  );
}

/** An answer that stopped in the middle. Nothing is retried then: text may have gone out already. */
export function errorInAnswer(server: XinferenceServer, path: string, error: unknown): XinferenceError {
  if (error instanceof XinferenceError) return error;
  const code = errorCode(error);
  if (code === 'UND_ERR_BODY_TIMEOUT') return silence(server, path, error);
  return new XinferenceError(
    'broken-answer',
    `The answer of ${server.url}${path} broke off in the middle (${code || String(error)}). The model may have crashed: look into Xinference's log, and try again.`,
    { cause: error },
  );
}

function silence(server: XinferenceServer, path: string, cause: unknown): XinferenceError {
  return new XinferenceError(
    'timeout',
    `No answer from ${server.url}${path} for ${seconds(server.timeoutMs)}. The model may be overloaded or stuck; ` +
      'for long prompts on slow machines raise the invoke timeout in the credentials.',
    { cause },
  );
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
