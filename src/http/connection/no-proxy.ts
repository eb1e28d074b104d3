import { BlockList, isIP } from 'node:net';
import type { ServerAddress } from '../address.ts';

/** Whether a server is reached without a proxy. */
export type Bypass = (server: Pick<ServerAddress, 'hostname' | 'port' | 'protocol'>) => boolean;

/** One entry of `NO_PROXY`. */
interface Exception {
  readonly matches: (host: string) => boolean;
  /** Empty where it holds for every port. */
  readonly port: string;
}

/**
 * What `NO_PROXY` says: hosts and their subdomains, addresses, networks (`10.0.0.0/8`, for addresses as they are typed: no name
 * is looked up), stars (`*`, `*.example.com`, `192.168.*`), each of them with a port or without, parted by commas or blanks.
 */
export function bypassOf(noProxy: string): Bypass {
  const exceptions = noProxy
    .toLowerCase()
    .split(/[\s,;"']+/) // files of variables leave their quotes around
    .flatMap(readException);
  return ({ hostname, port, protocol }) => {
    const host = withoutDot(withoutBrackets(hostname));
    const asked = port || (protocol === 'https:' ? '443' : '80');
    return exceptions.some(exception => [asked, ''].includes(exception.port) && exception.matches(host));
  };
}

function readException(entry: string): Exception[] {
  const typed = entry.replace(/^[a-z]+:\/\//, '').replace(/\/{1,9}$/, ''); // some write whole URLs
  if (typed === '') return [];
  const [, network, bits, ofNetwork = ''] = /^\[?([0-9a-f:.]+)\]?\/(\d+)(?::(\d+))?$/.exec(typed) ?? [];
  if (network !== undefined) return networkException(network, Number(bits), ofNetwork);
  // An IPv6 address has colons of its own, and a port only after its bracket.
  const hasPort = isIP(typed) !== 6 && /:\d+$/.test(typed);
  const end = hasPort ? typed.lastIndexOf(':') : typed.length;
  const host = withoutDot(withoutBrackets(typed.slice(0, end)));
  return [{ matches: hostMatcher(host), port: typed.slice(end + 1) }];
}

/** @param bits of the network; an entry that is no network holds for nothing */
function networkException(network: string, bits: number, port: string): Exception[] {
  const version = isIP(network);
  if (version === 0 || bits > (version === 4 ? 32 : 128)) return [];
  const list = new BlockList();
  list.addSubnet(network, bits, version === 4 ? 'ipv4' : 'ipv6');
  // An IPv4 address may be written as one of IPv6.
  const matches = (host: string) =>
    isIP(host) >= version && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
  return [{ matches, port }];
}

function hostMatcher(host: string): (host: string) => boolean {
  if (isIP(host) === 6) {
    const list = new BlockList();
    list.addAddress(host, 'ipv6'); // one address has many spellings
    return other => isIP(other) === 6 && list.check(other, 'ipv6');
  }
  if (host.includes('*')) {
    const pattern = new RegExp(`^${host.split(/\*+/).map(literal).join('.*')}$`);
    // A star for the subdomains means the domain too, as a dot does.
    return other => pattern.test(other) || (host.startsWith('*.') && other === host.slice(2));
  }
  const domain = host.replace(/^\./, '');
  return isIP(domain) === 4
    ? other => other === domain
    : other => other === domain || other.endsWith(`.${domain}`);
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** A name may end with the dot of the root. */
function withoutDot(host: string): string {
  return host.replace(/\.$/, '');
}

function literal(text: string): string {
  return text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
}
