import { parsed } from '../../text/json.ts';
import { redact, startOf } from '../../text/redact.ts';

/** Of a longer text no more is looked at. */
const READ = 64 * 1024;
const START = 4096;
const SHOWN = 500;
const SHOWN_OF_THE_END = 150;
const SHOWN_OF_A_PAGE = 150;
const PAGE = 'a web page: ';

/** Whether a body is a web page: then it is not Xinference that answered, but something in front of it. */
export function isPage(body: string, contentType: string): boolean {
  return /\bhtml\b/i.test(contentType) || /^\s{0,99}<(?:!doctype|html)/i.test(body);
}

/**
 * What a server says in the body of an error, whichever of its shapes it has: `{"detail": text}`, `{"detail": [...]}` of
 * a form check, `{"error": text}`, `{"error": {message}}` of a router, plain text, or a page of some proxy. Whole, on one
 * line, and without the key.
 */
export function serverTextOf(body: string, contentType: string, secret: string | undefined): string {
  if (!isPage(body, contentType)) return clean(plainText(body), secret);
  return `${PAGE}${clean(pageText(body), secret).slice(0, SHOWN_OF_A_PAGE).toWellFormed()}`;
}

/** As {@link serverTextOf}, of what should have been an answer: it may be long, so its start alone is looked at. */
export function startTextOf(body: string, contentType: string, secret: string | undefined): string {
  return serverTextOf(startOf(body, START, secret), contentType, secret);
}

/** Whether a text of {@link serverTextOf} is that of a web page. */
export function isPageText(serverText: string): boolean {
  return serverText.startsWith(PAGE);
}

/** As {@link serverTextOf}, of an `error` value that came inside a stream. */
export function errorFrameText(error: unknown, secret: string | undefined): string {
  return clean(textOf(error), secret);
}

/** A sentence that quotes the server, cut to 500 characters; nothing where it said nothing. */
export function serverSaid(text: string): string {
  if (text === '') return '';
  const shown = shorten(text);
  return ` The server said: ${shown}${/[.!?…]$/.test(shown) ? '' : '.'}`;
}

/** At most 500 characters of a text: its start, and its end, where Python's errors say what is wrong. */
export function shorten(text: string): string {
  if (text.length <= SHOWN) return text;
  const start = text.slice(0, SHOWN - SHOWN_OF_THE_END - 3).toWellFormed();
  return `${start} … ${text.slice(-SHOWN_OF_THE_END).toWellFormed()}`;
}

function plainText(body: string): string {
  const value = parsed(body);
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : body;
  const { detail, error, message } = value as Record<string, unknown>;
  return textOf(detail) || textOf(error) || textOf(message) || (detail === '' ? '' : body);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(formProblem).join('; ');
  if (typeof value !== 'object' || value === null) return '';
  const { message, detail, type } = value as Record<string, unknown>;
  return (
    ([message, detail, type].find(text => typeof text === 'string' && text !== '') as string | undefined) ??
    ''
  );
}

/** One entry of a form check: `{loc: ["body", "file"], msg: "Field required"}`. */
function formProblem(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry);
  const { loc, msg } = entry as Record<string, unknown>;
  return `${Array.isArray(loc) ? loc.join('.') : 'request'}: ${String(msg)}`;
}

/** The visible words of a web page: its title says more about a proxy than its markup. */
function pageText(html: string): string {
  return html.replace(/<(script|style)\b.*?(?:<\/\1\s*>|$)/gis, ' ').replace(/<[^>]*(?:>|$)/g, ' ');
}

/** One line, without the internal address of an actor, which Xinference puts anywhere into its texts, and the key. */
function clean(text: string, secret: string | undefined): string {
  const line = startOf(text, READ, secret)
    .replace(/\[address=.{0,100}?, pid=-?\d+\]/g, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return redact(line, secret);
}
