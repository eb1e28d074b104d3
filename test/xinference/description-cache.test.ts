import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { DescriptionCache } from '../../src/xinference/description-cache.ts';
import { FakeClock } from '../fake/clock.ts';
import { connectBlackHole, refused } from '../fake/network/connections.ts';
import * as faults from '../fake/xinference/faults.ts';
import type { Handler } from '../fake/xinference/replies.ts';
import { sendJson } from '../fake/xinference/replies.ts';
import {
  type FakeXinference,
  type FakeXinferenceOptions,
  startFakeXinference,
} from '../fake/xinference/xinference-server.ts';
import { patient, serverAt, TestClient } from '../http/servers.ts';

const MINUTE = 60_000;

/** A server, a client and a cache on a clock of its own, closed together. */
class Setup implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly client = new TestClient();
  readonly cache = new DescriptionCache(this.client, this.clock);
  readonly fake: FakeXinference;

  private constructor(fake: FakeXinference) {
    this.fake = fake;
  }

  static async start(options: FakeXinferenceOptions = {}): Promise<Setup> {
    return new Setup(await startFakeXinference(options));
  }

  get server() {
    return serverAt(this.fake.url);
  }

  /** How often the server was asked to describe a model. */
  get asked(): number {
    return this.fake.seen('GET /v1/models/*').length;
  }

  invoke(uid = 'chat', signal = patient()) {
    return this.cache.forInvoke(this.server, uid, signal);
  }

  /** Waits until the server has answered as often as this. */
  async answered(times: number): Promise<void> {
    const request = await this.fake.arrival('GET /v1/models/*', times);
    await request.outcome;
    while (this.clock.pending > 0) await turn();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    void this.client.close();
    await this.fake.close();
  }
}

function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

