import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { connectBlackHole, refused, silent } from '../fake/network/connections.ts';
import {
  banned,
  blackHole,
  closeMidBody,
  page,
  resetBeforeHead,
  status,
  unavailable,
  wrongJson,
} from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { reportOf, runDoctor } from './run.ts';

let server: FakeXinference;
beforeAll(async () => {
  server = await startFakeXinference();
});
afterAll(() => server.close());

/** The problem that the doctor sees, and all that it says of it. */
async function problemAt(url: string, ...rest: string[]) {
  const { problem, exitCode, models } = await reportOf(['--server', url, ...rest]);
  expect([exitCode, models]).toEqual([1, []]);
  return { code: problem?.code, text: [problem?.message, ...(problem?.hints ?? [])].join('\n') };
}

async function problemWhen(handler: Handler, route = 'GET /v1/models') {
  server.clear();
  server.answer(route, handler);
  return problemAt(server.url);
}

describe('an address that leads nowhere', () => {
  it('is no URL', async () => {
    const { code, text } = await problemAt('192.168.1.10:9997');
    expect(code).toBe('address');
    expect(text).toContain('no http:// or https:// in front');
  });

  it('has a name that cannot be resolved', async () => {
    const name = `${'x'.repeat(70)}.invalid`; // too long to be asked for, so no question leaves this machine
    const { code, text } = await problemAt(`http://${name}:9997`);
    expect(code).toBe('dns');
    expect(text).toContain(`The name of ${name} cannot be resolved`);
  });

  it('refuses connections', async () => {
    await using end = await refused();
    const { code, text } = await problemAt(end.url);
    expect(code).toBe('refused');
    expect(text).toContain('127.0.0.1 is this machine, and nothing listens on it there.');
  });

  it('refuses connections, and is the container itself', async () => {
    await using end = await refused();
    const { problem } = await reportOf(['--server', end.url], { container: 'Docker' });
    expect(problem?.hints.join()).toContain('127.0.0.1 is that container itself');
    expect(problem?.hints.join()).toContain('http://host.docker.internal:');
  });

  it('swallows connections', async () => {
    await using end = await connectBlackHole();
    expect((await problemAt(end.url, '--timeout', '0.3')).code).toBe('connect-timeout');
  });

  it('takes requests and says nothing', async () => {
    await using end = await silent();
    const { code, text } = await problemAt(end.url, '--timeout', '0.3');
    expect(code).toBe('silent');
    expect(text).toContain('for 0.3 s');
  });

  it('is behind a proxy that is not there', async () => {
    await using proxy = await refused();
    await using end = await startFakeXinference();
    vi.stubEnv('HTTP_PROXY', proxy.url);
    const { code, text } = await problemAt(end.url).finally(() => vi.unstubAllEnvs());
    expect(code).toBe('refused');
    expect(text).toContain(`Nothing listens at the proxy ${new URL(proxy.url).host}`);
  });

  it('is behind a proxy, which is named without its password', async () => {
    await using end = await refused();
    const proxies = ['HTTP_PROXY=http://***@proxy:3128'];
    const { problem } = await reportOf(['--server', end.url], { proxies });
    expect(problem?.hints.join()).toContain('HTTP_PROXY=http://***@proxy:3128');
    expect(problem?.hints.join()).toContain('add 127.0.0.1 to NO_PROXY');
  });
});

describe('TLS', () => {
  it('a certificate that nobody has signed, and how to look nevertheless', async () => {
    await using secure = await startFakeXinference({ tls: true });
    const { code, text } = await problemAt(secure.url);
    expect(code).toBe('certificate');
    expect(text).toContain('NODE_EXTRA_CA_CERTS');
    expect(text).toContain('--insecure');
    const report = await reportOf(['--server', secure.url, '--insecure', '--model', 'chat']);
    expect(report.exitCode).toBe(0);
    expect(report.models[0]?.dify[0]?.form).toContainEqual(
      expect.objectContaining({ value: 'No, accept a self-signed one' }),
    );
  });

  it('https where the server speaks http', async () => {
    const { code, text } = await problemAt(server.url.replace('http:', 'https:'));
    expect(code).toBe('no-tls');
    expect(text).toContain(`A Xinference server answers at ${server.url}`);
  });

  it('something that speaks neither', async () => {
    const other = createTcpServer(socket => socket.once('data', () => socket.end('SSH-2.0-OpenSSH_9.9\r\n')));
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code } = await problemAt(`http://127.0.0.1:${port}`);
    other.close();
    expect(code).toBe('no-http');
  });

  it('http where the server speaks https', async () => {
    await using secure = await startFakeXinference({ tls: true });
    const { code, text } = await problemAt(secure.url.replace('https:', 'http:'));
    expect(code).toBe('closed');
    expect(text).toContain(`A Xinference server answers at ${secure.url}`);
  });
});

