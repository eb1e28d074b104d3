import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { InvokeServerUnavailableError } from '../../src/dify/protocol/errors.ts';
import { FakeClock } from '../fake/clock.ts';
import type { HostSession } from '../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../fake/plugin/plugin.ts';
import { blackHole, loading, neverEndingBody, stall } from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import type { FakeRequest } from '../fake/xinference/request.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { type AskingAction, askingActions, invokingActions } from './actions.ts';

type Data = Readonly<Record<string, unknown>>;

async function setUp() {
  const clock = new FakeClock();
  const plugin = await startPlugin({ clock, logLevel: 'silent' });
  const server = await startFakeXinference();
  const ask = (action: AskingAction, data: Data = {}) =>
    plugin.host.request(action.action, {
      ...action.data,
      ...data,
      model: 'm',
      credentials: {
        server_url: server.url,
        model_uid: action.uid,
        ...(data['credentials'] as Data | undefined),
      },
    });
  const close = async () => {
    await plugin.close();
    await server.close();
  };
  return { clock, plugin, server, ask, [Symbol.asyncDispose]: close };
}

/** Within 100 ms, a busy machine's pauses not counted, the server sees that nobody waits for these any more. */
async function expectAborted(...requests: readonly FakeRequest[]): Promise<void> {
  for (let ms = 0; ms < 100 && requests.some(({ aborted }) => !aborted); ms += 5) await sleep(5);
  expect(requests.map(({ aborted }) => aborted)).toEqual(requests.map(() => true));
}

/** Nothing is left of what was cancelled: no session, no wait, no connection in use, and no request follows. */
async function expectNothingLeft(all: Awaited<ReturnType<typeof setUp>>, idleConnections = 0): Promise<void> {
  const { plugin, server, clock } = all;
  const seen = server.requests.length;
  expect(plugin.dispatcher.sessions).toEqual([]);
  for (let ms = 0; ms < 100 && clock.pending > 0; ms += 5) await sleep(5);
  expect(clock.pending).toBe(0);
  clock.advance(120_000);
  for (let ms = 0; ms < 100 && server.openConnections > idleConnections; ms += 5) await sleep(5);
  expect(server.openConnections).toBeLessThanOrEqual(idleConnections);
  expect(server.requests).toHaveLength(seen);
}

const describeRoute = ({ uid }: AskingAction) => `GET /v1/models/${uid}`;

/** A phase of an action in which its server is waited for: what is asked then, and how the server holds it up. */
interface Phase {
  readonly name: string;
  readonly action: AskingAction;
  readonly route: string;
  readonly handler: Handler;
}

const phases: readonly Phase[] = askingActions.flatMap(action => {
  const phase = (name: string, route: string, handler: Handler) => ({
    name: `${action.name}, while ${name}`,
    action,
    route,
    handler,
  });
  return [
    ...(invokingActions.includes(action)
      ? [
          phase('it waits for the description', describeRoute(action), blackHole),
          phase('the description comes in', describeRoute(action), stall),
        ]
      : []),
    phase('it waits for the head', action.route, blackHole),
    phase('the answer comes in', action.route, stall),
    ...(action.streams ? [phase('the answer pours in', action.route, neverEndingBody)] : []),
  ];
});

const streamingActions = invokingActions.filter(({ streams }) => streams);

describe.concurrent('a cancel', () => {
  it.each(phases)('of $name', async ({ action, route, handler }) => {
    await using all = await setUp();
    const { plugin, server, ask } = all;
    server.answer(route, handler);
    const session = ask(action);
    const request = await server.arrival(route);
    if (handler === neverEndingBody) await firstResult(session);
    plugin.host.cancel(session.id);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    await expectAborted(request);
    plugin.host.cancel(session.id);
    await expectNothingLeft(all, action.route === route ? 1 : 0);
  });

  it.each(invokingActions)('of $name, while it waits for another try', async action => {
    await using all = await setUp();
    const { clock, plugin, server, ask } = all;
    server.answer(action.route, loading(20));
    const session = ask(action);
    await server.arrival(action.route);
    while (clock.pending === 0) await sleep(1);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    await expectNothingLeft(all, 1);
    expect(server.seen(action.route)).toHaveLength(1);
  });

  it.each(streamingActions)('of $name, while the host does not read', async action => {
    await using all = await setUp();
    const { plugin, server, ask } = all;
    server.answer(action.route, neverEndingBody);
    const session = ask(action);
    const request = await server.arrival(action.route);
    await firstResult(session);
    plugin.host.pause();
    await sleep(50);
    plugin.host.cancel(session.id);
    await expectAborted(request);
    plugin.host.resume();
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    await expectNothingLeft(all, 1);
  });
});

async function firstResult(session: HostSession): Promise<void> {
  for await (const { type } of session.messages) if (type === 'stream') return;
}

describe.concurrent.each(invokingActions)('$name is given up', action => {
  it.each<[string, (plugin: PluginInProcess) => void, string]>([
    [
      'at a shutdown',
      ({ dispatcher }) => dispatcher.failAll(new InvokeServerUnavailableError('going')),
      'InvokeServerUnavailableError',
    ],
    [
      'when its host has gone',
      ({ dispatcher }) => {
        for (const session of dispatcher.sessions) session.cancel('The host is gone.');
      },
      'RequestCancelledError',
    ],
  ])('%s', async (_when, giveUp, errorType) => {
    await using all = await setUp();
    const { plugin, server, ask } = all;
    server.answer(action.route, blackHole);
    const session = ask(action);
    const request = await server.arrival(action.route);
    giveUp(plugin);
    expect((await session.result()).error?.error_type).toBe(errorType);
    await expectAborted(request);
    await expectNothingLeft(all, 1);
  });
});

describe.concurrent.each(streamingActions)('$name is given up at its first token deadline', action => {
  it.each([
    ['the description', describeRoute(action)],
    ['the head', action.route],
  ])('while it waits for %s', async (_what, route) => {
    await using all = await setUp();
    const { server, ask } = all;
    server.answer(route, blackHole);
    const session = ask(action, { first_token_timeout: 1 });
    const request = await server.arrival(route);
    expect((await session.result()).error?.error_type).toBe('FirstTokenTimeoutError');
    await expectAborted(request);
    await expectNothingLeft(all, 1);
  });
});

describe('a cancel of what is asked in parts', () => {
  const find = (name: string) => {
    const action = askingActions.find(action => action.action === name);
    if (action === undefined) throw new Error(`${name} asks nobody`);
    return action;
  };

  async function cancelAll(action: AskingAction, data: Data, parallel: number): Promise<void> {
    await using all = await setUp();
    const { plugin, server, ask } = all;
    server.answer(action.route, blackHole);
    const session = ask(action, data);
    await server.arrival(action.route, parallel);
    await sleep(20);
    const requests = server.seen(action.route);
    plugin.host.cancel(session.id);
    expect((await session.result()).error?.error_type).toBe('RequestCancelledError');
    await expectAborted(...requests);
    await expectNothingLeft(all, 1);
  }

  it('ends every part of a split embedding, and sends none after', async () => {
    const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
    await cancelAll(find('invoke_text_embedding'), { texts, credentials: { max_chunks: '2' } }, 2);
  });

  it('ends the sounds that are made ahead', async () => {
    const content_text = 'This is one sentence of many, and none of them is long. '.repeat(60);
    await cancelAll(find('invoke_tts'), { content_text }, 2);
  });
});
