import { tellingOf } from '../../../models/common/errors.ts';
import type { FailureCode, ServerError } from '../../http/errors/errors.ts';
import { isLoopback } from '../../http/loopback.ts';
import type { ModelServer } from '../../http/server.ts';
import type { Problem, ProblemCode } from '../report/report.ts';
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
  const code = PROBLEMS[error.code];
  const foundAt = MISTYPED.has(code) ? await findNearby() : undefined;
  return { code, message: tellingOf(error), hints: hintsFor(code, { ...clues, foundAt }) };
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

/** The doctor's word for what went wrong with a request that every Xinference server answers. */
const PROBLEMS: Readonly<Record<FailureCode, ProblemCode>> = {
  dns: 'dns',
  refused: 'refused',
  'proxy-refused': 'refused',
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
  network: 'closed',
  'may-have-worked': 'closed',
  silent: 'silent',
  endless: 'silent',
  'broke-off': 'closed',
  'key-missing': 'key-missing',
  'key-refused': 'key-refused',
  'access-denied': 'access-denied',
  banned: 'banned',
  'rate-limited': 'server-failure',
  loading: 'server-failure',
  unavailable: 'server-failure',
  'model-failed': 'server-failure',
  'server-failed': 'server-failure',
  'path-unknown': 'wrong-path',
  'model-unknown': 'wrong-path',
  'model-not-running': 'wrong-path',
  redirect: 'redirect',
  'too-large': 'server-failure',
  'request-refused': 'server-failure',
  'images-refused': 'server-failure',
  'status-4xx': 'server-failure',
  'status-5xx': 'server-failure',
  'web-page': 'web-page',
  'page-as-answer': 'web-page',
  'no-answer': 'not-xinference',
  'no-stream': 'not-xinference',
  'broken-answer': 'not-xinference',
  'not-a-number': 'not-xinference',
  'too-long': 'not-xinference',
  'too-many-numbers': 'not-xinference',
  'uneven-embeddings': 'not-xinference',
  'endless-calls': 'not-xinference',
  abandoned: 'not-xinference',
  filtered: 'not-xinference',
  'no-sound': 'not-xinference',
};

function hintsFor(code: ProblemCode, { server, container, addresses, proxies, foundAt }: Clues): string[] {
  const hints: string[] = [];
  const { hostname, protocol, port } = server;
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
