import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inParallel } from '../../../models/openai/parallel.ts';

const { signal } = new AbortController();

describe('inParallel', () => {
  it('keeps the order of the items, with no more at work than allowed', async () => {
    let working = 0;
    let most = 0;
    const results = await inParallel([5, 1, 4, 2, 3, 0], 3, signal, async item => {
      most = Math.max(most, ++working);
      for (let turns = 0; turns < item; turns++) await turn();
      working--;
      return item * 10;
    });
    expect(results).toEqual([50, 10, 40, 20, 30, 0]);
    expect(most).toBe(3);
  });

  it('does nothing for no items', async () => {
    expect(await inParallel([], 3, signal, () => Promise.reject(new Error('called')))).toEqual([]);
  });

  it('throws the first failure, aborts the others with it, and begins nothing more', async () => {
    const failure = new Error('the second fails');
    const begun: number[] = [];
    const aborted: unknown[] = [];
    const work = async (item: number, inner: AbortSignal) => {
      begun.push(item);
      if (item === 1) {
        await turn();
        throw failure;
      }
      await new Promise<void>(resolve => inner.addEventListener('abort', () => resolve()));
      aborted.push(inner.reason);
      throw new Error('a consequence');
    };
    await expect(inParallel([0, 1, 2, 3, 4], 3, signal, work)).rejects.toBe(failure);
    await turn();
    expect(begun).toEqual([0, 1, 2]);
    expect(aborted).toEqual([failure, failure]);
  });

  it('begins nothing more after a failure, even where work goes on regardless', async () => {
    const begun: number[] = [];
    const finished = Promise.withResolvers<void>();
    const working = inParallel([0, 1, 2], 2, signal, async item => {
      begun.push(item);
      if (item === 0) throw new Error('fails at once');
      await turn();
      finished.resolve();
    });
    await expect(working).rejects.toThrow('fails at once');
    await finished.promise;
    await turn();
    expect(begun).toEqual([0, 1]);
  });

  it('ends with the reason of an abort from outside', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled');
    const begun: number[] = [];
    const working = inParallel([0, 1, 2], 2, controller.signal, async (item, inner) => {
      begun.push(item);
      await turn();
      inner.throwIfAborted();
    });
    controller.abort(reason);
    await expect(working).rejects.toBe(reason);
    expect(begun).toEqual([0, 1]);
  });
});
