import type { ModelServer } from '../server.ts';
import { type FailureKind, ServerError } from './errors.ts';
import { isPage, quoted, serverSaid, serverTextOf } from './server-text.ts';

/** An answer that is not a success. */
export interface FailedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** Where it redirects to. */
  readonly location?: string | undefined;
  /** The start of the body; an error body is not read beyond 64 KiB. */
  readonly body: string;
}

interface Verdict {
  readonly kind: FailureKind;
  readonly happened: string;
  readonly advice: string;
  readonly retry?: boolean;
}

/** @param path the path that was asked, without the base URL */
export function errorFromAnswer(server: ModelServer, path: string, answer: FailedAnswer): ServerError {
  const retryAfterMs = parseRetryAfter(answer.retryAfter);
  // Judged as it came: a key that happens to be a word of it must not change what it says.
  const said = serverTextOf(answer.body, answer.contentType);
  const serverText = quoted(server.gate, said);
  const { kind, happened, advice, retry = false } = judge(server, answer, path, said);
  const when =
    retryAfterMs === undefined ? '' : ` It asks to be tried again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return new ServerError(
    kind,
    `${happened} at ${server.url}${path} (HTTP ${answer.status}).${serverSaid(serverText)}${when} ${advice}`,
    { status: answer.status, serverText, isRetryable: retry, retryAfterMs },
  );
}

function judge(server: ModelServer, answer: FailedAnswer, path: string, text: string): Verdict {
  const page = isPage(answer.body, answer.contentType);
  const { status } = answer;
  switch (status) {
    case 401:
      return unauthorized(server.apiKey !== undefined);
    case 403:
      return {
        kind: 'unauthorized',
        happened: 'Access is denied',
        advice:
          'Check that the API key may use this model, and that Xinference and the proxies in front of it let the Dify machine in.',
      };
    case 429:
      return /too many failed attempts/i.test(text) ? BANNED : RATE_LIMITED;
    case 400:
    case 404:
      if (!page && /model/i.test(text) && (status === 404 || /not found/i.test(text))) return UNKNOWN_MODEL;
      return page || status === 404 ? noXinference(path) : refused(text);
    case 405:
      return noXinference(path);
    case 413:
      return {
        kind: 'bad-request',
        happened: 'The request is too large',
        advice: 'Send less at once, or raise the limit of the proxy in front of Xinference.',
      };
    case 422:
    case 501:
      return refused(text);
    case 500:
      if (isFailedValidation(answer)) return refused(text);
      return page || text.trim() === ''
        ? { kind: 'unavailable', happened: 'The server failed', advice: FAILED }
        : { kind: 'unavailable', happened: 'The model failed', advice: adviceFor(text) };
    case 503:
      return /\b(?:loading|launching|not yet ready)\b/i.test(text) ? LOADING : UNAVAILABLE;
    case 502:
    case 504:
      return UNAVAILABLE;
    default:
      return {
        kind: status >= 500 ? 'unavailable' : 'bad-request',
        happened: 'This is no answer of Xinference',
        advice:
          status >= 300 && status < 400
            ? redirected(server, path, answer.location)
            : 'Check the server URL and what stands between Dify and Xinference.',
      };
  }
}

/** Where a redirect leads to, without what may be secret of it; and the server URL that it asks for, where it is the same path. */
function redirected(server: ModelServer, path: string, location: string | undefined): string {
  const asked = `${server.url}${path}`;
  const target =
    location !== undefined && URL.canParse(location, asked) ? new URL(location, asked) : undefined;
  if (target === undefined) return 'Check the server URL: redirects are not followed.';
  const to = server.gate.quote(
    `${target.origin === 'null' ? target.protocol : target.origin}${target.pathname}`,
    200,
  );
  const same = to.endsWith(path) && to !== asked ? to.slice(0, -path.length) : undefined;
  return same === undefined
    ? `It redirects to ${to}, and redirects are not followed. Check the server URL, and whether a login stands before the server.`
    : `It redirects to ${to}, and redirects are not followed: type ${same} as the server URL, if that is Xinference.`;
}

const BANNED: Verdict = {
  kind: 'banned',
  happened: 'Xinference has locked this address out after too many wrong keys',
  advice:
    'Correct the API key wherever this server is used, then wait (an hour by default) or restart Xinference.',
};

/** Of a status, and of an `error` frame within a stream. */
export const RATE_LIMITED = {
  kind: 'rate-limited',
  happened: 'Xinference has more requests than it takes',
  advice: 'Try again later, or launch the model with a higher request limit or more replicas.',
  retry: true,
} as const satisfies Verdict;

/** A version of Xinference that has the path, where older ones lack it: 0.6.3, 0.8.0 and 0.11.3 do. */
const FIRST_WITH: Readonly<Record<string, string>> = {
  '/v1/rerank': '0.6.5',
  '/v1/audio/transcriptions': '0.8.5',
  '/v1/audio/translations': '0.8.5',
  '/v1/audio/speech': '0.12.0',
};

function noXinference(path: string): Verdict {
  const first = FIRST_WITH[path];
  const age =
    first === undefined ? '' : ` Xinference has this path from ${first} on: an older one must be updated.`;
  return {
    kind: 'not-found',
    happened: 'Nothing of Xinference answers',
    advice: `Check the server URL: it must be the address of Xinference itself, without the path of a page.${age}`,
  };
}

const UNKNOWN_MODEL: Verdict = {
  kind: 'not-found',
  happened: 'Xinference does not know this model',
  advice:
    'Check that the model is running, and that the model UID (not the name) is typed as Xinference lists it.',
};

const LOADING: Verdict = {
  kind: 'loading',
  happened: 'The model is still loading',
  advice: 'Wait until Xinference shows it as ready.',
  retry: true,
};

const UNAVAILABLE: Verdict = {
  kind: 'unavailable',
  happened: 'The server cannot answer now',
  advice: 'Check that Xinference and the proxies in front of it are up, and try again.',
  retry: true,
};

function unauthorized(hasKey: boolean): Verdict {
  return hasKey
    ? {
        kind: 'unauthorized',
        happened: 'Xinference refuses the API key',
        advice:
          'Check the API key: it may be mistyped, expired or disabled. Ten wrong tries lock the address out for an hour.',
      }
    : {
        kind: 'unauthorized',
        happened: 'Xinference demands an API key',
        advice: 'Enter an API key of this Xinference server in the credentials.',
      };
}

function refused(text: string): Verdict {
  return { kind: 'bad-request', happened: 'Xinference refuses the request', advice: adviceFor(text) };
}

/** A body that fails validation is a 500 as plain text that says why; without that it is the server's own fault. */
function isFailedValidation({ contentType, body }: FailedAnswer): boolean {
  return /^text\/plain/i.test(contentType) && /^Internal Server Error: *\S/.test(body);
}

/** Of a server that failed and does not say why. */
const FAILED = "The fault is the server's own: look into its log, and try again.";

/** Of a number that a model computed, and that is none. */
export const NOT_A_NUMBER =
  'The model computed a number that is none (NaN), as float16 does where it overflows: launch it with another precision or engine.';

/** What to try, by what the server's own text points at. The first that matches counts. */
const ADVICE: readonly (readonly [RegExp, string])[] = [
  [
    /check the server logs|__aiter__/i, // newer servers mask the errors of chat models
    'The server hides the cause: its log has it. Likely causes: a conversation longer than the context the model was launched with, a model of another type, tools or parameters that this engine does not take.',
  ],
  [
    /context (?:length|size)|max(?:imum)?[ _](?:model )?length|too long|exceeds? the (?:model|maximum)/i,
    'Shorten the conversation or lower max tokens; the context the model was launched with can be smaller than its nominal one.',
  ],
  [/^\s*(?:500:? ?)?internal server error[.:]?\s*$/i, FAILED],
  [
    /(?:roles?|messages?) (?:must|should|need to|have to) (?:strictly )?alternate|alternat(?:e|ing) (?:between )?(?:the )?(?:roles|user)/i,
    "The model's template takes messages of the user and of the assistant in turn alone, the user's first: merge those of one role that follow each other.",
  ],
  [
    /system message|role.{0,100}order|strict_system_first/i,
    'This model takes a system message at the very beginning only: move or merge the system prompts.',
  ],
  [
    /not JSON serializable: list_iterator/i, // seen on 1.11.0 and 1.17.1
    'Xinference before 2.7.0 fails so with tools on llama.cpp: update it, or set tool calling to "off" for this model.',
  ],
  [
    /^'(?:id|choices)'$/, // a key that llama.cpp's own error lacks; seen on 1.17.1, still so in the source of 2.11.0
    'Xinference before 2.12.0 says so, and no more, of a conversation that is longer than the context llama.cpp was launched with: shorten it, or launch the model with a larger n_ctx.',
  ],
  [/support tool calls/i, 'Set tool calling to "off" for this model, or use a model with tools.'],
  [/\bNaN\b|not JSON compliant/i, NOT_A_NUMBER],
  [/out of memory/i, 'The server ran out of memory: shorten the input or give the model more room.'],
  [
    /is not for creating|has no attribute 'model_spec'/i,
    'The model is of another type than the one chosen in Dify.',
  ],
];

/** What to try about a text of the server. */
export function adviceFor(serverText: string): string {
  return (
    ADVICE.find(([pattern]) => pattern.test(serverText))?.[1] ??
    "Check the request's parameters and the server's log."
  );
}

/** @returns milliseconds; undefined when the header is missing or makes no sense */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = text.endsWith('GMT') ? Date.parse(text) : Number.NaN; // a bare number would be a year
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