describe('for an invoke', () => {
  test('a description is asked for once, and fresh for five minutes', async () => {
    await using setup = await Setup.start();
    expect(await setup.invoke()).toMatchObject({ modelType: 'LLM', name: 'yi-chat' });
    setup.clock.advance(5 * MINUTE - 1);
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    expect(setup.clock.pending).toBe(0); // nothing was asked behind it
    expect(setup.asked).toBe(1);
  });

  test('then it is served on, while one refresh runs behind it', async () => {
    await using setup = await Setup.start();
    await setup.invoke();
    setup.clock.advance(5 * MINUTE);
    const held = Promise.withResolvers<void>();
    setup.fake.answer('GET /v1/models/chat', async (_request, response) => {
      await held.promise;
      sendJson(response, 200, { model_type: 'LLM', model_name: 'new' });
    });
    for (let count = 0; count < 5; count++) {
      expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
      await turn();
      expect(setup.clock.pending).toBe(1);
    }
    await setup.fake.arrival('GET /v1/models/*', 2);
    held.resolve();
    await setup.answered(2);
    expect(await setup.invoke()).toMatchObject({ name: 'new' });
    expect(setup.asked).toBe(2);
  });

  test('after thirty minutes it is dropped', async () => {
    await using setup = await Setup.start();
    await setup.invoke();
    setup.clock.advance(30 * MINUTE);
    setup.fake.answer('GET /v1/models/chat', faults.engineFailure);
    expect(await setup.invoke()).toBeUndefined();
    expect(setup.asked).toBe(2);
  });

  test('a refresh that fails leaves the old one, and is tried again after 30 s', async () => {
    await using setup = await Setup.start();
    await setup.invoke();
    setup.clock.advance(5 * MINUTE);
    setup.fake.answer('GET /v1/models/chat', faults.engineFailure);
    for (let count = 0; count < 5; count++) {
      expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
      await setup.answered(2);
    }
    expect(setup.asked).toBe(2);
    setup.clock.advance(30_000);
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    await setup.answered(3);
  });

  test('many at once make one request', async () => {
    await using setup = await Setup.start();
    const all = await Promise.all(Array.from({ length: 50 }, () => setup.invoke()));
    expect(new Set(all).size).toBe(1);
    expect(setup.asked).toBe(1);
  });

  test('servers, keys, uids and ways of TLS do not see each other', async () => {
    await using setup = await Setup.start();
    await using other = await startFakeXinference();
    const ask = (fields: object, uid = 'chat', url = setup.fake.url) =>
      setup.cache.forInvoke(serverAt(url, fields), uid, patient());
    for (let count = 0; count < 2; count++) {
      await ask({});
      await ask({ apiKey: 'one' });
      await ask({ apiKey: 'two' });
      await ask({ verifyTls: false });
      await ask({}, 'embedding');
      await ask({}, 'chat', other.url);
      await ask({ timeoutMs: 5, maxRetries: 7 }); // no part of what a server is
    }
    expect(setup.asked).toBe(5);
    expect(other.requests).toHaveLength(1);
    expect(setup.fake.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer one',
      'Bearer two',
      undefined,
      undefined,
    ]);
  });

  test.each<[string, Handler]>([
    ['400', faults.badRequest],
    ['403', faults.forbidden],
    ['404', faults.notFound],
    ['429', faults.rateLimited],
    ['500', faults.engineFailure],
    ['502', faults.badGateway],
    ['503', faults.loading()],
    ['HTML', faults.html200],
    ['a reset', faults.resetBeforeHead],
    ['half an answer', faults.resetMidBody],
  ])('%s goes on without, and is not kept', async (_what, handler) => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', handler, { times: 1 });
    expect(await setup.invoke()).toBeUndefined();
    expect(setup.asked).toBe(1);
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    expect(setup.clock.pending).toBe(0);
  });

  test('a server that is away goes on without', async () => {
    await using away = await refused();
    await using setup = await Setup.start();
    await expect(setup.cache.forInvoke(serverAt(away.url), 'chat', patient())).resolves.toBeUndefined();
  });

  test.each<[string, Handler, string]>([
    ['401', faults.unauthorized, 'key-missing'],
    ['a ban', faults.banned, 'banned'],
  ])('%s fails at once, and is asked again by the next', async (_what, handler, code) => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', handler);
    for (const asked of [1, 2]) {
      await expect(setup.invoke()).rejects.toMatchObject({ code });
      expect(setup.asked).toBe(asked);
    }
    await Promise.allSettled(Array.from({ length: 10 }, () => setup.invoke()));
    expect(setup.asked).toBe(3);
  });

  test('a key that is refused while the old description serves is told to the next', async () => {
    await using setup = await Setup.start();
    await setup.invoke();
    setup.clock.advance(5 * MINUTE);
    setup.fake.answer('GET /v1/models/chat', faults.unauthorized);
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    await setup.answered(2);
    await expect(setup.invoke()).rejects.toMatchObject({ code: 'key-missing' });
  });

  test('after 10 s of waiting it goes on without, and for 30 s does not ask', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', faults.blackHole);
    const first = setup.invoke();
    const request = await setup.fake.arrival('GET /v1/models/chat');
    setup.clock.advance(9_999);
    expect(await Promise.race([first, turn().then(() => 'waiting')])).toBe('waiting');
    setup.clock.advance(1);
    expect(await first).toBeUndefined();
    expect(await request.outcome).toMatchObject({ aborted: true });

    setup.clock.advance(29_999);
    expect(await setup.invoke()).toBeUndefined();
    expect(setup.asked).toBe(1);
    setup.clock.advance(1);
    setup.fake.clear();
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
  });

  test('of less patience the wait is less', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', faults.blackHole);
    const asked = setup.cache.forInvoke(serverAt(setup.fake.url, { timeoutMs: 2_000 }), 'chat', patient());
    await setup.fake.arrival('GET /v1/models/chat');
    setup.clock.advance(2_000);
    expect(await asked).toBeUndefined();
  });

  test('a connection that does not come about is a timeout too', async () => {
    await using hole = await connectBlackHole();
    await using setup = await Setup.start();
    const server = serverAt(hole.url, { timeoutMs: 100 });
    expect(await setup.cache.forInvoke(server, 'chat', patient())).toBeUndefined();
    const again = setup.cache.forInvoke(server, 'chat', patient());
    expect(setup.client.connections.size).toBe(0);
    expect(await again).toBeUndefined();
  });

  test('one that is cancelled leaves the others alone; the last one ends the request', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', faults.blackHole);
    const [one, two] = [new AbortController(), new AbortController()];
    const first = setup.invoke('chat', one.signal);
    const second = setup.invoke('chat', two.signal);
    const request = await setup.fake.arrival('GET /v1/models/chat');
    one.abort(new Error('one'));
    await expect(first).rejects.toThrow('one');
    expect(await Promise.race([second, turn().then(() => 'waiting')])).toBe('waiting');
    expect(request.aborted).toBe(false);
    two.abort(new Error('two'));
    await expect(second).rejects.toThrow('two');
    expect(await request.outcome).toMatchObject({ aborted: true });
    expect(setup.clock.pending).toBe(0);
    expect(getEventListeners(one.signal, 'abort')).toEqual([]);
    setup.fake.clear();
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
  });

  test('a cancel is no timeout: the next asks', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', faults.blackHole, { times: 1 });
    const cancel = new AbortController();
    const first = setup.invoke('chat', cancel.signal);
    await setup.fake.arrival('GET /v1/models/chat');
    cancel.abort(new Error('stop'));
    await expect(first).rejects.toThrow('stop');
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
  });

  test('a refresh that hangs is ended after 10 s', async () => {
    await using setup = await Setup.start();
    await setup.invoke();
    setup.clock.advance(5 * MINUTE);
    setup.fake.answer('GET /v1/models/chat', faults.blackHole);
    await setup.invoke();
    const request = await setup.fake.arrival('GET /v1/models/chat', 2);
    setup.clock.advance(10_000);
    expect(await request.outcome).toMatchObject({ aborted: true });
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    expect(setup.asked).toBe(2);
  });
});

