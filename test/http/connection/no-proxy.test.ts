import { describe, expect, test } from 'vitest';
import { serverAddress } from '../../../src/http/address.ts';
import { bypassOf } from '../../../src/http/connection/no-proxy.ts';

describe('NO_PROXY', () => {
  test.each<[string, string[], string[]]>([
    ['', [], ['http://gpu', 'http://10.0.0.1']],
    ['*', ['http://gpu', 'http://10.0.0.1', 'https://[::1]:9997'], []],
    [
      'gpu',
      ['http://gpu', 'https://GPU:9997', 'http://a.gpu', 'http://gpu.'],
      ['http://mygpu', 'http://gpu.net'],
    ],
    ['.gpu.net', ['http://gpu.net', 'http://a.b.gpu.net'], ['http://xgpu.net', 'http://gpu.net.org']],
    ['*.gpu.net', ['http://gpu.net', 'http://a.gpu.net'], ['http://xgpu.net']],
    ['gpu-*', ['http://gpu-1', 'http://gpu-a.net'], ['http://gpu', 'http://my-gpu-1']],
    ['gpu*.local', ['http://gpu1.local', 'http://gpu.local'], ['http://gpu.local.net']],
    ['192.168.*', ['http://192.168.1.10:9997'], ['http://192.169.1.10', 'http://1.192.168.1']],
    [
      '10.0.0.0/8',
      ['http://10.1.2.3', 'https://10.255.0.1:9997'],
      ['http://11.0.0.1', 'http://ten.net', 'http://[::1]'],
    ],
    ['10.1.2.3/8', ['http://10.200.0.1'], ['http://11.0.0.1']],
    ['172.16.0.0/12', ['http://172.31.255.255'], ['http://172.32.0.1']],
    ['10.0.0.1/32', ['http://10.0.0.1'], ['http://10.0.0.2']],
    ['0.0.0.0/0', ['http://10.0.0.1'], ['http://gpu', 'http://[::1]']],
    ['10.0.0.0/8:9997', ['http://10.1.2.3:9997'], ['http://10.1.2.3', 'http://11.0.0.1:9997']],
    ['[fd00::]/8:9997', ['http://[fd12::1]:9997'], ['http://[fd12::1]']],
    ['10.0.0.0/8', ['http://[::ffff:10.1.2.3]'], ['http://[::ffff:11.1.2.3]']],
    ['"10.0.0.0/8,gpu"', ['http://10.1.2.3', 'http://gpu'], ['http://11.0.0.1']],
    ['fd00::/8', ['http://[fd12:3456::1]:9997'], ['http://[fe80::1]', 'http://10.0.0.1']],
    ['[fd00::]/8', ['http://[fd12::1]'], ['http://[fe80::1]']],
    ['::1', ['http://[::1]:9997', 'http://[0:0:0:0:0:0:0:1]'], ['http://[::2]']],
    ['[::1]', ['http://[::1]:9997'], ['http://[::2]']],
    ['[::1]:9997', ['http://[::1]:9997'], ['http://[::1]:80']],
    ['10.0.0.1', ['http://10.0.0.1'], ['http://110.0.0.1', 'http://a.10.0.0.1.net']],
    ['gpu:9997', ['http://gpu:9997'], ['http://gpu:80', 'http://gpu']],
    ['gpu:80,gpu:443', ['http://gpu', 'https://gpu'], ['http://gpu:9997']],
    ['*:9997', ['http://gpu:9997', 'http://10.0.0.1:9997'], ['http://gpu']],
    ['http://gpu:9997/', ['http://gpu:9997'], ['http://gpu']],
    ['a, b c;d,,', ['http://a', 'http://b', 'http://c', 'http://d'], ['http://e']],
    ['10.0.0.0/33,10.0.0.0/x,/8,gpu/8,999.0.0.0/8', [], ['http://10.0.0.1', 'http://gpu']],
    ['a.b', [], ['http://axb', 'http://a.bc']],
    ['(a+)+$', [], ['http://aaaa']],
  ])('%s', (noProxy, without, through) => {
    const bypass = bypassOf(noProxy);
    const bypasses = (origin: string) => bypass(serverAddress(origin));
    expect(without.filter(origin => !bypasses(origin))).toEqual([]);
    expect(through.filter(bypasses)).toEqual([]);
  });
});
