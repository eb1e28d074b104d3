import { expect } from 'vitest';
import type { Clock } from '../../src/http/clock.ts';
import { startPlugin } from '../fake/plugin/plugin.ts';
import { startFakeXinference } from '../fake/xinference/xinference-server.ts';
import type { AskingAction } from './actions.ts';

/** Seconds that a silent server is borne; no other time in the plugin is the same. */
export const INVOKE_TIMEOUT = 1.1;
/** Seconds for all others: a busy machine must not look like a silent server. Less than a description is waited for. */
const PATIENCE = 8.9;
export const MAX_RETRIES = 2;
export const KEY = 'sk-matrix-90ad1';

/** Time of which only the silence of a server really passes; the waits between tries are kept, and over at once. */
class MatrixClock implements Clock {
  readonly waits: number[] = [];

  now(): number {
    return 0;
  }

  after(ms: number, call: () => void): () => void {
    if (ms === INVOKE_TIMEOUT * 1000 || ms === PATIENCE * 1000) {
      const timer = setTimeout(call, ms);
      return () => clearTimeout(timer);
    }
    this.waits.push(ms);
    const turn = setImmediate(call);
    return () => clearImmediate(turn);
  }
}

/** A plugin, a good server, and how to ask it for one action. */
export async function setUpMatrix() {
  const clock = new MatrixClock();
  const plugin = await startPlugin({ clock, logLevel: 'silent' });
  const server = await startFakeXinference();
  const ask = (action: AskingAction, url: string, timeout = PATIENCE) => {
    const credentials = {
      server_url: url,
      model_uid: action.uid,
      api_key: KEY,
      invoke_timeout: String(timeout),
      max_retries: String(MAX_RETRIES),
    };
    return plugin.host.request(action.action, { ...action.data, model: 'my model', credentials });
  };
  const close = async () => {
    await plugin.close();
    await server.close();
  };
  return { clock, plugin, server, ask, [Symbol.asyncDispose]: close };
}

export type Matrix = Awaited<ReturnType<typeof setUpMatrix>>;

/** The server is well again, and so is the answer of the same process. */
export async function expectNextWorks(action: AskingAction, { server, ask }: Matrix) {
  server.clear();
  const next = await ask(action, server.url).result();
  expect(next.error).toBeUndefined();
  expect(next.stream.length).toBeGreaterThan(0);
}
