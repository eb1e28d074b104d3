import type { InProcessHost } from '../../dify/in-process-host.ts';
import type { HttpClient } from '../../http/client.ts';
import type { ModelServer } from '../../http/server.ts';
import type { Surroundings } from './surroundings.ts';

/** What an examination works with. */
export interface Examiner {
  readonly client: HttpClient;
  readonly host: InProcessHost;
  readonly server: ModelServer;
  /** The form of any of its models, but for the model's UID. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly surroundings: Surroundings;
  readonly signal: AbortSignal;
}
