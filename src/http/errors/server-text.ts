import { type Gate, READ, shorten } from '../../text/gate.ts';
import { isObject, parsed } from '../../text/json.ts';
import { textOf } from '../../text/text-of.ts';

/** Of what should have been an answer no more is looked at. */
const START = 64 * 1024;
/** Entries of a form check that are looked at. */
const MOST_PROBLEMS = 100;
const PAGE = 'a web page: ';
const SHOWN_OF_A_PAGE = PAGE.length + 150;

/** Whether a body is a web page: then it is not Xinference that answered, but something in front of it. */
export function isPage(body: string, contentType: string): boolean {
  return /\bhtml\b/i.test(contentType) || /^\s{0,99}<(?:!doctype|html)/i.test(body);
}

/**
 * What a server says in the body of an error, whichever of its shapes it has: `{"detail": text}`, `{"detail": [...]}` of
 * a form check, `{"error": text}`, `{"error": {message}}` of a router, plain text, or a page of some proxy. As it came: to
 * be judged. To be shown it passes the gate.
 */
export function serverTextOf(body: string, contentType: string): string {
  if (!isPage(body, contentType)) return withoutActor(plainText(body));
  return `${PAGE}${pageText(body).trim()}`;
}

/** As {@link serverTextOf}, of what should have been an answer: it may be long, so its start alone is looked at. */
export function startTextOf(body: string, contentType: string): string {
  return serverTextOf(body.slice(0, START), contentType);
}

/** Whether a text of {@link serverTextOf} is that of a web page. */
export function isPageText(serverText: string): boolean {
  return serverText.startsWith(PAGE);
}

/** As {@link serverTextOf}, of an `error` value that came inside a stream. */
export function errorFrameText(error: unknown): string {
  return withoutActor(messageOf(error));
}

/** What of a server's text may be shown. */
export function quoted(gate: Gate, serverText: string): string {
  return gate.quote(serverText, isPageText(serverText) ? SHOWN_OF_A_PAGE : READ);
}

/** A sentence that quotes the server, cut to 500 characters; nothing where it said nothing. */
export function serverSaid(text: string): string {
  if (text === '') return '';
  const shown = shorten(text);
  return ` The server said: ${shown}${/[.!?…]$/.test(shown) ? '' : '.'}`;
}

function plainText(body: string): string {
  const value = parsed(body);
  if (!isObject(value)) return typeof value === 'string' ? value : body;
  const { detail, error, message } = value;
  return messageOf(detail) || messageOf(error) || messageOf(message) || (detail === '' ? '' : body);
}

function messageOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.slice(0, MOST_PROBLEMS).map(formProblem).join('; ');
  if (!isObject(value)) return '';
  const { message, detail, type } = value;
  return (
    ([message, detail, type].find(text => typeof text === 'string' && text !== '') as string | undefined) ??
    ''
  );
}

/** One entry of a form check: `{loc: ["body", "file"], msg: "Field required"}`. */
function formProblem(entry: unknown): string {
  if (!isObject(entry)) return textOf(entry);
  const { loc, msg } = entry;
  return `${Array.isArray(loc) ? loc.map(part => textOf(part)).join('.') : 'request'}: ${textOf(msg)}`;
}

/** The visible words of a web page: its title says more about a proxy than its markup. */
function pageText(html: string): string {
  return html.replace(/<(script|style)\b.*?(?:<\/\1\s*>|$)/gis, ' ').replace(/<[^>]*(?:>|$)/g, ' ');
}

/** Without the internal address of an actor, which Xinference puts anywhere into its texts. */
function withoutActor(text: string): string {
  return text.replace(/\[address=.{0,100}?, pid=-?\d+\]\s?/g, '');
}
