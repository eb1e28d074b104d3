import type { ServerError } from '../http/errors/errors.ts';
import type { NetworkFailure } from '../http/errors/network-failure.ts';
import { isPageText } from '../http/errors/server-text.ts';
import { isLoopback } from '../http/loopback.ts';
import type { ModelServer } from '../http/server.ts';
import type { Problem, ProblemCode } from './report.ts';
import type { Surroundings } from './surroundings.ts';

/** What else is known where a server cannot be used. */
export interface Clues extends Surroundings {
  readonly server: ModelServer;
  /** Where a Xinference server answers in place of the address that was typed. */
  readonly foundAt: string | undefined;
}

/** Problems behind which an address may stand that was almost right. */
const MISTYPED: ReadonlySet<ProblemCode> = new Set([
  'closed',
  'no-http',
  'no-tls',
  'not-xinference',
  'redirect',
  'web-page',
  'wrong-path',
]);

/**
 * Why a server cannot be used, from the client's error and from what else is known.
 * @param findNearby looks for a Xinference server where the user may have meant it to be
 */
export async function problemOf(
  error: ServerError,
  clues: Omit<Clues, 'foundAt'>,
  findNearby: () => Promise<string | undefined>,
): Promise<Problem> {
  const code = codeOf(error, clues.server);
  const foundAt = MISTYPED.has(code) ? await findNearby() : undefined;
  return { code, message: error.message, hints: hintsFor(code, { ...clues, foundAt }) };
}

/** An answer without an error, and yet no list of Xinference's models. */
export function notXinference(clues: Omit<Clues, 'foundAt'>): Problem {
  const { url } = clues.server;
  return {
    code: 'not-xinference',
    message:
      `${url}/v1/models lists no model of Xinference, and ${url}/v1/cluster/auth does not answer as Xinference does: ` +
      "this is another server that speaks OpenAI's protocol. For that, Dify has the plugin OpenAI-API-compatible.",
    hints: hintsFor('not-xinference', { ...clues, foundAt: undefined }),
  };
}

function codeOf(error: ServerError, server: ModelServer): ProblemCode {
  if (error.networkFailure !== undefined) return NETWORK_CODES[error.networkFailure];
  switch (error.kind) {
    case 'timeout':
      return 'silent';
    case 'banned':
      return 'banned';
    case 'unauthorized':
      if (error.status === 403) return 'access-denied';
      return server.apiKey === undefined ? 'key-missing' : 'key-refused';
    case 'not-found':
      return isPageText(error.serverText) ? 'web-page' : 'wrong-path';
    case 'broken-answer':
      if (isPageText(error.serverText)) return 'web-page';
      return error.status === undefined && error.cause !== undefined ? 'closed' : 'not-xinference';
    default:
      if (error.status !== undefined && error.status >= 300 && error.status < 400) return 'redirect';
      // A proxy's page with such a status says that the server behind it is away.
      return isPageText(error.serverText) && (error.status ?? 0) < 500 ? 'web-page' : 'server-failure';
  }
}

const NETWORK_CODES: Readonly<Record<NetworkFailure, ProblemCode>> = {
  dns: 'dns',
  refused: 'refused',
  'connect-timeout': 'connect-timeout',
  'no-route': 'no-route',
  'too-many-open': 'closed',
  closed: 'closed',
  'certificate-name': 'certificate',
  'certificate-time': 'certificate',
  'certificate-untrusted': 'certificate',
  'no-tls': 'no-tls',
  tls: 'certificate',
  'no-http': 'no-http',
  'proxy-url': 'proxy',
  proxy: 'proxy',
  unknown: 'closed',
};

function hintsFor(code: ProblemCode, { server, container, addresses, proxies, foundAt }: Clues): string[] {
  const hints: string[] = [];
  const { hostname, protocol, port } = new URL(server.url);
  const where = port === '' ? '' : `:${port}`;
  if (foundAt !== undefined)
    hints.push(`A Xinference server answers at ${foundAt}: use that as the address.`);
  if (isLoopback(hostname) && (code === 'refused' || code === 'connect-timeout')) {
    hints.push(
      container === undefined
        ? `${hostname} is this machine, and nothing listens on it there.${elsewhere(addresses, protocol, where)}`
        : `This runs in a container (${container}), and ${hostname} is that container itself: try ${protocol}//host.docker.internal${where}, the address of the machine, or the name of Xinference's service.`,
    );
  }
  if (code === 'certificate') hints.push('To look at the server nevertheless, add --insecure.');
  if (code === 'key-missing') {
    hints.push("Keys are made on Xinference's web page, or by POST /v1/admin/keys; then add --api-key KEY.");
  }
  if (code === 'banned')
    hints.push('Until then every further try of this address is refused, with a good key too.');
  if (proxies.length > 0 && NETWORK.has(code)) {
    hints.push(
      `Set here: ${proxies.join(', ')}. If the server is to be reached without a proxy, add ${hostname} to NO_PROXY, here and for Dify's plugin daemon.`,
    );
  }
  return hints;
}

/** Problems that a proxy between here and the server can make. */
const NETWORK: ReadonlySet<ProblemCode> = new Set([
  'dns',
  'refused',
  'no-route',
  'connect-timeout',
  'certificate',
  'no-tls',
  'closed',
  'silent',
  'web-page',
  'redirect',
  'server-failure',
  'proxy',
]);

function elsewhere(addresses: readonly string[], protocol: string, port: string): string {
  const [first] = addresses;
  if (first === undefined) return '';
  return ` Is it another port, or does Xinference listen on another address, such as ${protocol}//${first}${port}?`;
}
