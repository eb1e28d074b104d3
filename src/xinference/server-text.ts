const SHOWN_CHARACTERS = 500;
const SHOWN_OF_A_PAGE = 150;

/**
 * What a server says in the body of an error, whichever of its shapes it has: `{"detail": text}`, `{"detail": [...]}` of
 * a form check, `{"error": text}`, `{"error": {message}}` of a router, plain text, or a page of some proxy.
 * @param secret is struck out where the server echoes it
 */
export function serverTextOf(body: string, contentType: string, secret: string | undefined): string {
  return clean(
    /\bhtml\b/i.test(contentType) || /^\s*<(?:!doctype|html)/i.test(body) ? pageText(body) : plainText(body),
    secret,
  );
}

/** As {@link serverTextOf}, of an `error` value that came inside a stream. */
export function errorFrameText(error: unknown, secret: string | undefined): string {
  return clean(textOf(error), secret);
}

function plainText(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  if (typeof value !== 'object' || value === null) return typeof value === 'string' ? value : body;
  const { detail, error, message } = value as Record<string, unknown>;
  return textOf(detail) || textOf(error) || textOf(message) || (detail === '' ? '' : body);
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(formProblem).join('; ');
  if (typeof value !== 'object' || value === null) return '';
  const { message, detail, type } = value as Record<string, unknown>;
  return textOf(message) || textOf(detail) || textOf(type);
}

/** One entry of a form check: `{loc: ["body", "file"], msg: "Field required"}`. */
function formProblem(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry);
  const { loc, msg } = entry as Record<string, unknown>;
  return `${Array.isArray(loc) ? loc.join('.') : 'request'}: ${String(msg)}`;
}

/** The visible words of a web page: its title says more about a proxy than its markup. */
function pageText(html: string): string {
  const text = html
    .replace(/<(script|style)\b.*?<\/\1\s*>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return `a web page: ${text.slice(0, SHOWN_OF_A_PAGE)}`;
}

/**
 * Takes out the internal actor address that Xinference puts anywhere into its texts, and the key, folds blanks, and cuts.
 */
function clean(text: string, secret: string | undefined): string {
  let shown = text
    .replace(/\[address=[^\]]*?, pid=-?\d+\]\s*/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  if (secret !== undefined) shown = shown.replaceAll(secret, '***');
  if (shown.length <= SHOWN_CHARACTERS) return shown;
  return `${shown.slice(0, SHOWN_CHARACTERS).toWellFormed()}…`;
}
