import { isLoopback } from '../../http/loopback.ts';
import type { Examiner } from './examiner.ts';
import { firstXinference } from './probes.ts';

/** What Dify's containers have to be told in place of a machine's name for itself. */
export async function addressForDify(examiner: Examiner): Promise<{ url: string; notes: string[] }> {
  const { client, server, surroundings, signal } = examiner;
  const { hostname, protocol, port, prefix } = server;
  if (!isLoopback(hostname)) return { url: server.url, notes: [] };
  if (surroundings.container !== undefined) {
    return {
      url: server.url,
      notes: [
        `This runs in a container (${surroundings.container}), and ${hostname} is that container itself. Dify reaches the server by this address only from the same container.`,
      ],
    };
  }
  const at = (name: string) => `${protocol}//${name}${port === '' ? '' : `:${port}`}${prefix}`;
  const reached = await firstXinference(client, server, surroundings.addresses.map(at), signal);
  if (reached !== undefined) {
    return {
      url: reached,
      notes: [
        `${hostname} is this machine, and for Dify in a container it is that container: type ${reached}, which answers too, or ${at('host.docker.internal')}.`,
      ],
    };
  }
  return {
    url: at(surroundings.addresses[0] ?? 'host.docker.internal'),
    notes: [
      `${hostname} is this machine, and for Dify in a container it is that container. The server does not answer at another address of this machine: start Xinference with --host 0.0.0.0, then type ${at(surroundings.addresses[0] ?? 'host.docker.internal')}.`,
    ],
  };
}
