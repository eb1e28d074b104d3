import { serverAddress } from '../../http/address.ts';
import type { HttpClient } from '../../http/client.ts';
import { readJsonObject } from '../../http/response/body.ts';
import type { ModelServer } from '../../http/server.ts';

/** A probe is a by-the-way question: it is not worth a long wait. */
const PROBE_MS = 3_000;

/**
 * Asks an address, without a key, whether Xinference is there: one of its few answers that need none.
 * @returns whether it demands a key; undefined when there is no Xinference
 */
export async function asksForKey(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  const { auth } = await ask(client, { ...server, apiKey: undefined }, '/v1/cluster/auth', signal);
  return typeof auth === 'boolean' ? auth : undefined;
}

/** The version of a server; undefined where it does not tell: with authentication on, few keys may ask. */
export async function versionOf(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { version } = await ask(client, server, '/v1/cluster/version', signal);
  return typeof version === 'string' ? version : undefined;
}

/**
 * Looks for Xinference where a user who mistyped its address could have meant it to be: without the path, and under the
 * other of http and https.
 */
export async function findNearby(
  client: HttpClient,
  server: ModelServer,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { origin, protocol, prefix } = server;
  const otherScheme = `${protocol === 'http:' ? 'https:' : 'http:'}${origin.slice(protocol.length)}`;
  const candidates = [...(prefix === '' ? [] : [origin]), otherScheme];
  return firstXinference(client, server, candidates, signal);
}

/** The first of some addresses at which Xinference answers, whatever its certificate. */
export async function firstXinference(
  client: HttpClient,
  server: ModelServer,
  urls: readonly string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const url of urls) {
    if (
      (await asksForKey(client, { ...server, ...serverAddress(url), verifyTls: false }, signal)) !== undefined
    )
      return url;
  }
  return undefined;
}

/** @returns an object without fields when the answer is none */
async function ask(
  client: HttpClient,
  server: ModelServer,
  path: string,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const timeoutMs = Math.min(server.timeoutMs, PROBE_MS);
  const limited = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const response = await client.send(
      { ...server, timeoutMs },
      { method: 'GET', path, signal: limited, maxRetries: 0 },
    );
    return await readJsonObject(response, limited);
  } catch {
    return {};
  }
}
