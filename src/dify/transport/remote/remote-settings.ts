import { isIPv6 } from 'node:net';
import { withoutPassword } from '../../../text/without-password.ts';
import { StartError } from '../../start-error.ts';
import { portOf } from '../port.ts';

const DEFAULT_HOST = 'localhost';
const DEFAULT_PORT = 5003;

/** A TCP address. An IPv6 host stands without its brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where to declare the plugin, and the key that Dify shows for it. */
export interface RemoteSettings {
  readonly address: Address;
  readonly key: string;
}

/**
 * Reads `REMOTE_INSTALL_URL` (`host:port` or a URL), or else `REMOTE_INSTALL_HOST` and `REMOTE_INSTALL_PORT`, and
 * `REMOTE_INSTALL_KEY`.
 * @throws StartError that names the variable to set or to correct
 */
export function remoteSettings(env: NodeJS.ProcessEnv): RemoteSettings {
  const url = env['REMOTE_INSTALL_URL']?.trim();
  const port = portOf(env, 'REMOTE_INSTALL_PORT', DEFAULT_PORT);
  const address = url
    ? addressOf(url, port)
    : { host: env['REMOTE_INSTALL_HOST']?.trim() || DEFAULT_HOST, port };
  const key = env['REMOTE_INSTALL_KEY']?.trim();
  if (!key) {
    throw new StartError(
      'REMOTE_INSTALL_KEY is not set. Dify shows the key, and the address for REMOTE_INSTALL_URL, under Plugins → Debug: put both into the environment or into a file .env in this folder.',
    );
  }
  return { address, key };
}

/** `host:port`, as a person writes it. */
export function addressText({ host, port }: Address): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function addressOf(url: string, defaultPort: number): Address {
  const [place = ''] = url.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').split(/[/?#]/, 1);
  if (isIPv6(place)) return { host: place, port: defaultPort };
  const [, bracketed, name, port] = /^(?:\[([^[\]]+)\]|([^[\]:@\s]+))(?::(\d+))?$/.exec(place) ?? [];
  const host = bracketed === undefined || isIPv6(bracketed) ? (bracketed ?? name) : undefined;
  if (host === undefined || url.includes('@')) {
    throw new StartError(
      `REMOTE_INSTALL_URL is "${withoutPassword(url)}", which is no address: give host:port as Dify shows it under Plugins → Debug.`,
    );
  }
  return { host, port: portOf({ REMOTE_INSTALL_URL: port }, 'REMOTE_INSTALL_URL', defaultPort) };
}
