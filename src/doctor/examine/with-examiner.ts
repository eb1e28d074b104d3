import { readServer } from '../../../models/common/credentials.ts';
import { InProcessHost } from '../../dify/in-process-host.ts';
import { createLogger } from '../../dify/log.ts';
import { createDispatcher } from '../../dify/serve/serve.ts';
import { HttpClient } from '../../http/client.ts';
import { createPlugin } from '../../plugin.ts';
import { xinferenceJudge } from '../../xinference/judge.ts';
import type { Examiner } from './examiner.ts';
import type { Surroundings } from './surroundings.ts';

/** The server to examine, as its user names it. */
export interface Target {
  readonly server: string;
  readonly apiKey: string;
  /** The longest silence of the server, in seconds. */
  readonly timeout: string;
  /** `false` accepts a self-signed certificate. */
  readonly verifyTls: boolean;
}

/**
 * Lends what an examination works with: a client of the server, and the plugin in a host of this process.
 * @throws InvalidCredentialsError for a target that cannot be used; what `use` throws
 */
export async function withExaminer<T>(
  target: Target,
  surroundings: Surroundings,
  use: (examiner: Examiner) => Promise<T>,
): Promise<T> {
  const credentials = {
    server_url: target.server,
    api_key: target.apiKey,
    invoke_timeout: target.timeout,
    max_retries: '0', // whoever asks wants to know now
    tls_verify: target.verifyTls ? 'yes' : 'no',
  };
  const server = readServer(credentials);
  const log = createLogger({ write: () => undefined }, 'silent');
  const client = new HttpClient({ log, judge: xinferenceJudge });
  const plugin = createPlugin(log);
  const host = new InProcessHost(createDispatcher(plugin, log));
  const { signal } = new AbortController();
  try {
    return await use({ client, host, server, credentials, surroundings, signal });
  } finally {
    await Promise.all([client.close(), plugin.close()]);
  }
}
