import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { withoutPassword } from '../../text/without-password.ts';

/** Where the doctor runs: what an address such as 127.0.0.1 means depends on it. */
export interface Surroundings {
  /** `Docker`, `Podman`, `Kubernetes`; undefined on a machine of its own. */
  readonly container: string | undefined;
  /** The IPv4 addresses that this machine has in its networks. */
  readonly addresses: readonly string[];
  /** The proxy variables that are set, with their values, without passwords. */
  readonly proxies: readonly string[];
}

/** What of the machine is looked at; passed in for tests. */
export interface Machine {
  readonly exists: (path: string) => boolean;
  /** @returns empty when the file cannot be read */
  readonly read: (path: string) => string;
  readonly env: NodeJS.ProcessEnv;
  readonly interfaces: typeof networkInterfaces;
}

const thisMachine: Machine = {
  exists: existsSync,
  read: path => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  },
  env: process.env,
  interfaces: networkInterfaces,
};

export function surroundingsOf(machine: Machine = thisMachine): Surroundings {
  return {
    container: containerOf(machine),
    addresses: Object.values(machine.interfaces())
      .flatMap(list => list ?? [])
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address),
    proxies: proxiesOf(machine.env),
  };
}

function containerOf({ exists, read, env }: Machine): string | undefined {
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'Kubernetes';
  if (exists('/run/.containerenv')) return 'Podman';
  if (exists('/.dockerenv')) return 'Docker';
  // Where neither file is, as under containerd, the first process still runs in a control group of its runtime.
  const group = /docker|kubepods|containerd|libpod|lxc/.exec(read('/proc/1/cgroup'))?.[0];
  return group === undefined ? undefined : `container (${group})`;
}

function proxiesOf(env: NodeJS.ProcessEnv): string[] {
  const names = ['http_proxy', 'https_proxy', 'no_proxy'];
  return names.flatMap(name => {
    const value = env[name] || env[name.toUpperCase()];
    return value ? [`${name.toUpperCase()}=${withoutPassword(value)}`] : [];
  });
}
