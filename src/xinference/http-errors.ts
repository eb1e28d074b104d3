import { type FailureKind, XinferenceError } from './errors.ts';
import type { XinferenceServer } from './server.ts';
import { serverTextOf } from './server-text.ts';

/** An answer that is not a success. */
export interface FailedAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  /** The start of the body; an error body is not read beyond 64 KiB. */
  readonly body: string;
}

interface Verdict {
  kind: FailureKind;
  happened: string;
  advice: string;
  retry?: boolean;
}

/** @param path the path that was asked, without the base URL */
export function errorFromAnswer(
  server: XinferenceServer,
  path: string,
  answer: FailedAnswer,
): XinferenceError {
  const serverText = serverTextOf(answer.body, answer.contentType, server.apiKey);
  const retryAfterMs = parseRetryAfter(answer.retryAfter);
  const { kind, happened, advice, retry } = judge(
    answer,
    serverText,
    retryAfterMs,
    server.apiKey !== undefined,
  );
  const said =
    serverText === '' ? '' : ` The server said: ${serverText}${/[.!?…]$/.test(serverText) ? '' : '.'}`;
  return new XinferenceError(
    kind,
    `${happened} at ${server.url}${path} (HTTP ${answer.status}).${said} ${advice}`,
    {
      status: answer.status,
      serverText,
      isRetryable: retry ?? false,
      retryAfterMs,
    },
  );
}

function judge(
  { status, contentType, body }: FailedAnswer,
  text: string,
  retryAfterMs: number | undefined,
  hasKey: boolean,
): Verdict {
  const isPage = text.startsWith('a web page:');
  switch (status) {
    case 401:
      return {
        kind: 'unauthorized',
        happened: hasKey ? 'Xinference refuses the API key' : 'Xinference demands an API key',
        advice: hasKey
          ? 'Check the API key: it may be mistyped, expired or disabled. Ten wrong tries lock the address out for an hour.'
          : 'Enter an API key of this Xinference server in the credentials.',
      };
    case 403:
      return {
        kind: 'unauthorized',
        happened: 'Xinference denies access',
        advice: 'Give the key access to this model, or use a key that has it.',
      };
    case 429:
      if (text.includes('Too many failed attempts')) {
        return {
          kind: 'banned',
          happened: 'Xinference has locked this address out after too many wrong keys',
          advice:
            'Correct the API key wherever this server is used, then wait (an hour by default) or restart Xinference.',
        };
      }
      return {
        kind: 'rate-limited',
        happened: 'Xinference has more requests than it takes',
        advice: 'Try again later, or launch the model with a higher request limit or more replicas.',
        retry: true,
      };
    case 404:
      return {
        kind: 'not-found',
        happened: isPage ? 'There is no Xinference API' : 'Xinference does not know this model or path',
        advice: isPage
          ? 'Check the server URL: it must be the address of Xinference itself, without the path of a page.'
          : 'Check that the model is running and that the model UID is typed as Xinference lists it.',
      };
    case 400:
    case 405:
    case 413:
    case 422:
    case 501:
      return { kind: 'bad-request', happened: 'Xinference refuses the request', advice: adviceFor(text) };
    case 503:
      if (/\b(?:loading|launching|not yet ready)\b/i.test(text)) {
        const wait = retryAfterMs === undefined ? 'a minute' : `${Math.ceil(retryAfterMs / 1000)} s`;
        return {
          kind: 'loading',
          happened: 'The model is still loading',
          advice: `Try again in ${wait}.`,
          retry: true,
        };
      }
      return unavailable();
    case 502:
    case 504:
      return unavailable();
    case 500:
      // A body that fails validation is a 500 as plain text, however much it looks like the server's own fault.
      if (/^text\/plain/i.test(contentType) && body.startsWith('Internal Server Error')) {
        return { kind: 'bad-request', happened: 'Xinference refuses the request', advice: adviceFor(text) };
      }
      return { kind: 'unavailable', happened: 'The model failed', advice: adviceFor(text) };
    default:
      return {
        kind: status >= 500 ? 'unavailable' : 'bad-request',
        happened: 'Xinference did not answer as expected',
        advice:
          status >= 300 && status < 400
            ? 'Check the server URL: redirects are not followed.'
            : 'Check the server URL and what stands between Dify and Xinference.',
      };
  }
}

function unavailable(): Verdict {
  return {
    kind: 'unavailable',
    happened: 'The server cannot answer now',
    advice: 'Check that Xinference and the proxies in front of it are up, and try again.',
    retry: true,
  };
}

/** What to try, where the server's own text points at one cause, or (masked by newer servers) at none. */
export function adviceFor(serverText: string): string {
  if (/check the server logs|__aiter__/i.test(serverText)) {
    return (
      'The server hides the cause: its log has it. Likely causes: a conversation longer than the context the model was launched with, ' +
      'a model of another type, tools or parameters that this engine does not take.'
    );
  }
  if (
    /context length|max(?:imum)?[ _](?:model )?length|too long|exceeds? the (?:model|maximum)/i.test(
      serverText,
    )
  ) {
    return 'Shorten the conversation or lower max tokens; the context the model was launched with can be smaller than its nominal one.';
  }
  if (/system message|role.*order|strict_system_first/i.test(serverText)) {
    return 'This model takes a system message at the very beginning only: move or merge the system prompts.';
  }
  if (/support tool calls/i.test(serverText))
    return 'Set tool calling to "off" for this model, or use a model with tools.';
  if (/out of memory/i.test(serverText))
    return 'The server ran out of memory: shorten the input or give the model more room.';
  return "Check the request's parameters and the server's log.";
}

/** @returns milliseconds; undefined when the header is missing or makes no sense */
export function parseRetryAfter(value: string | undefined, now = Date.now()): number | undefined {
  if (value === undefined) return undefined;
  const text = value.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
