import type { Log } from '../../src/dify/index.ts';
import type { HttpClient } from '../../src/http/client.ts';
import type { TokenEstimators } from '../../src/tokens/estimators.ts';
import type { DescriptionCache } from '../../src/xinference/description-cache.ts';
import type { Failover } from './failover.ts';

/** What every handler works with; made once, in the composition root. */
export interface Services {
  readonly client: HttpClient;
  readonly descriptions: DescriptionCache;
  readonly tokens: TokenEstimators;
  readonly failover: Failover;
  readonly log: Log;
}
