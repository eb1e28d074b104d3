import type { Gate } from '../text/gate.ts';
import { InvalidServerError, type ServerAddress } from './address.ts';
import type { ServerError } from './errors/errors.ts';

/** A model server, and how to speak to it: what a user configured for one model. */
export interface ModelServer extends ServerAddress {
  /** Sent as `Authorization: Bearer`; no header when undefined. */
  readonly apiKey: string | undefined;
  /** The longest silence, in ms: to connect, to the head of the answer, between two pieces of it. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** `false` accepts a self-signed certificate. */
  readonly verifyTls: boolean;
  /** Sent with each request, under names in lower case: for a gateway in front of the server. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** How many requests may be open at one model; undefined for no bound of the user's. */
  readonly maxConcurrency?: number | undefined;
  /** Asked in its place where it cannot serve. */
  readonly fallback?: ModelServer | undefined;
  /** What other requests have met here meanwhile: then one that waits for its place or for a retry fails with it. */
  readonly failure?: () => ServerError | undefined;
  /** Knows the secrets that are sent to it: what it says passes through here before it is shown. */
  readonly gate: Gate;
}

/** Names a model among those of all servers. */
export function modelKey({ url }: Pick<ModelServer, 'url'>, uid: string): string {
  return JSON.stringify([url, uid]);
}

/**
 * The key as it goes into a header.
 * @returns undefined when there is none
 * @throws InvalidServerError when it has characters that no header can carry; the message does not show it
 */
export function normalizeApiKey(typed: string): string | undefined {
  const key = typed.trim();
  if (key === '') return undefined;
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new InvalidServerError(
      'The API key has blanks, control or non-ASCII characters inside: copy it again from the server, without "Bearer".',
    );
  }
  return key;
}
