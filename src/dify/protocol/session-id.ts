/** A host's ids have 36 characters. A much longer one would leave no room for an answer. */
const LONGEST_ID = 500;
/** Find an id, and an event that is no request, in a piece of JSON. */
const SESSION_ID = /"session_id"\s*:\s*("(?:[^"\\]|\\.)+")/;
const OTHER_EVENT = /"event"\s*:\s*"(?!request")/;

/** Whether a request can be answered under this id. */
export function isSessionId(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= LONGEST_ID;
}

/**
 * The id of the request that a line begins with which is no valid JSON, or too long to be read.
 * @returns undefined when the line is no request, or its id does not stand in what there is
 */
export function sessionIdIn(start: string): string | undefined {
  const quoted = OTHER_EVENT.test(start) ? undefined : SESSION_ID.exec(start)?.[1];
  if (quoted === undefined) return undefined;
  try {
    const id: unknown = JSON.parse(quoted);
    return isSessionId(id) ? id : undefined;
  } catch {
    return undefined; // a bad escape
  }
}
