import { isObject, tryParseJson } from '../../text/json.ts';

/** What fields with secrets are called. */
const SECRET = /key|secret|token|password|auth|header/i;

const HEADERS = /header/i;

/**
 * The secrets that a request brings along: the values of those fields of its form whose name says so, and each piece of a
 * value that has several. Of headers only their values are: messages name them.
 * @param data of a request of the host, unchecked
 */
export function secretsIn(data: unknown): string[] {
  const credentials = isObject(data) ? data['credentials'] : undefined;
  if (!isObject(credentials)) return [];
  return Object.entries(credentials).flatMap(([name, value]) => {
    if (!SECRET.test(name) || typeof value !== 'string' || value === '') return [];
    const values = HEADERS.test(name) ? headerValues(value) : undefined;
    return values ?? [value, ...value.split(/[\r\n,;"{}]+|:\s/)];
  });
}

/** Of a JSON object with texts, or of lines with a name each; undefined where it is neither. */
function headerValues(typed: string): string[] | undefined {
  const fields = tryParseJson(typed);
  const values = isObject(fields) ? Object.values(fields) : linesOf(typed).map(valueIn);
  return values.every(value => typeof value === 'string') ? values : undefined;
}

function linesOf(typed: string): string[] {
  const lines = typed.split(/[\r\n]/).map(line => line.trim());
  return lines.filter(line => line !== '');
}

/** What stands after the colon, if there is a name before it. */
function valueIn(line: string): string | undefined {
  const colon = line.indexOf(':');
  return colon < 1 || /\s/.test(line.slice(0, colon)) ? undefined : line.slice(colon + 1).trim();
}
