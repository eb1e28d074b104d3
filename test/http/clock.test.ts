import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/http/clock.ts';
import { FakeClock } from '../fake/clock.ts';
import { patient } from './servers.ts';

describe('sleep', () => {
  test('ends when its time has come', async () => {
    const clock = new FakeClock();
    let awake = false;
    const slept = sleep(clock, 100, patient()).then(() => {
      awake = true;
    });
    clock.advance(99);
    await Promise.resolve();
    expect(awake).toBe(false);
    clock.advance(1);
    await slept;
  });

  test('ends with the reason of the signal, and leaves nothing behind', async () => {
    const clock = new FakeClock();
    const cancel = new AbortController();
    const slept = sleep(clock, 100, cancel.signal);
    cancel.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([]);
    await expect(sleep(clock, 100, cancel.signal)).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });
});

test('the clock of the system goes by itself, and can be called off', async () => {
  const at = systemClock.now();
  systemClock.after(5, () => expect.unreachable())();
  await sleep(systemClock, 10, patient());
  expect(systemClock.now() - at).toBeGreaterThanOrEqual(9);
});
