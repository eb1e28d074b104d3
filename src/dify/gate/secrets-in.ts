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
  const values = isObject(fields)
    ? Object.values(fields)
    : typed
        .trim()
        .split(/\s*[\r\n]+\s*/)
        .map(line => /^[^\s:]+:\s*(.*)$/.exec(line)?.[1]);
  return values.every(value => typeof value === 'string') ? values : undefined;
}
