import type { ModelServer } from '../server.ts';
import { type FailureCode, ServerError } from './errors.ts';
import { type FailedResponse, HAPPENED, type Judge, type ToldFailure } from './judge.ts';
import { type ServerWords, wordsOfBody } from './server-words.ts';

const SHOWN_OF_AN_ADDRESS = 200;
/** What a server says that failed, and does not say why. */
export const SAYS_NOTHING =
  /^(?:\{\}|(?:an )?(?:http )?(?:error:? )?(?:500:? )?(?:unknown|(?:internal )?server|internal|unexpected) error(?: (?:has )?occurred)?[.:!]?)?$/i;
const RETRYABLE: ReadonlySet<FailureCode> = new Set(['rate-limited', 'loading', 'unavailable']);

/** @param path the path that was asked, without the base URL */
export function errorFromResponse(
  server: ModelServer,
  path: string,
  response: FailedResponse,
  judge: Judge,
): ServerError {
  const { status } = response;
  const url = `${server.url}${path}`;
  const said = wordsOfBody(response.body, response.contentType, server.gate, judge);
  const code = judge.ofResponse(response, said) ?? codeOf(status, said, server.apiKey !== undefined);
  const target = code === 'redirect' ? redirected(server, url, response.location) : undefined;
  const to = target === undefined ? '' : ` to ${target},`;
  return new ServerError(code, server, `${HAPPENED[code]}${to} at ${url} (HTTP ${status})`, {
    status,
    path,
    said,
    elsewhere: target?.endsWith(path) && target !== url ? target.slice(0, -path.length) : undefined,
    isRetryable: RETRYABLE.has(code),
    retryAfterMs: parseRetryAfter(response.retryAfter),
  });
}

/** Where a redirect leads to, without what may be secret of it. */
function redirected(server: ModelServer, url: string, location: string | undefined): string | undefined {
  if (location === undefined || !URL.canParse(location, url)) return undefined;
  const { origin, protocol, pathname } = new URL(location, url);
  return server.gate.quote(`${origin === 'null' ? protocol : origin}${pathname}`, SHOWN_OF_AN_ADDRESS);
}

function codeOf(status: number, said: ServerWords, hasKey: boolean): ToldFailure {
  const { isPage } = said;
  switch (status) {
    case 401:
      return hasKey ? 'key-refused' : 'key-missing';
    case 403:
      return 'access-denied';
    case 429:
      return 'rate-limited';
    case 404:
    case 405:
      return isPage ? 'web-page' : 'path-unknown';
    case 413:
      return 'too-large';
    case 400:
      return isPage ? 'web-page' : 'request-refused';
    case 422:
    case 501:
      return 'request-refused';
    case 500:
      return isPage || said.test(SAYS_NOTHING) ? 'server-failed' : 'model-failed';
    case 502:
    case 503:
    case 504:
      return 'unavailable';
    default:
      if (status < 400) return 'redirect';
      if (status >= 500) return 'status-5xx';
      return isPage ? 'web-page' : 'status-4xx';
  }
}

/** @returns milliseconds; undefined when the header is missing or makes no sense */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN; // a bare number would be a year
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
