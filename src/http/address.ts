import { dropOldest } from '../text/drop-oldest.ts';

/** Where a server is: its URL, and the parts of it. */
export interface ServerAddress {
  /** Base URL without `/v1` and trailing slash: paths such as `/v1/models` are appended to it. */
  readonly url: string;
  /** Scheme, host and port of it. */
  readonly origin: string;
  /** The path of it, such as that of a proxy; mostly empty. */
  readonly prefix: string;
  /** `http:` or `https:` */
  readonly protocol: string;
  readonly hostname: string;
  /** Empty where it is that of the protocol. */
  readonly port: string;
}

/** What a user typed cannot be used. The message says why and what to type. */
export class InvalidServerError extends Error {
  override readonly name = 'InvalidServerError';
}

const EXAMPLE = 'such as http://192.168.1.10:9997';

/** A host with a port or a dot in it, and perhaps a path: what a user types who leaves the scheme out. */
const ADDRESS =
  /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:)|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[\w./-]*)?$/i;

/** The characters of a host's name, once it is read: a URL may have others, such as the comma of a list. */
const HOST = /^[\w.:[\]-]*$/;

/** Addresses that were read. */
const known = new Map<string, ServerAddress>();
const MOST_KNOWN = 256;

/**
 * Reads the address of a server. Trailing slashes and `/v1`, typed once or twice, are dropped: the server answers neither
 * `//` nor `/v1/v1`. A path prefix of a proxy is kept. A form comes with every request, mostly with an address that has been
 * read before: that one is given back.
 * @param called as in: The server URL is empty
 * @throws InvalidServerError; what was typed is shown only where it can be nothing but an address
 */
export function serverAddress(typed: string, called = 'server URL'): ServerAddress {
  let address = known.get(typed);
  if (address === undefined) {
    address = readAddress(typed.trim(), called);
    known.set(typed, address);
    dropOldest(known, MOST_KNOWN);
  }
  return address;
}

function readAddress(text: string, called: string): ServerAddress {
  if (text === '')
    throw new InvalidServerError(`The ${called} is empty: type the address of the server, ${EXAMPLE}.`);
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    throw new InvalidServerError(
      ADDRESS.test(text)
        ? `The ${called} ${text} has no http:// or https:// in front: type http://${text}.`
        : `The ${called} has no http:// or https:// in front: type it whole, ${EXAMPLE}. If you did, the stored value ` +
            'cannot be decrypted any more (was SECRET_KEY of Dify changed?): enter the credentials again.',
    );
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !HOST.test(url.hostname))
    throw new InvalidServerError(`The ${called} is not a valid URL: type it ${EXAMPLE}.`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidServerError(`The ${called} must begin with http:// or https://, not ${url.protocol}//.`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new InvalidServerError(
      `The ${called} must not hold a user or password: put the key into the API key field.`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new InvalidServerError(`The ${called} must end before any "?" or "#": type it ${EXAMPLE}.`);
  }
  const { origin, protocol, hostname, port } = url;
  const prefix = withoutVersion(url.pathname);
  return { url: origin + prefix, origin, prefix, protocol, hostname, port };
}

function withoutVersion(path: string): string {
  let end = path.length;
  for (;;) {
    if (path.endsWith('/', end)) end--;
    else if (path.endsWith('/v1', end)) end -= 3;
    else return path.slice(0, end);
  }
}
