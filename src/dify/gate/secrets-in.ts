import { isObject } from '../../text/json.ts';

/** What fields with secrets are called. */
const SECRET = /key|secret|token|password|auth|header/i;

/**
 * The secrets that a request brings along: the values of those fields of its form whose name says so, and each piece of a
 * value that has several, as one with headers does.
 * @param data of a request of the host, unchecked
 */
export function secretsIn(data: unknown): string[] {
  const credentials = isObject(data) ? data['credentials'] : undefined;
  if (!isObject(credentials)) return [];
  return Object.entries(credentials).flatMap(([name, value]) =>
    SECRET.test(name) && typeof value === 'string' && value !== ''
      ? [value, ...value.split(/[\r\n,;"{}]+|:\s/)]
      : [],
  );
}
