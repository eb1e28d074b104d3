import type { Gate } from '../text/gate.ts';

/** A model server, and how to speak to it: what a user configured for one model. */
export interface ModelServer {
  /** Base URL without `/v1` and trailing slash, as {@link normalizeServerUrl} gives it. */
  readonly url: string;
  /** Sent as `Authorization: Bearer`; no header when undefined. */
  readonly apiKey: string | undefined;
  /** The longest silence, in ms: to connect, to the head of the answer, between two pieces of it. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** `false` accepts a self-signed certificate. */
  readonly verifyTls: boolean;
  /** Sent with each request, under names in lower case: for a gateway in front of the server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How many requests may be open at one model; undefined for no bound of the user's. */
  readonly mostAtOnce?: number | undefined;
  /** Asked in its place where it cannot serve. */
  readonly fallback?: ModelServer | undefined;
  /** Knows the secrets that are sent to it: what it says passes through here before it is shown. */
  readonly gate: Gate;
}

/** Scheme, host and port of a server: its URL up to the path. */
export function originOf({ url }: Pick<ModelServer, 'url'>): string {
  const path = url.indexOf('/', url.indexOf('//') + 2);
  return path < 0 ? url : url.slice(0, path);
}

/** Names a model among those of all servers. */
export function modelKey({ url }: Pick<ModelServer, 'url'>, uid: string): string {
  return JSON.stringify([url, uid]);
}

/** What a user typed cannot be used. The message says why and what to type. */
export class InvalidServerError extends Error {
  override readonly name = 'InvalidServerError';
}

const EXAMPLE = 'such as http://192.168.1.10:9997';

/** A host with a port or a dot in it, and perhaps a path: what a user types who leaves the scheme out. */
const ADDRESS =
  /^(?:localhost|[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9-]+(?=:)|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[\w./-]*)?$/i;

/**
 * The base URL that paths such as `/v1/models` are appended to. Trailing slashes and `/v1`, typed once or twice, are
 * dropped: the server answers neither `//` nor `/v1/v1`. A path prefix of a proxy is kept.
 * @param called as in: The server URL is empty
 * @throws InvalidServerError; what was typed is shown only where it can be nothing but an address
 */
export function normalizeServerUrl(typed: string, called = 'server URL'): string {
  const text = typed.trim();
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
  if (!URL.canParse(text))
    throw new InvalidServerError(`The ${called} is not a valid URL: type it ${EXAMPLE}.`);
  const url = new URL(text);
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
  return url.origin + withoutVersion(url.pathname);
}

function withoutVersion(path: string): string {
  let end = path.length;
  for (;;) {
    if (path.endsWith('/', end)) end--;
    else if (path.endsWith('/v1', end)) end -= 3;
    else return path.slice(0, end);
  }
}

/**
 * The key as it goes into a header.
 * @returns undefined when there is none
 * @throws InvalidServerError when it has characters that no header can carry; the message does not show it
 */
export function normalizeApiKey(typed: string): string | undefined {
  const key = typed.trim();
  if (key === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new InvalidServerError(
      'The API key has blanks, control or non-ASCII characters inside: copy it again from the server, without "Bearer".',
    );
  }
  return key;
}
