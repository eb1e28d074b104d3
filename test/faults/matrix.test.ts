import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestSchemas } from '../../src/dify/protocol/requests.schemas.ts';
import type { SessionResult } from '../fake/host/host-session.ts';
import { connectBlackHole, type DeadEnd, refused, silent } from '../fake/network/connections.ts';
import { slowDrip } from '../fake/xinference/faults.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import { type AskingAction, askingActions, invokingActions, otherActions } from './actions.ts';
import { type Fault, faults, NO_ANSWER } from './fault-table.ts';
import { expectNextWorks, INVOKE_TIMEOUT, KEY, MAX_RETRIES, type Matrix, setUpMatrix } from './set-up.ts';

/** The verbs of sentences that say what to try. */
const ADVICE =
  /\b(?:check|try|set|use|raise|lower|shorten|give|correct|enter|launch|ask|look into|choose|wait|it runs)\b/i;

/** A message tells where it happened, and what to try. */
function expectMessage({ error }: SessionResult, url: string, says: RegExp): void {
  expect(error?.message).toContain(url);
  expect(error?.message).toMatch(says);
  expect(error?.message).toMatch(ADVICE);
  expect(error?.message).not.toContain(KEY);
  expect(error?.message).not.toContain('[address=');
}

/** What went wrong, where it happened, and what to try. */
function expectFailure(
  action: AskingAction,
  result: SessionResult,
  failure: { readonly type: string; readonly url: string; readonly says: RegExp },
): void {
  if (action.standsIn) {
    expect(result.error).toBeUndefined();
    expect(result.stream).toMatchObject([{ model_schema: { model: 'my model' } }]);
    return;
  }
  expect(result.error?.error_type).toBe(action.errorType ?? failure.type);
  expectMessage(result, failure.url, failure.says);
}

/** Waits without a wish of the server grow from a quarter of a second to at most eight, with any jitter. */
function expectWaits(waits: readonly number[], { retried, waitMs }: Pick<Fault, 'retried' | 'waitMs'>): void {
  expect(waits).toHaveLength(retried ? MAX_RETRIES : 0);
  for (const [at, ms] of waits.entries()) {
    if (waitMs !== undefined) expect(ms).toBe(waitMs);
    expect(ms).toBeLessThanOrEqual(waitMs ?? 250 * 2 ** at);
  }
}

it('the matrix has each action of the protocol', () => {
  const actions = [...askingActions.map(({ action }) => action), ...otherActions];
  expect([...new Set(actions)].toSorted()).toEqual(Object.keys(requestSchemas).toSorted());
});

describe.concurrent.each(askingActions)('$name', action => {
  it.each(faults.filter(({ inText }) => !(inText && action.sounds)))(
    'of a server that answers with $name',
    async fault => {
      await using all = await setUpMatrix();
      const { server, clock, ask } = all;
      const isSilent = fault.says === NO_ANSWER;
      if (isSilent && action.route.startsWith('POST')) await knowModel(action, all);
      server.answer(action.route, fault.handler);
      const result = await ask(action, server.url, isSilent ? INVOKE_TIMEOUT : undefined).result();
      const retried = action.retries && fault.retried === true;
      expectFailure(action, result, { type: fault.errorType, url: server.url, says: fault.says });
      if (!(fault.midBody && action.streams) && !action.standsIn) expect(result.stream).toEqual([]);
      // On a busy machine the connection that was kept may be closed as idle by then, and the new one is not resent on.
      const times = retried ? 1 + MAX_RETRIES : 1;
      expect(fault.resent && action.retries ? [times, times + 1] : [times]).toContain(
        server.seen(action.route).length,
      );
      expectWaits(clock.waits, { ...fault, retried });
      await expectNextWorks(action, all);
    },
  );

  it('of a server that nobody answers for', async () => {
    await using all = await setUpMatrix();
    const { clock, ask } = all;
    await using dead = await refused();
    const result = await ask(action, dead.url).result();
    expectFailure(action, result, {
      type: 'InvokeConnectionError',
      url: dead.url,
      says: /connection refused.*container/,
    });
    expectWaits(clock.waits, { retried: action.retries });
    await expectNextWorks(action, all);
  });

  it('of a server that takes connections and is silent', async () => {
    await using all = await setUpMatrix();
    const { clock, ask } = all;
    await using dead = await silent();
    const result = await ask(action, dead.url, INVOKE_TIMEOUT).result();
    expectFailure(action, result, { type: 'InvokeConnectionError', url: dead.url, says: NO_ANSWER });
    expectWaits(clock.waits, {});
    await expectNextWorks(action, all);
  });

  it('of a server whose certificate nobody has signed', async () => {
    await using all = await setUpMatrix();
    const { clock, ask } = all;
    await using selfSigned = await startFakeXinference({ tls: true });
    const result = await ask(action, selfSigned.url).result();
    expectFailure(action, result, {
      type: 'InvokeConnectionError',
      url: selfSigned.url,
      says: /certificate.*NODE_EXTRA_CA_CERTS/,
    });
    expect(selfSigned.requests).toEqual([]);
    expectWaits(clock.waits, {});
    await expectNextWorks(action, all);
  });

  it('of a server that sends its answer slowly, but never pauses for long', async () => {
    await using all = await setUpMatrix();
    const { server, ask } = all;
    const good = await answerOf(action, all);
    server.clear();
    server.answer(
      action.route,
      slowDrip({ every: 5, bytes: Math.ceil(good.body.length / 20), body: good.body, type: good.type }),
    );
    const result = await ask(action, server.url).result();
    expect(result.error).toBeUndefined();
    expect(server.seen(action.route)).toHaveLength(1);
  });
});

