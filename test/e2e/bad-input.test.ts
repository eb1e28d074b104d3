import { describe, expect, test } from 'vitest';
import type { HostSession, SessionResult } from '../fake/host/host-session.ts';
import { refused } from '../fake/network/connections.ts';
import { startPlugin } from '../fake/plugin/plugin.ts';
import * as faults from '../fake/xinference/faults.ts';
import { type FakeXinference, startFakeXinference } from '../fake/xinference/xinference-server.ts';

type Credentials = Readonly<Record<string, unknown>>;

const question = {
  model: 'chat',
  stream: true,
  prompt_messages: [{ role: 'user', content: 'Say something.' }],
};

/** What came in a session, with how often it ended. */
async function outcome(session: HostSession): Promise<SessionResult & { ends: number; messages: string[] }> {
  const types: string[] = [];
  for await (const { type } of session.messages) types.push(type);
  const result = await session.result();
  return { ...result, messages: types, ends: types.filter(type => type === 'end').length };
}

interface Case {
  /** What the user typed wrongly, or what the server does. */
  readonly credentials?: (server: FakeXinference) => Credentials | null | Promise<Credentials | null>;
  readonly server?: (server: FakeXinference) => unknown;
  readonly errorType: string;
  /** What happened and where, then the way out. */
  readonly message: (server: FakeXinference) => readonly (string | RegExp)[];
  /** Requests for the answer that the server saw; default 0. */
  readonly asked?: number;
  /** The types of the messages of an invoke; default an error and an end. */
  readonly messages?: readonly string[];
  /** What a validation of the same is told, where that is something else; `null` where it succeeds. */
  readonly validation?: ((server: FakeXinference) => readonly (string | RegExp)[]) | null;
}

const good = (server: FakeXinference, fields: object = {}) => ({
  server_url: server.url,
  model_uid: 'chat',
  max_retries: '0',
  ...fields,
});

const chatUrl = ({ url }: FakeXinference) => `${url}/v1/chat/completions`;
const describeUrl = ({ url }: FakeXinference) => `${url}/v1/models/chat`;
const route = 'POST /v1/chat/completions';

const away = await refused();
await away.close();

