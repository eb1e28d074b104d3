import { describe, expect, it } from 'vitest';
import { type Machine, surroundingsOf } from '../../src/doctor/examine/surroundings.ts';

const bare: Machine = { exists: () => false, read: () => '', env: {}, interfaces: () => ({}) };

describe('where the doctor runs', () => {
  it.each<[string, Partial<Machine>, string | undefined]>([
    ['a machine of its own', {}, undefined],
    ['Docker', { exists: path => path === '/.dockerenv' }, 'Docker'],
    ['Podman', { exists: path => path === '/run/.containerenv' }, 'Podman'],
    ['Kubernetes', { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }, 'Kubernetes'],
    ['containerd', { read: () => '0::/system.slice/containerd.service/abc\n' }, 'container (containerd)'],
    ['systemd of a machine of its own', { read: () => '0::/init.scope\n' }, undefined],
  ])('%s', (_what, machine, container) => {
    expect(surroundingsOf({ ...bare, ...machine }).container).toBe(container);
  });

  it('the addresses that others can use', () => {
    const address = { netmask: '', mac: '', cidr: null };
    const { addresses } = surroundingsOf({
      ...bare,
      interfaces: () => ({
        lo: [{ ...address, address: '127.0.0.1', family: 'IPv4', internal: true }],
        eth0: [
          { ...address, address: '192.168.1.5', family: 'IPv4', internal: false },
          { ...address, address: 'fe80::1', family: 'IPv6', internal: false, scopeid: 1 },
        ],
      }),
    });
    expect(addresses).toEqual(['192.168.1.5']);
  });

  it('the proxies, in either case, without their passwords', () => {
    const env = { https_proxy: 'http://user:secret@proxy:3128', NO_PROXY: '.local,10.0.0.1', HTTP_PROXY: '' };
    expect(surroundingsOf({ ...bare, env }).proxies).toEqual([
      'HTTPS_PROXY=http://***@proxy:3128',
      'NO_PROXY=.local,10.0.0.1',
    ]);
  });

  it.each([
    'http://user:sec/ret@proxy:3128',
    'http://user:sec@ret@proxy:3128',
    'http://user:sec%40ret@proxy:3128',
    'user:sec/ret@proxy:3128',
    'user:sec@ret@proxy:3128',
  ])('no part of a password that has / or @ in it (issue 16), as in %s', HTTP_PROXY => {
    const [shown] = surroundingsOf({ ...bare, env: { HTTP_PROXY } }).proxies;
    expect(shown).toMatch(/^HTTP_PROXY=(?:http:\/\/)?\*\*\*@proxy:3128$/);
  });

  it('of this machine can be told', () => {
    expect(() => surroundingsOf()).not.toThrow();
  });
});
