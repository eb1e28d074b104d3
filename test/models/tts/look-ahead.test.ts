import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { inOrder } from '../../../models/tts/look-ahead.ts';

class TooMuch extends Error {}

/** Work that a test lets finish, item by item. */
class Workshop {
  readonly started: string[] = [];
  readonly aborted: string[] = [];
  most = 0;
  readonly #running = new Map<string, PromiseWithResolvers<string>>();

  readonly work = (item: string, signal: AbortSignal): Promise<string> => {
    const job = Promise.withResolvers<string>();
    this.started.push(item);
    this.#running.set(item, job);
    this.most = Math.max(this.most, this.#running.size);
    signal.addEventListener('abort', () => {
      if (!this.#running.delete(item)) return;
      this.aborted.push(item);
      job.reject(signal.reason);
    });
    return job.promise;
  };

  finish(item: string): void {
    this.#take(item).resolve(item.toUpperCase());
  }

  fail(item: string, error: Error): void {
    this.#take(item).reject(error);
  }

  #take(item: string): PromiseWithResolvers<string> {
    const job = this.#running.get(item);
    if (job === undefined) throw new Error(`${item} is not under way`);
    this.#running.delete(item);
    return job;
  }
}

function run(items: Iterable<string>, ahead = 2, signal = new AbortController().signal) {
  const shop = new Workshop();
  const options = { ahead, signal, isTooMuch: (error: unknown) => error instanceof TooMuch };
  return { shop, results: inOrder(items, options, shop.work) };
}

async function collect(results: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const result of results) all.push(result);
  return all;
}

it('gives results in the order of the items, whichever is ready first', async () => {
  const { shop, results } = run(['a', 'b', 'c']);
  const first = results.next();
  await turn();
  for (const item of ['c', 'b', 'a']) shop.finish(item);
  expect([await first, await results.next(), await results.next(), await results.next()]).toEqual([
    { done: false, value: 'A' },
    { done: false, value: 'B' },
    { done: false, value: 'C' },
    { done: true, value: undefined },
  ]);
});

it('works on two more than the one that is waited for, and takes no item before its time', async () => {
  const taken: string[] = [];
  function* items() {
    for (const item of 'abcdefgh') {
      taken.push(item);
      yield item;
    }
  }
  const { shop, results } = run(items());
  const first = results.next();
  await turn();
  expect([shop.started, taken]).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
  ]);
  shop.finish('a');
  await first;
  await turn();
  expect(shop.started).toEqual(['a', 'b', 'c']); // the first result is still being used
  const second = results.next();
  await turn();
  expect(shop.started).toEqual(['a', 'b', 'c', 'd']);
  shop.finish('b');
  await second;
  expect(shop.most).toBe(3);
  await results.return();
});

describe('aborts what is under way', () => {
  it('when the caller has enough', async () => {
    const { shop, results } = run(['a', 'b', 'c', 'd']);
    const first = results.next();
    await turn();
    shop.finish('a');
    await first;
    await results.return();
    expect(shop.aborted).toEqual(['b', 'c']);
  });

  it('when one fails, at its turn and not before', async () => {
    const { shop, results } = run(['a', 'b', 'c', 'd']);
    const first = results.next();
    await turn();
    shop.fail('b', new Error('no'));
    await turn();
    shop.finish('a');
    expect(await first).toEqual({ done: false, value: 'A' });
    await expect(results.next()).rejects.toThrow('no');
    expect(shop.aborted).toEqual(['c', 'd']);
  });

  it('when the request is cancelled', async () => {
    const gone = new AbortController();
    const { shop, results } = run(['a', 'b', 'c', 'd'], 2, gone.signal);
    const first = results.next();
    await turn();
    gone.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    expect(shop.aborted).toEqual(['a', 'b', 'c']);
  });
});

describe('a server that takes fewer at once', () => {
  it('gets them one by one, none lost and none twice', async () => {
    const { shop, results } = run(['a', 'b', 'c', 'd']);
    const all = collect(results);
    await turn();
    shop.fail('b', new TooMuch());
    shop.finish('a');
    for (const item of ['b', 'c', 'd']) {
      await turn();
      expect(shop.started.at(-1)).toBe(item);
      shop.finish(item);
    }
    expect(await all).toEqual(['A', 'B', 'C', 'D']);
    expect(shop.started).toEqual(['a', 'b', 'c', 'd', 'b', 'c', 'd']);
    expect(shop.aborted).toEqual(['c', 'd']);
  });

  it('is believed when it refuses even one', async () => {
    const { shop, results } = run(['a', 'b']);
    const first = results.next();
    await turn();
    shop.fail('a', new TooMuch('too much'));
    await turn();
    shop.fail('a', new TooMuch('still too much'));
    await expect(first).rejects.toThrow('still too much');
  });
});
