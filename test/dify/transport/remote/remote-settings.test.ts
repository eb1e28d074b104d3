import { describe, expect, it } from 'vitest';
import { addressText, remoteSettings } from '../../../../src/dify/transport/remote/remote-settings.ts';

const KEY = { REMOTE_INSTALL_KEY: 'key' };

describe('the address of the debugging host', () => {
  it.each<[NodeJS.ProcessEnv, string]>([
    [{}, 'localhost:5003'],
    [{ REMOTE_INSTALL_URL: 'debug.example.com:6000' }, 'debug.example.com:6000'],
    [{ REMOTE_INSTALL_URL: ' debug.example.com:6000 ' }, 'debug.example.com:6000'],
    [{ REMOTE_INSTALL_URL: 'debug.example.com' }, 'debug.example.com:5003'],
    [{ REMOTE_INSTALL_URL: 'debug.example.com', REMOTE_INSTALL_PORT: '7000' }, 'debug.example.com:7000'],
    [{ REMOTE_INSTALL_URL: 'http://debug.example.com:6000' }, 'debug.example.com:6000'],
    [{ REMOTE_INSTALL_URL: 'http://debug.example.com:80/' }, 'debug.example.com:80'],
    [{ REMOTE_INSTALL_URL: 'tcp://debug.example.com/path?query#part' }, 'debug.example.com:5003'],
    [{ REMOTE_INSTALL_URL: '10.0.0.7:5003' }, '10.0.0.7:5003'],
    [{ REMOTE_INSTALL_URL: '[::1]:5003' }, '[::1]:5003'],
    [{ REMOTE_INSTALL_URL: '[fe80::1%eth0]' }, '[fe80::1%eth0]:5003'],
    [{ REMOTE_INSTALL_URL: '::1' }, '[::1]:5003'],
    [{ REMOTE_INSTALL_URL: 'https://[::1]:6000/' }, '[::1]:6000'],
    [{ REMOTE_INSTALL_HOST: 'dify.local', REMOTE_INSTALL_PORT: '6000' }, 'dify.local:6000'],
    [{ REMOTE_INSTALL_HOST: '::1' }, '[::1]:5003'],
    [{ REMOTE_INSTALL_URL: 'a:1', REMOTE_INSTALL_HOST: 'b', REMOTE_INSTALL_PORT: '2' }, 'a:1'],
    [{ REMOTE_INSTALL_URL: '', REMOTE_INSTALL_HOST: '' }, 'localhost:5003'],
  ])('%j is %s', (env, address) => {
    expect(addressText(remoteSettings({ ...KEY, ...env }).address)).toBe(address);
  });

  it.each<[NodeJS.ProcessEnv, string]>([
    [{ REMOTE_INSTALL_URL: 'a b' }, 'REMOTE_INSTALL_URL is "a b", which is no address'],
    [{ REMOTE_INSTALL_URL: 'a:b:c' }, 'no address'],
    [{ REMOTE_INSTALL_URL: '[a]:5003' }, 'no address'],
    [{ REMOTE_INSTALL_URL: 'user@host:5003/@' }, 'no address'],
    [{ REMOTE_INSTALL_URL: 'http://' }, 'no address'],
    [{ REMOTE_INSTALL_URL: 'host:' }, 'no address'],
    [{ REMOTE_INSTALL_URL: 'host:70000' }, 'REMOTE_INSTALL_URL is "70000", which is no port'],
    [{ REMOTE_INSTALL_PORT: '0' }, 'REMOTE_INSTALL_PORT is "0", which is no port'],
    [{ REMOTE_INSTALL_PORT: '5e3' }, 'no port'],
  ])('%j is refused', (env, message) => {
    expect(() => remoteSettings({ ...KEY, ...env })).toThrow(message);
  });
});

it.each(['me:pass@word@host:port', 'me:pass%40host:port', 'me:12/pass@host:port', 'me:12#@host:port'])(
  'a password in the address is not repeated, as in %s (issue 16, point 13)',
  address => {
    const env = { ...KEY, REMOTE_INSTALL_URL: `http://${address}` };
    const said = 'REMOTE_INSTALL_URL is "http://***@host:port", which is no address';
    expect(() => remoteSettings(env)).toThrow(said);
  },
);

describe('the key', () => {
  it('is taken without the spaces around it', () => {
    expect(remoteSettings({ REMOTE_INSTALL_KEY: ' key\n' }).key).toBe('key');
  });

  it.each([{}, { REMOTE_INSTALL_KEY: ' ' }])('must be there (%j)', env => {
    expect(() => remoteSettings(env)).toThrow(/^REMOTE_INSTALL_KEY is not set.*REMOTE_INSTALL_URL/);
  });
});
