import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { SharedCall } from '../../src/xinference/shared-call.ts';

/** A call that is answered by hand, and the signal it was given. */
function startCall() {
  const answer = Promise.withResolvers<string>();
  let given: AbortSignal | undefined;
  const call = new SharedCall(signal => {
    given = signal;
    return answer.promise;
  });
  return { call, ...answer, isAborted: () => given?.aborted };
}

describe('a shared call', () => {
  test('gives all callers the same result', async () => {
    const { call, resolve } = startCall();
    const both = Promise.all([call.join(new AbortController().signal), call.join()]);
    resolve('yes');
    expect(await both).toEqual(['yes', 'yes']);
  });

  test('gives all callers the same failure', async () => {
    const { call, reject } = startCall();
    const both = Promise.allSettled([call.join(), call.join()]);
    const error = new Error('no');
    reject(error);
    expect(await both).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
  });

  test('goes on for the others when one leaves, and is aborted when the last one does', async () => {
    const { call, isAborted } = startCall();
    const [first, second] = [new AbortController(), new AbortController()];
    const left = call.join(first.signal);
    const right = call.join(second.signal);
    first.abort(new Error('one'));
    await expect(left).rejects.toThrow('one');
    expect(isAborted()).toBe(false);
    second.abort(new Error('two'));
    await expect(right).rejects.toThrow('two');
    expect(isAborted()).toBe(true);
    expect(call.isAborted).toBe(true);
  });

  test('may be left by any of several signals, and listens to none afterwards', async () => {
    const { call, resolve } = startCall();
    const [user, limit] = [new AbortController(), new AbortController()];
    const stays = call.join();
    const leaves = call.join(user.signal, limit.signal);
    limit.abort(new Error('too late'));
    await expect(leaves).rejects.toThrow('too late');
    expect(getEventListeners(user.signal, 'abort')).toEqual([]);
    resolve('yes');
    await expect(stays).resolves.toBe('yes');
  });

  test('is aborted when its only caller had left before', async () => {
    const { call, isAborted } = startCall();
    await expect(call.join(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(isAborted()).toBe(true);
  });

  test('may fail when everybody has gone', async () => {
    const { call, reject } = startCall();
    await expect(call.join(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    reject(new Error('unheard'));
    await new Promise(resolve => setImmediate(resolve));
  });
});
