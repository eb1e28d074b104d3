import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ServerCounts, ServerMessage } from './server.ts';

/** The bench's server, in a process of its own. */
export interface BenchServer {
  readonly url: string;
  /** Requests and connections since its start. */
  counts(): Promise<ServerCounts>;
  close(): void;
}

export async function startServer(): Promise<BenchServer> {
  const child = fork(join(import.meta.dirname, 'server.ts'));
  const next = async <T extends ServerMessage>(): Promise<T> => (await once(child, 'message'))[0];
  const { port } = await next<{ port: number }>();
  return {
    url: `http://127.0.0.1:${port}`,
    counts: () => {
      const answer = next<ServerCounts>();
      child.send('counts');
      return answer;
    },
    close: () => child.disconnect(),
  };
}
