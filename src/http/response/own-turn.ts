import { setImmediate } from 'node:timers/promises';

/** Bytes of which anybody could notice the work. */
export const LONG = 64 * 1024;

let lastTurn: Promise<void> = Promise.resolve();

/**
 * Waits for a turn of the event loop in which no other long answer is worked on. What a hundred servers send at once arrives
 * in one turn, and would be parsed in it, for a second and more in which nobody else is served.
 */
export function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}
