import { isObject, tryParseJson } from '../text/json.ts';
import { InvalidServerError } from './address.ts';

/** What the connection and the body of a request need for themselves. */
const OURS = new Set(
  (
    'host content-length content-type content-encoding connection keep-alive proxy-connection transfer-encoding te trailer ' +
    'upgrade expect http2-settings accept-encoding'
  ).split(' '),
);
const NAME = /^[\w!#$%&'*+.^`|~-]+$/;
/** What a header can carry everywhere: printable ASCII. */
const VALUE = /^[\x20-\x7e]*$/;
/** A value that is shorter says little, and stands in many a sentence by chance. */
const SHORTEST_SECRET = 8;

/**
 * Headers that a user typed for a gateway: a JSON object, or `Name: value` with line ends between.
 * @param hasApiKey whether the API key takes `Authorization`
 * @returns undefined when there are none
 * @throws InvalidServerError; the message shows names, never a value
 */
export function parseHeaders(
  typed: string,
  hasApiKey: boolean,
): Readonly<Record<string, string>> | undefined {
  const text = typed.trim();
  if (text === '') return undefined;
  const headers = new Map<string, string>();
  for (const [name, value] of text.startsWith('{') ? ofObject(text) : ofLines(text)) {
    const key = name.toLowerCase();
    check(key, value, hasApiKey);
    if (headers.has(key)) throw new InvalidServerError(`The header ${key} is there twice.`);
    headers.set(key, value);
  }
  return Object.fromEntries(headers);
}

/** What of the headers a server must not show again. */
export function secretsOf(headers: Readonly<Record<string, string>> = {}): string[] {
  return Object.values(headers).filter(value => value.length >= SHORTEST_SECRET);
}

function ofObject(text: string): [name: string, value: string][] {
  const fields = tryParseJson(text);
  if (!isObject(fields)) {
    throw new InvalidServerError('The headers are not valid JSON: type them as {"Name": "value"}.');
  }
  return Object.entries(fields).map(([name, value]) => {
    if (typeof value === 'string') return [name.trim(), value.trim()];
    throw new InvalidServerError(`The value of the header ${nameOf(name)} must be a text in quotes.`);
  });
}

function ofLines(text: string): [name: string, value: string][] {
  const lines = text.split(/\r\n|\r|\n/).filter(line => line.trim() !== '');
  return lines.map((line, index) => {
    const colon = line.indexOf(':');
    if (colon > 0) return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    throw new InvalidServerError(`Line ${index + 1} of the headers is not of the form "Name: value".`);
  });
}

function check(name: string, value: string, hasApiKey: boolean): void {
  if (!NAME.test(name)) {
    throw new InvalidServerError('The name of a header has characters that no header can have.');
  }
  if (OURS.has(name)) {
    throw new InvalidServerError(`The header ${name} is made by the plugin itself: leave it out.`);
  }
  if (name === 'authorization' && hasApiKey) {
    throw new InvalidServerError(
      'The header authorization is made of the API key: leave one of the two out.',
    );
  }
  if (!VALUE.test(value)) {
    throw new InvalidServerError(
      `The value of the header ${name} has control or non-ASCII characters inside.`,
    );
  }
}

/** A name that may be anything, even a value in the wrong place. */
function nameOf(name: string): string {
  return NAME.test(name) && name.length <= 64 ? name : 'with an unusual name';
}
