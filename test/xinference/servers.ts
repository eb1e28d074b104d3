import { pino } from 'pino';
import { XinferenceClient } from '../../src/xinference/client.ts';
import type { Clock } from '../../src/xinference/clock.ts';
import { Connections } from '../../src/xinference/connections.ts';
import type { XinferenceServer } from '../../src/xinference/server.ts';

/** A server as a form would describe it: no key, no retries, a minute of silence, unless `fields` say otherwise. */
export function serverAt(url: string, fields: Partial<XinferenceServer> = {}): XinferenceServer {
  return { url, apiKey: undefined, timeoutMs: 60_000, maxRetries: 0, verifyTls: true, ...fields };
}

/** A client that logs nothing, and its connections. Closed at the end of its scope. */
export class TestClient extends XinferenceClient implements Disposable {
  readonly connections: Connections;

  constructor(options: { readonly env?: NodeJS.ProcessEnv; readonly clock?: Clock } = {}) {
    const connections = new Connections(options.env ?? {});
    const { clock } = options;
    super({ log: pino({ level: 'silent' }), connections, ...(clock === undefined ? {} : { clock }) });
    this.connections = connections;
  }

  [Symbol.dispose](): void {
    void this.close();
  }
}

/** A signal that never aborts. */
export function patient(): AbortSignal {
  return new AbortController().signal;
}
