import { setTimeout as sleep } from 'node:timers/promises';
import { startHeartbeat } from '../../src/dify/heartbeat.ts';
import { createLogger, hostLogDestination } from '../../src/dify/log.ts';
import { serve } from '../../src/dify/serve/serve.ts';
import { StdioTransport } from '../../src/dify/transport/stdio.ts';
import { createPlugin } from '../../src/plugin.ts';
import { TurnMeter } from './turn-meter.ts';

/*
 * The plugin as a host starts it, which also tells its parent what it holds. Wants `--expose-gc`.
 */

/** What a process holds at one moment. */
export interface Holdings {
  /** Sessions that are open. */
  readonly sessions: number;
  /** Sockets, timers and the like, by kind. */
  readonly resources: Readonly<Record<string, number>>;
  /** Listeners on the process and its streams. */
  readonly listeners: number;
  /** MiB, after a collection. */
  readonly heap: number;
  /** MiB outside of the heap: buffers. */
  readonly external: number;
  readonly rss: number;
  /** The longest turn of the event loop, in ms of the main thread's CPU: all that came at once, of hundreds of requests. */
  readonly longestTurn: number;
}

const MIB = 1024 * 1024;
const transport = new StdioTransport(process.stdin, process.stdout, 5_000_000);
void transport.gone.then(startHeartbeat(transport.writer));
const log = createLogger(hostLogDestination(transport.writer));
const dispatcher = await serve(transport, { createPlugin }, log, { name: 'xinference' });
const turns = new TurnMeter();

process.on('message', async () => {
  globalThis.gc?.();
  await sleep(100); // the buffers that it found are given back on another thread
  globalThis.gc?.();
  turns.skip(); // the collection that was asked for does not count
  const { heapUsed, external, rss } = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const holdings: Holdings = {
    sessions: dispatcher.sessions.length,
    resources,
    listeners: [process, process.stdin, process.stdout]
      .flatMap(emitter => emitter.eventNames().map(name => emitter.listenerCount(name)))
      .reduce((sum, count) => sum + count, 0),
    heap: heapUsed / MIB,
    external: external / MIB,
    rss: rss / MIB,
    longestTurn: turns.longestMs,
  };
  process.send?.(holdings);
});
process.channel?.unref();