describe('for a schema', () => {
  const schema = (setup: Setup, uid = 'chat', fields = {}) =>
    setup.cache.forSchema(serverAt(setup.fake.url, fields), uid, patient());

  test('the server is asked each time, and the answer serves invokes', async () => {
    await using setup = await Setup.start();
    for (const asked of [1, 2]) {
      expect(await schema(setup)).toMatchObject({ description: { name: 'yi-chat' }, failure: undefined });
      expect(setup.asked).toBe(asked);
    }
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    expect(setup.asked).toBe(2);
  });

  test.each<[string, Handler]>([
    ['400', faults.badRequest],
    ['401', faults.unauthorized],
    ['a ban', faults.banned],
    ['403', faults.forbidden],
    ['404', faults.notFound],
    ['500', faults.engineFailure],
    ['502', faults.badGateway],
    ['503', faults.loading()],
    ['HTML', faults.html200],
    ['a reset', faults.resetBeforeHead],
  ])('%s leaves what was known, for ever; of another model that is nothing', async (_what, handler) => {
    await using setup = await Setup.start();
    await schema(setup);
    setup.fake.answer('*', handler);
    setup.clock.advance(365 * 24 * 60 * MINUTE);
    for (let count = 0; count < 2; count++) {
      expect(await schema(setup)).toMatchObject({
        description: { name: 'yi-chat' },
        failure: { message: expect.stringContaining(setup.fake.url) },
      });
    }
    expect(await schema(setup, 'other')).toMatchObject({ description: undefined });
    expect(await schema(setup, 'chat', { apiKey: 'another' })).toMatchObject({ description: undefined });
  });

  test('what was known is shown also after an invoke was refused', async () => {
    await using setup = await Setup.start();
    await schema(setup);
    setup.clock.advance(30 * MINUTE);
    setup.fake.answer('*', faults.unauthorized);
    await expect(setup.invoke()).rejects.toMatchObject({ status: 401 });
    expect(await schema(setup)).toMatchObject({ description: { name: 'yi-chat' } });
  });

  test('a silent server is waited for 9 s once, then for 30 s 1 s each time', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('*', faults.blackHole);
    let asked = 0;
    for (const [patience, pause] of [
      [9_000, 0],
      [1_000, 29_000],
      [1_000, 30_000],
      [9_000, 0],
    ] as const) {
      const known = schema(setup, `m${asked}`);
      await setup.fake.arrival('GET /v1/models/*', ++asked);
      setup.clock.advance(patience - 1);
      expect(await Promise.race([known, turn().then(() => 'waiting')])).toBe('waiting');
      setup.clock.advance(1);
      expect(await known).toMatchObject({ failure: { code: 'silent' } });
      setup.clock.advance(pause);
    }
    setup.fake.clear();
    expect(await schema(setup)).toMatchObject({ failure: undefined });
    setup.fake.answer('*', faults.blackHole);
    const again = schema(setup);
    await setup.fake.arrival('GET /v1/models/*', 2);
    setup.clock.advance(8_999);
    expect(await Promise.race([again, turn().then(() => 'waiting')])).toBe('waiting');
    setup.clock.advance(1);
    await again;
  });

  test('a page full of models tries a wrong key once, so that the address is not locked out', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('*', faults.unauthorized);
    for (let at = 0; at < 20; at++) {
      expect(await schema(setup, `m${at}`)).toMatchObject({ failure: { status: 401 } });
    }
    expect(setup.asked).toBe(1);
    expect(await schema(setup, 'chat', { apiKey: 'another' })).toMatchObject({ failure: { status: 401 } });
    expect(setup.asked).toBe(2);
    setup.fake.clear();
    await setup.cache.ask(setup.server, 'chat', patient()); // a validation: the key was mended on the server
    expect(await schema(setup)).toMatchObject({ failure: undefined });
  });

  test('one that is cancelled fails with the reason', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('*', faults.blackHole);
    const cancel = new AbortController();
    const known = setup.cache.forSchema(setup.server, 'chat', cancel.signal);
    await setup.fake.arrival('GET /v1/models/chat');
    cancel.abort(new Error('stop'));
    await expect(known).rejects.toThrow('stop');
    expect(setup.clock.pending).toBe(0);
  });
});

