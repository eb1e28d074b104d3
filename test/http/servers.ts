import { pino } from 'pino';
import { serverAddress } from '../../src/http/address.ts';
import { HttpClient } from '../../src/http/client.ts';
import type { Clock } from '../../src/http/clock.ts';
import { Connections } from '../../src/http/connection/connections.ts';
import type { ModelServer } from '../../src/http/server.ts';
import { Gate } from '../../src/text/gate.ts';
import { xinferenceJudge } from '../../src/xinference/judge.ts';

/** A server as a form would describe it: no key, no retries, a minute of silence, unless `fields` say otherwise. */
export function serverAt(url: string, fields: Partial<ModelServer> = {}): ModelServer {
  return {
    ...serverAddress(url),
    apiKey: undefined,
    timeoutMs: 60_000,
    maxRetries: 0,
    verifyTls: true,
    gate: new Gate([fields.apiKey]),
    ...fields,
  };
}

/** A client that logs nothing, and its connections. Closed at the end of its scope. */
export class TestClient extends HttpClient implements Disposable {
  readonly connections: Connections;

  constructor(options: { readonly env?: NodeJS.ProcessEnv; readonly clock?: Clock } = {}) {
    const connections = new Connections(options.env ?? {});
    const { clock } = options;
    super({
      log: pino({ level: 'silent' }),
      connections,
      judge: xinferenceJudge,
      ...(clock === undefined ? {} : { clock }),
    });
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
