import type { Logger } from 'pino';
import { createActions } from '../models/actions.ts';
import { invokeErrorOf } from '../models/common/errors.ts';
import { Dispatcher } from './dify/dispatcher.ts';
import { HttpClient } from './http/client.ts';
import { type Clock, systemClock } from './http/clock.ts';
import { TokenEstimators } from './tokens/estimators.ts';
import { DescriptionCache } from './xinference/description-cache.ts';

/** The plugin behind its transport: what takes a line of the host and answers it. */
export interface Plugin {
  readonly dispatcher: Dispatcher;
  /** Closes the connections to all servers. */
  close(): Promise<void>;
}

/**
 * Puts the layers together: the host's protocol, the handlers of the model types, and the client of the servers.
 * @param clock what retries and the cache of descriptions go by
 */
export function createPlugin(log: Logger, clock: Clock = systemClock): Plugin {
  const client = new HttpClient({ log, clock });
  const descriptions = new DescriptionCache(client, clock);
  const actions = createActions({ client, descriptions, tokens: new TokenEstimators(), log });
  const dispatcher = new Dispatcher({ actions, log, translate: invokeErrorOf });
  return { dispatcher, close: () => client.close() };
}