describe('for validation', () => {
  test('the server is asked each time, and the answer serves invokes', async () => {
    await using setup = await Setup.start();
    for (let count = 0; count < 2; count++) {
      expect(await setup.cache.ask(setup.server, 'chat', patient())).toMatchObject({ name: 'yi-chat' });
    }
    expect(setup.asked).toBe(2);
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
    expect(setup.asked).toBe(2);
    expect(setup.cache.peek(setup.server, 'chat')).toMatchObject({ name: 'yi-chat' });
    expect(setup.cache.peek(setup.server, 'other')).toBeUndefined();
  });

  test('failures are told, and an unknown model with those that run', async () => {
    await using setup = await Setup.start();
    await expect(setup.cache.ask(setup.server, 'x', patient())).rejects.toThrow(/It runs: chat, chat-tools/);
    setup.fake.answer('GET /v1/models/chat', faults.loading());
    await expect(setup.cache.ask(setup.server, 'chat', patient())).rejects.toMatchObject({ code: 'loading' });
  });

  test('it asks although invokes do not for a while', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('GET /v1/models/chat', faults.blackHole, { times: 1 });
    const asked = setup.invoke();
    await setup.fake.arrival('GET /v1/models/chat');
    setup.clock.advance(10_000);
    expect(await asked).toBeUndefined();
    await setup.cache.ask(setup.server, 'chat', patient());
    expect(await setup.invoke()).toMatchObject({ name: 'yi-chat' });
  });

  test('no more than a thousand are kept', async () => {
    await using setup = await Setup.start();
    setup.fake.answer('*', (_request, response) => sendJson(response, 200, { model_type: 'LLM' }));
    for (let at = 0; at < 1_001; at++) await setup.cache.ask(setup.server, `m${at}`, patient());
    expect(setup.cache.peek(setup.server, 'm0')).toBeUndefined();
    expect(setup.cache.peek(setup.server, 'm1')).toBeDefined();
    expect(setup.cache.peek(setup.server, 'm1000')).toBeDefined();
  });
});
