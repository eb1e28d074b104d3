import { Gate, READ, shorten } from '../../text/gate.ts';
import { isObject, tryParseJson } from '../../text/json.ts';
import { textOf } from '../../text/text-of.ts';

/** Of what should have been an answer no more is looked at. */
const START = 64 * 1024;
/** Entries of a form check that are looked at. */
const MOST_PROBLEMS = 100;
const SHOWN_OF_A_PAGE = 150;

/** Knows what in the texts of a kind of server is of no use to anybody outside. */
export interface TextCleaner {
  /** The text without it. */
  clean(text: string): string;
}

/**
 * What a server said of a failure: as it came to be judged by, and as its gate lets it be shown. There is no other way to
 * its words than through the gate.
 */
export class ServerWords {
  static readonly NONE = new ServerWords('', new Gate());

  readonly #text: string;
  readonly #gate: Gate;
  /** Whether they are those of a web page: then it is not the server that answered, but something in front of it. */
  readonly isPage: boolean;

  /** @param gate of the server */
  constructor(text: string, gate: Gate, isPage = false) {
    this.#text = text.trim();
    this.#gate = gate;
    this.isPage = isPage;
  }

  /** How many characters they have. */
  get length(): number {
    return this.#text.length;
  }

  /** Whether they match, as they came: a key that happens to be a word of them does not change their sense. */
  test(pattern: RegExp): boolean {
    return pattern.test(this.#text.slice(0, READ));
  }

  /** On one line, without keys, and with all that is looked at: to take a piece of it. */
  get whole(): string {
    return this.#gate.quote(this.#text, READ);
  }

  /** As {@link whole}, cut to be shown. */
  get quote(): string {
    return this.isPage ? `a web page: ${this.#gate.quote(this.#text, SHOWN_OF_A_PAGE)}` : shorten(this.whole);
  }

  /** A sentence that quotes the server, with a blank before it; nothing where it said nothing. */
  get sentence(): string {
    if (this.length === 0) return '';
    const { quote } = this;
    return ` The server said: ${quote}${/[.!?…]$/.test(quote) ? '' : '.'}`;
  }
}

/**
 * What a server says in a body, whichever of its shapes it has: `{"detail": text}`, `{"detail": [...]}` of a form check,
 * `{"error": text}`, `{"error": {message}}` of a router, plain text, or a page of some proxy.
 * @param body no more than its start is looked at
 */
export function wordsOfBody(
  body: string,
  contentType: string,
  gate: Gate,
  cleaner: TextCleaner,
): ServerWords {
  const start = body.slice(0, START);
  return isPage(start, contentType)
    ? new ServerWords(pageText(start), gate, true)
    : new ServerWords(cleaner.clean(plainText(start)), gate);
}

/** As {@link wordsOfBody}, of an `error` value that came inside a stream. */
export function wordsOfFrame(error: unknown, gate: Gate, cleaner: TextCleaner): ServerWords {
  return new ServerWords(cleaner.clean(messageOf(error) || textOf(error)), gate);
}

/** Whether a body is a web page. */
export function isPage(body: string, contentType: string): boolean {
  return /\bhtml\b/i.test(contentType) || /^\s{0,99}<(?:!doctype|html)/i.test(body);
}

function plainText(body: string): string {
  const value = tryParseJson(body);
  if (!isObject(value)) return typeof value === 'string' ? value : body;
  const { detail, error, message, msg, title } = value;
  return (
    messageOf(detail) ||
    messageOf(error) ||
    messageOf(message) ||
    messageOf(msg) ||
    messageOf(title) ||
    (detail === '' ? '' : body)
  );
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

/** One entry of a form check: `{loc: ["body", "file"], msg: "Field required"}`; or of a list of errors, as any is told. */
function formProblem(entry: unknown): string {
  if (!isObject(entry)) return textOf(entry);
  const { loc, msg } = entry;
  if (msg === undefined) return messageOf(entry) || textOf(entry);
  return `${Array.isArray(loc) ? loc.map(part => textOf(part)).join('.') : 'request'}: ${textOf(msg)}`;
}

/** The visible words of a web page: its title says more about a proxy than its markup. */
function pageText(html: string): string {
  return html.replace(/<(script|style)\b.*?(?:<\/\1\s*>|$)/gis, ' ').replace(/<[^>]*(?:>|$)/g, ' ');
}
