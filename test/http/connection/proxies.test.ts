import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { proxiesOf } from '../../../src/http/connection/proxies.ts';
import { readJsonObject } from '../../../src/http/response/body.ts';
import type { ModelServer } from '../../../src/http/server.ts';
import { connectBlackHole, refused, silent } from '../../fake/network/connections.ts';
import { startFakeProxy } from '../../fake/network/proxy.ts';
import { startFakeXinference } from '../../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../servers.ts';

const reason = new Error('stop');

async function ask(client: TestClient, server: ModelServer, signal = patient()): Promise<unknown> {
  const answer = await client.send(server, { method: 'GET', path: '/v1/models', signal });
  return readJsonObject(answer, signal);
}

describe('proxiesOf', () => {
  test.each<[string, NodeJS.ProcessEnv, object | undefined]>([
    ['nothing', {}, undefined],
    ['only exceptions', { NO_PROXY: 'a' }, undefined],
    ['empty', { HTTP_PROXY: '', https_proxy: ' ' }, undefined],
    ['upper case', { HTTP_PROXY: 'http://p:1' }, { httpProxy: 'http://p:1', httpsProxy: '', noProxy: '' }],
    ['lower case', { https_proxy: 'http://p:1' }, { httpProxy: '', httpsProxy: 'http://p:1', noProxy: '' }],
    [
      'both',
      { http_proxy: 'http://low', HTTP_PROXY: 'http://up', no_proxy: 'a', NO_PROXY: 'b' },
      { httpProxy: 'http://low', httpsProxy: '', noProxy: 'a' },
    ],
    [
      'an empty lower one',
      { http_proxy: '', HTTP_PROXY: 'http://up' },
      { httpProxy: 'http://up', httpsProxy: '', noProxy: '' },
    ],
    [
      'no scheme',
      { HTTP_PROXY: '10.0.0.9:3128' },
      { httpProxy: 'http://10.0.0.9:3128', httpsProxy: '', noProxy: '' },
    ],
  ])('%s', (_what, env, proxies) => {
    expect(proxiesOf(env)).toEqual(proxies);
  });
});

