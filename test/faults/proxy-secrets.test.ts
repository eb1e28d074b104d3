import { describe, expect, it } from 'vitest';
import { startFakeProxy } from '../fake/network/proxy.ts';
import { startMain, transports } from '../fake/plugin/transports.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';

const SERVER = 'http://model.example:9997';
/** As it stands in a URL, and what nobody may read of it. */
const PASSWORD = 'Q7wE9%40rT2%2FyU4';
const PIECES = /Q7wE9|rT2|yU4/;
const BASE64 = Buffer.from(`user:${decodeURIComponent(PASSWORD)}`).toString('base64');

/** The environment of a proxy that refuses everything, and repeats what it was sent. */
async function repeatingProxy() {
  const proxy = await startFakeProxy({ refuse: 403, repeats: true });
  const HTTP_PROXY = `user:${PASSWORD}@127.0.0.1:${proxy.port}`;
  return { proxy, env: { HTTP_PROXY, DIFY_PASSWORD: 'x' }, [Symbol.asyncDispose]: () => proxy.close() };
}

function expectNoPassword(text: string): void {
  expect(text).not.toMatch(PIECES);
  expect(text).not.toContain(BASE64.slice(8, 20));
}

describe.concurrent('a proxy that repeats its password is not repeated', () => {
  it.each([
    [1, ['doctor', '--server', SERVER]],
    [1, ['doctor', '--server', SERVER, '--json']],
    [4, ['import', '--server', '%here', '--dify', 'http://dify.example', '--email', 'o@example.com']],
  ])('with exit code %i by %j', async (code, words) => {
    await using server = await startFakeXinference();
    await using target = await repeatingProxy();
    const env = { ...target.env, NO_PROXY: '127.0.0.1' };
    const asked = words.map(word => (word === '%here' ? server.url : word));
    await using command = startMain(env, undefined, asked);
    command.child.stdin?.end();
    const exit = await command.exit;
    expectNoPassword(command.stdout + command.stderr);
    expect(exit.code).toBe(code);
    expect(target.proxy.authorizations).toContain(`Basic ${BASE64}`);
  });

  it('in errors and log lines', async () => {
    await using target = await repeatingProxy();
    await using plugin = await transports.stdio({ ...target.env, LOG_LEVEL: 'debug' });
    const credentials = { server_url: SERVER, model_uid: 'chat', max_retries: '0' };
    const data = { model: 'm', model_type: 'llm', credentials };
    const { error } = await plugin.host.request('validate_model_credentials', data).result();
    expect(error?.message).toContain('proxy-authorization');
    const lines = plugin.host.lines.filter(({ from }) => from === 'plugin').map(({ line }) => line);
    expectNoPassword(lines.join('\n'));
    expect(target.proxy.authorizations).toContain(`Basic ${BASE64}`);
  });
});
