import { describe, expect, it } from 'vitest';
import { ConcurrencyLimiter, type Slot } from '../../src/http/concurrency-limiter.ts';
import { FakeClock } from '../fake/clock.ts';

const { signal } = new AbortController();

/** Asks for slots, and tells who has one, in the order of their names. */
function crowd(limiter: ConcurrencyLimiter, key = 'model') {
  const slots = new Map<string, Slot>();
  const refused: unknown[] = [];
  let turns = 0;
  const ask = (name: string, most?: number, own: AbortSignal = signal, turn = turns++) => {
    limiter.acquire(key, { most, turn }, own).then(
      slot => slots.set(name, slot),
      error => refused.push(error),
    );
  };
  const isIn = async () => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    return [...slots.keys()].sort().join('');
  };
  const leave = (name: string) => {
    slots.get(name)?.release();
    slots.delete(name);
  };
  return { ask, isIn, leave, slots, refused };
}

describe('issue 20, 4: requests at once', () => {
  it('lets everybody in where no form has a number', async () => {
    const { ask, isIn } = crowd(new ConcurrencyLimiter());
    for (const name of 'abcdef') ask(name);
    expect(await isIn()).toBe('abcdef');
  });

  it('lets so many in, and the rest in the order of their coming', async () => {
    const { ask, isIn, leave } = crowd(new ConcurrencyLimiter());
    for (const name of 'abcde') ask(name, 2);
    expect(await isIn()).toBe('ab');
    leave('b');
    expect(await isIn()).toBe('ac');
    leave('a');
    leave('c');
    expect(await isIn()).toBe('de');
  });

  it('bounds each model for itself', async () => {
    const limiter = new ConcurrencyLimiter();
    const [one, other] = [crowd(limiter, 'one'), crowd(limiter, 'other')];
    one.ask('a', 1);
    one.ask('b', 1);
    other.ask('a', 1);
    expect([await one.isIn(), await other.isIn()]).toEqual(['a', 'a']);
  });

  it('a cancelled one leaves the queue, and holds nobody up', async () => {
    const { ask, isIn, leave, refused } = crowd(new ConcurrencyLimiter());
    const cancel = new AbortController();
    ask('a', 1);
    ask('b', 1, cancel.signal);
    ask('c', 1);
    expect(await isIn()).toBe('a');
    cancel.abort(new Error('cancelled'));
    leave('a');
    expect(await isIn()).toBe('c');
    expect(refused).toEqual([new Error('cancelled')]);
  });

  it('the smaller number of two forms counts', async () => {
    const { ask, isIn, leave } = crowd(new ConcurrencyLimiter());
    ask('a', 3);
    ask('b', 1);
    ask('c', 3);
    ask('d');
    expect(await isIn()).toBe('a');
    leave('a');
    expect(await isIn()).toBe('b');
  });

  it('one that leaves twice makes one slot', async () => {
    const { ask, isIn, slots } = crowd(new ConcurrencyLimiter());
    for (const name of 'abc') ask(name, 1);
    await isIn();
    slots.get('a')?.release();
    slots.get('a')?.release();
    expect(await isIn()).toBe('ab');
  });

  it('a busy server gets half of what was open, at least one, for 30 s', async () => {
    const clock = new FakeClock();
    const { ask, isIn, leave, slots } = crowd(new ConcurrencyLimiter(clock));
    for (const name of 'abcde') ask(name);
    expect(await isIn()).toBe('abcde');
    slots.get('a')?.halve();
    for (const name of 'abc') leave(name);
    for (const name of 'fgh') ask(name);
    expect(await isIn()).toBe('de');
    leave('d');
    expect(await isIn()).toBe('ef');
    slots.get('e')?.halve();
    leave('e');
    leave('f');
    expect(await isIn()).toBe('g');
    clock.advance(30_000);
    leave('g');
    for (const name of 'ijk') ask(name);
    expect(await isIn()).toBe('hijk');
  });

  it('a retry goes before those that came after its first try, and retries go in the order of those', async () => {
    const { ask, isIn, leave } = crowd(new ConcurrencyLimiter());
    ask('a', 1, signal, 5);
    ask('b', 1, signal, 6);
    ask('r', 1, signal, 0);
    ask('s', 1, signal, 1);
    expect(await isIn()).toBe('a');
    for (const [out, next] of ['ar', 'rs', 'sb']) {
      leave(out ?? '');
      expect(await isIn()).toBe(next);
    }
  });

  it('those who wait are let in when the 30 s of a busy server are over, though nobody leaves', async () => {
    const clock = new FakeClock();
    const { ask, isIn, leave, slots } = crowd(new ConcurrencyLimiter(clock));
    for (const name of 'ab') ask(name);
    expect(await isIn()).toBe('ab');
    slots.get('a')?.halve();
    leave('a');
    for (const name of 'cd') ask(name);
    clock.advance(29_999);
    expect(await isIn()).toBe('b');
    clock.advance(1);
    expect(await isIn()).toBe('bcd');
    expect(clock.pending).toBe(0);
  });
});