describe('a proxy of the environment', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('%s passes requests for http on', async name => {
    await using server = await startFakeXinference();
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { [name]: proxy.url } });
    for (let count = 0; count < 3; count++) await ask(client, serverAt(server.url));
    expect(proxy.requests).toEqual(Array(3).fill(`GET ${server.url}/v1/models`));
    expect(server.requests).toHaveLength(3);
    expect(client.connections.size).toBe(1);
  });

  test.each(['HTTPS_PROXY', 'https_proxy'])('%s tunnels requests for https', async name => {
    await using server = await startFakeXinference({ tls: true });
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { [name]: proxy.url } });
    const unchecked = serverAt(server.url, { verifyTls: false });
    for (let count = 0; count < 3; count++) await ask(client, unchecked);
    await expect(ask(client, serverAt(server.url))).rejects.toThrow('DEPTH_ZERO_SELF_SIGNED_CERT');
    expect(proxy.requests).toEqual(Array(2).fill(`CONNECT 127.0.0.1:${server.port}`));
    expect(server.requests).toHaveLength(3);
    void client.close();
    while (proxy.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
  });

  test.each(['NO_PROXY', 'no_proxy'])('%s leaves it out', async name => {
    await using server = await startFakeXinference();
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { HTTP_PROXY: proxy.url, [name]: 'example.com,127.0.0.1' } });
    for (let count = 0; count < 2; count++) await ask(client, serverAt(server.url));
    expect(proxy.requests).toEqual([]);
    expect(server.connections).toBe(1);
  });

  test.each([
    '127.0.0.0/8',
    '10.0.0.0/8, 127.0.0.1/32',
    '127.*',
    '*',
    '*.0.0.1',
    'http://127.0.0.1:%PORT%',
    '127.0.0.1:%PORT%',
  ])('NO_PROXY=%s leaves it out', async noProxy => {
    await using server = await startFakeXinference();
    await using proxy = await startFakeProxy();
    const NO_PROXY = noProxy.replace('%PORT%', String(server.port));
    using client = new TestClient({ env: { HTTP_PROXY: proxy.url, NO_PROXY } });
    await ask(client, serverAt(server.url));
    expect(proxy.requests).toEqual([]);
  });

  test.each(['10.0.0.0/8', '127.0.0.1:1', '128.*', '127.0.0.0/33', 'localhost'])(
    'NO_PROXY=%s does not',
    async NO_PROXY => {
      await using server = await startFakeXinference();
      await using proxy = await startFakeProxy();
      using client = new TestClient({ env: { HTTP_PROXY: proxy.url, NO_PROXY } });
      await ask(client, serverAt(server.url));
      expect(proxy.requests).toHaveLength(1);
    },
  );

  test('gets the credentials in its URL, and the server does not', async () => {
    await using server = await startFakeXinference();
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { HTTP_PROXY: proxy.url.replace('//', '//user:pass@') } });
    await ask(client, serverAt(server.url));
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('user:pass').toString('base64')}`]);
  });

  test('that refuses is told apart from a server that does', async () => {
    await using server = await startFakeXinference({ tls: true });
    await using proxy = await startFakeProxy({ refuse: 407 });
    const { url } = proxy;
    using client = new TestClient({ env: { HTTP_PROXY: url, HTTPS_PROXY: url } });
    const message = /The proxy does not let the request to .*407/;
    await expect(ask(client, serverAt(server.url))).rejects.toThrow(message);
    await expect(ask(client, serverAt('http://127.0.0.1:9'))).rejects.toThrow(message);
  });

  test('that is away is named', async () => {
    await using away = await refused();
    using client = new TestClient({ env: { HTTP_PROXY: away.url, HTTPS_PROXY: away.url } });
    const { port } = new URL(away.url);
    for (const url of ['http://127.0.0.1:9', 'https://127.0.0.1:9']) {
      await expect(ask(client, serverAt(url))).rejects.toThrow(`the proxy 127.0.0.1:${port}`);
    }
    expect(client.connections.size).toBe(0);
  });

  test('that never answers counts as time to connect', async () => {
    await using proxy = await startFakeProxy({ silent: true });
    using client = new TestClient({ env: { HTTPS_PROXY: proxy.url } });
    const asked = ask(client, serverAt('https://127.0.0.1:9', { timeoutMs: 300 }));
    await expect(asked).rejects.toMatchObject({
      code: 'connect-timeout',
      message: expect.stringContaining('within 0.3 s'),
    });
    while (proxy.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
  });

  test('that never answers is left at once when the request is cancelled', async () => {
    await using proxy = await startFakeProxy({ silent: true });
    using client = new TestClient({ env: { HTTPS_PROXY: proxy.url } });
    const cancel = new AbortController();
    const asked = ask(client, serverAt('https://127.0.0.1:9'), cancel.signal);
    while (proxy.requests.length === 0) await new Promise(resolve => setImmediate(resolve));
    cancel.abort(reason);
    await expect(asked).rejects.toBe(reason);
    while (proxy.openConnections > 0) await new Promise(resolve => setImmediate(resolve));
  });

  test('that cannot be connected to is left at once when the request is cancelled', async () => {
    await using hole = await connectBlackHole();
    using client = new TestClient({ env: { HTTPS_PROXY: hole.url } });
    const connecting = () => process.getActiveResourcesInfo().filter(name => name === 'ConnectWrap').length;
    const before = connecting();
    const cancel = new AbortController();
    const asked = ask(client, serverAt('https://127.0.0.1:9'), cancel.signal);
    while (connecting() === before) await new Promise(resolve => setImmediate(resolve));
    cancel.abort(reason);
    await expect(asked).rejects.toBe(reason);
    while (connecting() > before) await new Promise(resolve => setImmediate(resolve));
  });

  test('is left at once when a server behind it does not answer the handshake of TLS', async () => {
    await using mute = await silent();
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { HTTPS_PROXY: proxy.url } });
    const timers = () => process.getActiveResourcesInfo().filter(name => name === 'Timeout').length;
    const before = timers();
    const cancel = new AbortController();
    const asked = ask(client, serverAt(mute.url.replace('http:', 'https:')), cancel.signal);
    while (proxy.openConnections < 2) await new Promise(resolve => setImmediate(resolve));
    await pause(100);
    cancel.abort(reason);
    await expect(asked).rejects.toBe(reason);
    while (proxy.openConnections > 0 || timers() > before)
      await new Promise(resolve => setImmediate(resolve));
  });

  test('that speaks no TLS is what fails, not a server for http behind it', async () => {
    await using proxy = await startFakeProxy();
    using client = new TestClient({ env: { HTTP_PROXY: proxy.url.replace('http:', 'https:') } });
    await expect(ask(client, serverAt('http://127.0.0.1:9'))).rejects.toMatchObject({
      code: 'proxy',
      message: expect.stringMatching(/The proxy does not let /),
    });
  });

  test('whose URL is none is an error of the request, not of the start', async () => {
    using client = new TestClient({ env: { HTTP_PROXY: 'http://[' } });
    await expect(ask(client, serverAt('http://127.0.0.1:9'))).rejects.toMatchObject({
      code: 'proxy-url',
      message: expect.stringMatching(/HTTP_PROXY .* is not a URL/),
    });
  });
});
