import { refusal } from './refusal.ts';
import type { FakeRequest } from './request.ts';

/** After this many wrong keys the real server locks the client out, good keys and all. */
const allowedFailures = 10;

/**
 * Refuses a request that carries none of `keys`; refuses nobody if there are none. Only a key that is shown and wrong
 * counts towards the ban. `scope` is what the endpoint demands.
 */
export function createGate(
  keys: readonly string[] | undefined,
): (request: FakeRequest, scope: string) => void {
  let failures = 0;
  return (request, scope) => {
    if (keys === undefined) return;
    if (failures >= allowedFailures) throw refusal(429, 'Too many failed attempts. IP temporarily banned.');
    const key = /^bearer (.*)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (key !== undefined && keys.includes(key)) return;
    if (key !== undefined) failures++;
    throw refusal(401, 'Could not validate credentials', { 'www-authenticate': `Bearer scope="${scope}"` });
  };
}