/** The description is there: else it would have to come within the time of a silent server. */
async function knowModel(action: AskingAction, { server, ask }: Matrix): Promise<void> {
  await ask(action, server.url).result();
  server.clear();
}

/** The bytes of the good answer to an action. */
async function answerOf(action: AskingAction, { server, ask }: Matrix) {
  await ask(action, server.url).result();
  const [request] = server.seen(action.route);
  if (request === undefined) throw new Error(`${action.name} did not ask ${action.route}`);
  const init = request.method === 'GET' ? {} : { body: request.raw };
  const headers = { authorization: `Bearer ${KEY}`, 'content-type': request.headers['content-type'] ?? '' };
  const response = await fetch(server.url + request.path, { method: request.method, headers, ...init });
  return {
    type: response.headers.get('content-type') ?? '',
    body: Buffer.from(await response.arrayBuffer()),
  };
}

// A completion model is taken for a chat model then: the server judges.
const asked = invokingActions.filter(({ uid }) => uid !== 'completion');

describe.concurrent.each(asked)('$name, when only the description cannot be had', action => {
  const route = `GET /v1/models/${action.uid}`;
  const barred = new Set(['401', '429 of a ban']);

  it.each(faults.filter(({ name }) => !barred.has(name)))('goes on after $name', async fault => {
    await using all = await setUpMatrix();
    const { server, clock, ask } = all;
    server.answer(route, fault.handler);
    const result = await ask(action, server.url).result();
    expect(result.error).toBeUndefined();
    expect(server.seen(route)).toHaveLength(1);
    expect(server.seen(action.route)).toHaveLength(1);
    expectWaits(clock.waits, {});
  });

  it.each(faults.filter(({ name }) => barred.has(name)))('asks nothing more after $name', async fault => {
    await using all = await setUpMatrix();
    const { server, ask } = all;
    server.answer(route, fault.handler);
    const result = await ask(action, server.url).result();
    expect(result.error?.error_type).toBe(fault.errorType);
    expect(server.seen(action.route)).toEqual([]);
    await expectNextWorks(action, all);
  });
});

describe('a server behind a firewall that drops every packet', () => {
  let dropped: DeadEnd;
  beforeAll(async () => {
    dropped = await connectBlackHole();
  });
  afterAll(() => dropped.close());

  it.concurrent.each(askingActions)('$name', async action => {
    await using all = await setUpMatrix();
    const { clock, ask } = all;
    const result = await ask(action, dropped.url, INVOKE_TIMEOUT).result();
    const says = new RegExp(`No connection to .* within ${INVOKE_TIMEOUT} s`);
    expectFailure(action, result, { type: 'InvokeConnectionError', url: dropped.url, says });
    expectWaits(clock.waits, { retried: action.retries });
    await expectNextWorks(action, all);
  });
});
