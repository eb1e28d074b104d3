import { type FailureKind, XinferenceError } from './errors.ts';
import type { XinferenceServer } from './server.ts';

/** The longest that connecting may take, in ms; less where the longest silence is less. */
export const LONGEST_CONNECT_MS = 10_000;

const RESOLVE = /^(?:ENOTFOUND|EAI_)/;
const RESET = /^(?:ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_(?:SOCKET|CLOSED|DESTROYED|PRX_CONN))$/;
const UNREACHABLE = /^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EINVAL)$/;
const CONNECT_TIMEOUT = /^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/;
const WRONG_NAME = /^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/;
const WRONG_TIME = /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/;
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA|CRL_)/;
const TLS = /^(?:ERR_TLS|ERR_SSL|EPROTO|UND_ERR_PRX_TLS)/;

/** The code of a failure; where several addresses were tried, that of the first. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error.cause === undefined ? '' : errorCode(error.cause);
}

/** Whether a connection was lost, where it had been made. */
export function isLostConnection(error: unknown): boolean {
  return RESET.test(errorCode(error));
}

/** A request that got no head of an answer. */
export function errorBeforeAnswer(server: XinferenceServer, path: string, error: unknown): XinferenceError {
  const code = errorCode(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return silence(server, path, error);
  const { message, retry = false, kind = 'connection' } = judge(server, `${server.url}${path}`, code, error);
  return new XinferenceError(kind, message, { isRetryable: retry, cause: error });
}

interface Verdict {
  readonly message: string;
  readonly retry?: boolean;
  readonly kind?: FailureKind;
}

function judge(server: XinferenceServer, at: string, code: string, error: unknown): Verdict {
  const { hostname } = new URL(server.url);
  const proxy = proxyOf(server, error);
  const container = isLoopback(hostname)
    ? ` Inside a container ${hostname} is the container itself: use the address that the machine has in the network, or host.docker.internal.`
    : '';

  if (RESOLVE.test(code)) {
    return {
      message: `The name of ${proxy ?? hostname} cannot be resolved (${code}), asked for ${at}. Check the server URL and the DNS of the Dify machine.`,
      retry: true,
    };
  }
  if (code === 'ECONNREFUSED') {
    return {
      message: proxy
        ? `Nothing listens at ${proxy} (connection refused), asked for ${at}. Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the plugin's environment.`
        : `Nothing listens at ${at} (connection refused). Check that Xinference runs there, with --host 0.0.0.0 to be reachable from elsewhere.${container}`,
      retry: true,
    };
  }
  if (CONNECT_TIMEOUT.test(code)) {
    const within = seconds(Math.min(server.timeoutMs, LONGEST_CONNECT_MS));
    return {
      message: `No connection to ${at} within ${within}. Check the server URL, and the firewalls and proxies between Dify and Xinference.${container}`,
      retry: true,
      kind: 'timeout',
    };
  }
  if (UNREACHABLE.test(code)) {
    return {
      message: `There is no way to ${proxy ?? at} (${code}). Check the server URL and the network of the Dify machine.`,
      retry: true,
    };
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return {
      message: `No connection to ${at}: the plugin has too many open (${code}). Try again, or raise the limit of open files of the plugin daemon.`,
      retry: true,
    };
  }
  if (RESET.test(code)) {
    return {
      message: `The connection to ${at} was closed before an answer came (${code}). The server may be restarting, or a proxy in front of it gave up. Try again.`,
      retry: true,
    };
  }
  if (WRONG_NAME.test(code)) {
    return {
      message: `The certificate of ${at} is for another name (${code}). Use the name that stands in it, or set "Check the server's certificate" to "No" for this model.`,
    };
  }
  if (WRONG_TIME.test(code)) {
    return {
      message: `The certificate of ${at} is not valid today (${code}). Renew it, and check the clock of the Dify machine.`,
    };
  }
  if (UNTRUSTED.test(code)) {
    return {
      message: `The certificate of ${at} is not trusted (${code}). Set NODE_EXTRA_CA_CERTS to your authority's certificate on the Dify machine, or set "Check the server's certificate" to "No" for this model.`,
    };
  }
  if (TLS.test(code)) {
    return {
      message: /wrong version number|packet length too long/i.test(String(error))
        ? `${at} does not speak TLS. Use http:// instead of https://.`
        : `No TLS connection to ${at} (${code}). Check the server URL and the TLS settings of what answers there.`,
    };
  }
  // undici gives the parser's own code to some of these errors only.
  if (code.startsWith('HPE_') || (error instanceof Error && error.name === 'HTTPParserError')) {
    return {
      message: `What answers at ${at} does not speak HTTP (${code || firstLine(error)}). Check the port, and whether it wants https:// instead of http://.`,
    };
  }
  if (code === 'ERR_INVALID_URL') {
    return {
      message: `The request to ${at} could not be sent: HTTP_PROXY or HTTPS_PROXY of the plugin's environment is not a URL. Write it as http://host:port.`,
    };
  }
  if (/proxy/i.test(String(error))) {
    return {
      message: `The proxy does not let the request to ${at} through (${firstLine(error)}). Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the plugin's environment.`,
    };
  }
  return {
    message: `The request to ${at} failed: ${code || firstLine(error)}. Check the server URL and Xinference's log.`,
  };
}

/** An answer that stopped in the middle. Nothing is retried then: text may have gone out already. */
export function errorInAnswer(server: XinferenceServer, path: string, error: unknown): XinferenceError {
  if (error instanceof XinferenceError) return error;
  const code = errorCode(error);
  if (code === 'UND_ERR_BODY_TIMEOUT') return silence(server, path, error);
  return new XinferenceError(
    'broken-answer',
    `The answer of ${server.url}${path} broke off in the middle (${code || firstLine(error)}). The model may have crashed: look into Xinference's log, and try again.`,
    { cause: error },
  );
}

function silence(server: XinferenceServer, path: string, cause: unknown): XinferenceError {
  return new XinferenceError(
    'timeout',
    `No answer from ${server.url}${path} for ${seconds(server.timeoutMs)}. The model may be overloaded or stuck; ` +
      'for long prompts on slow machines raise "Timeout in seconds" in the credentials.',
    { cause },
  );
}

/** Where connecting failed, when that was not at the server itself: then a proxy of the environment stands between. */
function proxyOf(server: XinferenceServer, error: unknown): string | undefined {
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

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}
