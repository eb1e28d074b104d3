import { textOf } from '../../text/text-of.ts';

/** Why a request got no head of an answer, where the network or what stands in it is the reason. */
export const NETWORK_FAILURES = [
  'dns',
  'refused',
  'proxy-refused',
  'connect-timeout',
  'no-route',
  'too-many-open',
  'closed',
  'certificate-name',
  'certificate-time',
  'certificate-untrusted',
  'no-tls',
  'tls',
  'no-http',
  'proxy-url',
  'proxy',
  'network',
] as const;

export type NetworkFailure = (typeof NETWORK_FAILURES)[number];

/** By the codes of the system, of OpenSSL, of undici and of its parser; the first that fits. */
const CODES: readonly (readonly [RegExp, NetworkFailure])[] = [
  [/^(?:ENOTFOUND|EAI_)/, 'dns'],
  [/^ECONNREFUSED$/, 'refused'],
  [/^(?:UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT)$/, 'connect-timeout'],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL|EACCES|EPERM|EINVAL)$/, 'no-route'],
  [/^E[MN]FILE$/, 'too-many-open'],
  [/^(?:ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_(?:SOCKET|CLOSED|DESTROYED|PRX_CONN))$/, 'closed'],
  [/^(?:ERR_TLS_CERT_ALTNAME_INVALID|HOSTNAME_MISMATCH)$/, 'certificate-name'],
  [/^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/, 'certificate-time'],
  [/^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|INVALID_CA|CRL_)/, 'certificate-untrusted'],
  [/^(?:ERR_TLS|ERR_SSL|EPROTO|UND_ERR_PRX_TLS)/, 'tls'],
  [/^HPE_/, 'no-http'],
  [/^ERR_INVALID_URL$/, 'proxy-url'], // the server's own URL was checked with the credentials
];

/** The code of a failure; where several addresses were tried, that of the first. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  if (error instanceof AggregateError && error.errors.length > 0) return errorCode(error.errors[0]);
  return error.cause === undefined ? '' : errorCode(error.cause);
}

/** @param error what undici or the system threw before the head of an answer came */
export function networkFailureOf(error: unknown): NetworkFailure {
  const code = errorCode(error);
  const [, failure] = CODES.find(([pattern]) => pattern.test(code)) ?? [];
  if (failure === 'tls' && /wrong version number|packet length too long/i.test(textOf(error)))
    return 'no-tls';
  if (failure !== undefined) return failure;
  if (error instanceof URIError) return 'proxy-url'; // a % in its password that begins no escape
  // undici gives the parser's own code to some of these errors only.
  if (error instanceof Error && error.name === 'HTTPParserError') return 'no-http';
  return /proxy/i.test(textOf(error)) ? 'proxy' : 'network';
}

/** Whether a connection was lost, where it had been made. */
export function isLostConnection(error: unknown): boolean {
  return networkFailureOf(error) === 'closed';
}
