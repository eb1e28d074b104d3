import type { Logger } from 'pino';
import type { XinferenceClient } from '../../src/xinference/client.ts';
import type { DescriptionCache } from '../../src/xinference/description-cache.ts';
import type { TokenEstimators } from './tokens/estimators.ts';

/** What every handler works with; made once, in the composition root. */
export interface Services {
  readonly client: XinferenceClient;
  readonly descriptions: DescriptionCache;
  readonly tokens: TokenEstimators;
  readonly log: Logger;
}