describe('keys', () => {
  const keys = { apiKeys: ['good-key'] };

  it('none where one is wanted', async () => {
    await using locked = await startFakeXinference(keys);
    const { code, text } = await problemAt(locked.url);
    expect(code).toBe('key-missing');
    expect(text).toContain('add --api-key KEY');
  });

  it('a wrong one: it is shown once only, since ten times lock the address out, and never printed', async () => {
    await using locked = await startFakeXinference(keys);
    const { code, text } = await problemAt(locked.url, '--api-key', 'wrong-key');
    expect(code).toBe('key-refused');
    expect(text).toContain('ten wrong tries lock the address out');
    expect(text).not.toContain('wrong-key');
    expect(locked.requests.filter(request => request.headers.authorization !== undefined)).toHaveLength(1);
  });

  it('the address is banned', async () => {
    const { code, text } = await problemWhen(banned);
    expect(code).toBe('banned');
    expect(text).toContain('every further try of this address is refused');
  });

  it('the key may not', async () => {
    const { code } = await problemWhen(status(403, 'Access denied for IP: 10.0.0.7\n'));
    expect(code).toBe('access-denied');
  });
});

describe('something else answers', () => {
  it('a path too much in the address; no key goes to a place that nobody typed', async () => {
    server.clear();
    const { code, text } = await problemAt(`${server.url}/xinference/`, '--api-key', 'some-key');
    expect(code).toBe('wrong-path');
    expect(text).toContain(`A Xinference server answers at ${server.url}: use that`);
    const [probe] = server.seen('GET /v1/cluster/auth');
    expect(probe).toBeDefined();
    expect(probe?.headers.authorization).toBeUndefined();
  });

  it.each([
    ['a login page', page(200, 'Sign in to Corp Proxy')],
    ['a page that says not found', page(404, 'Sign in to Corp Proxy')],
  ])('%s', async (_what, handler) => {
    const { code, text } = await problemWhen(handler, '*');
    expect(code).toBe('web-page');
    expect(text).toContain('Sign in to Corp Proxy');
  });

  it('a redirect to a login', async () => {
    const { code, text } = await problemWhen(status(302, '', { location: 'https://login.example' }), '*');
    expect(code).toBe('redirect');
    expect(text).toContain('redirects are not followed');
  });

  it('JSON that lists nothing', async () => {
    expect((await problemWhen(wrongJson, '*')).code).toBe('not-xinference');
  });

  it("another server of OpenAI's protocol", async () => {
    const other = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url !== '/v1/models') response.statusCode = 404;
      response.end('{"object":"list","data":[{"id":"llama3","object":"model","owned_by":"library"}]}');
    });
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const address = other.address() as { port: number };
    const { code, text } = await problemAt(`http://127.0.0.1:${address.port}`);
    other.close();
    expect(code).toBe('not-xinference');
    expect(text).toContain('OpenAI-API-compatible');
  });

  it('a server that is down behind its proxy', async () => {
    const { code, text } = await problemWhen(unavailable, '*');
    expect(code).toBe('server-failure');
    expect(text).toContain('503 Service Temporarily Unavailable');
  });

  it.each([
    ['resets the connection', resetBeforeHead],
    ['stops in the middle', closeMidBody],
  ])('a server that %s', async (_what, handler) => {
    expect((await problemWhen(handler)).code).toBe('closed');
  });

  it('a server that fails', async () => {
    const { code, text } = await problemWhen(status(500, { detail: 'worker lost' }));
    expect(code).toBe('server-failure');
    expect(text).toContain('worker lost');
  });

  it('a server that never answers a probe does not hold up the rest', async () => {
    server.clear();
    server.answer('GET /v1/cluster/auth', blackHole);
    server.answer('GET /v1/cluster/version', blackHole);
    const report = await reportOf(['--server', server.url, '--model', 'chat', '--timeout', '0.3']);
    expect(report.exitCode).toBe(0);
    expect([report.server?.asksForKey, report.server?.version]).toEqual([null, null]);
    server.clear();
  });
});

describe('on paper', () => {
  it('says what is wrong, then what to do, and ends with 1', async () => {
    await using locked = await startFakeXinference({ apiKeys: ['good-key'] });
    const { code, out, err } = await runDoctor(['--server', locked.url]);
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ The server demands an API key at .*\[key-missing\]\n {2}→ Keys are made on /);
    expect(err).toBe('');
  });
});