const cases: Readonly<Record<string, Case>> = {
  'no server_url': {
    credentials: () => ({ model_uid: 'chat' }),
    errorType: 'InvokeBadRequestError',
    message: () => ['The server URL is empty', 'such as http://192.168.1.10:9997'],
  },
  'a URL without scheme': {
    credentials: server => good(server, { server_url: `127.0.0.1:${server.port}` }),
    errorType: 'InvokeBadRequestError',
    message: server => [`The server URL 127.0.0.1:${server.port} has no http://`, `type ${server.url}.`],
  },
  'nothing listening': {
    credentials: server => good(server, { server_url: away.url }),
    errorType: 'InvokeConnectionError',
    message: () => [
      `Nothing listens at ${away.url}/v1/chat/completions`,
      'Check that Xinference runs there',
      'host.docker.internal',
    ],
    validation: () => [`Nothing listens at ${away.url}/v1/models/chat`, 'Check that Xinference runs there'],
  },
  'HTML from a proxy': {
    server: server => server.answer('*', faults.html200),
    errorType: 'InvokeServerUnavailableError',
    message: server => [`${chatUrl(server)} answered with text/html`, 'address of Xinference itself'],
    asked: 1,
    validation: server => [describeUrl(server), 'a web page: Sign in', 'address of Xinference itself'],
  },
  '502 with HTML from a proxy': {
    server: server => server.answer('*', faults.badGateway),
    errorType: 'InvokeServerUnavailableError',
    message: server => [
      `${chatUrl(server)} (HTTP 502)`,
      'a web page: 502 Bad Gateway',
      'proxies in front of it are up',
    ],
    asked: 1,
    validation: server => [`${describeUrl(server)} (HTTP 502)`, 'a web page: 502 Bad Gateway'],
  },
  '401': {
    server: server => server.answer('*', faults.unauthorized),
    credentials: server => good(server, { api_key: 'xf-secret' }),
    errorType: 'InvokeAuthorizationError',
    message: server => [
      `refuses the API key at ${describeUrl(server)} (HTTP 401)`,
      'Check "API key" in the credentials',
    ],
  },
  '404 for the uid': {
    credentials: server => good(server, { model_uid: 'nobody' }),
    errorType: 'InvokeBadRequestError',
    message: server => [
      `does not know this model at ${chatUrl(server)} (HTTP 404)`,
      'uid: nobody',
      'Check that the model is running',
    ],
    asked: 1,
    validation: server => [`${server.url} runs no model with the UID "nobody"`, 'It runs: chat, '],
  },
  'a stream that breaks off': {
    server: server => server.answer(route, faults.resetMidBody),
    errorType: 'InvokeServerUnavailableError',
    message: server => [`${chatUrl(server)} broke off in the middle`, "look into Xinference's log"],
    asked: 1,
    messages: ['stream', 'error', 'end'],
    validation: null,
  },
  'a stream that ends without an end': {
    server: server => server.answer(route, faults.truncatedJson),
    errorType: 'InvokeServerUnavailableError',
    message: server => [
      `${chatUrl(server)} sent a chunk that is not JSON`,
      'Check "Server URL" in the credentials',
    ],
    asked: 1,
    validation: null,
  },
  'silence beyond invoke_timeout': {
    server: server => server.answer(route, faults.blackHole),
    credentials: server => good(server, { invoke_timeout: '0.5' }),
    errorType: 'InvokeConnectionError',
    message: server => [`No answer from ${chatUrl(server)} for 0.5 s`, 'raise "Timeout in seconds"'],
    asked: 1,
    validation: null,
  },
  'silence from the start': {
    server: server => server.answer('*', faults.blackHole),
    credentials: server => good(server, { invoke_timeout: '0.5' }),
    errorType: 'InvokeConnectionError',
    message: server => [`No answer from ${chatUrl(server)} for 0.5 s`, 'raise "Timeout in seconds"'],
    asked: 1,
    validation: server => [`No answer from ${describeUrl(server)} for 0.5 s`],
  },
  'credentials null': {
    credentials: () => null,
    errorType: 'InvokeBadRequestError',
    message: () => ['The server URL is empty', 'such as http://192.168.1.10:9997'],
  },
};

describe.each(Object.entries(cases))('%s', (_name, each) => {
  async function start() {
    const server = await startFakeXinference();
    each.server?.(server);
    const credentials = each.credentials ? await each.credentials(server) : good(server);
    const plugin = await startPlugin();
    return {
      server,
      credentials,
      host: plugin.host,
      [Symbol.asyncDispose]: async () => {
        await plugin.close();
        await server.close();
      },
    };
  }

  test('ends an invoke once, with an error that says what to do; the next one works', async () => {
    await using setup = await start();
    const { server, host, credentials } = setup;
    const { error, ends, messages } = await outcome(host.request('invoke_llm', { ...question, credentials }));
    expect(error?.error_type).toBe(each.errorType);
    for (const part of each.message(server)) expect(error?.message).toMatch(part);
    expect(error?.message).not.toContain('xf-secret');
    expect(messages).toEqual(each.messages ?? ['error', 'end']);
    expect(ends).toBe(1);
    expect(server.seen(route)).toHaveLength(each.asked ?? 0);

    server.clear();
    const next = await outcome(host.request('invoke_llm', { ...question, credentials: good(server) }));
    expect(next.error).toBeUndefined();
    expect(next.ends).toBe(1);
  });

  test('fails a validation once, where it can show itself there', async () => {
    await using setup = await start();
    const { server, host, credentials } = setup;
    const request = { model_type: 'llm', model: 'chat', credentials };
    const { error, ends } = await outcome(host.request('validate_model_credentials', request));
    const expected = each.validation === undefined ? each.message : each.validation;
    expect(error?.error_type).toBe(expected === null ? undefined : 'CredentialsValidateFailedError');
    for (const part of expected?.(server) ?? []) expect(error?.message).toMatch(part);
    expect(ends).toBe(1);

    server.clear();
    const again = { ...request, credentials: good(server) };
    expect((await outcome(host.request('validate_model_credentials', again))).error).toBeUndefined();
  });
});
