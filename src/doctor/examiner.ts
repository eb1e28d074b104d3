import type { XinferenceClient } from '../xinference/client.ts';
import type { XinferenceServer } from '../xinference/server.ts';
import type { InProcessHost } from './in-process-host.ts';
import type { Surroundings } from './surroundings.ts';

/** What an examination works with. */
export interface Examiner {
  readonly client: XinferenceClient;
  readonly host: InProcessHost;
  readonly server: XinferenceServer;
  /** The form of any of its models, but for the model's UID. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}
