import type { FakeHost } from '../../test/fake/host/host.ts';
import type { DemoModel } from './models.ts';

/** The plugin under show, as a host uses it: one model at a time, with the user's credentials. */
export class DemoPlugin {
  readonly host: FakeHost;
  readonly #server: string;
  readonly #apiKey: string;

  constructor(host: FakeHost, server: string, apiKey: string) {
    this.host = host;
    this.#server = server;
    this.#apiKey = apiKey;
  }

  /** What each request for a model carries. */
  about({ uid, type }: DemoModel): Record<string, unknown> {
    return {
      model: uid,
      model_type: type,
      credentials: { server_url: this.#server, model_uid: uid, api_key: this.#apiKey },
    };
  }

  /** All results of an action. @throws Error with what the plugin said */
  async all<T>(action: string, model: DemoModel, data: Record<string, unknown> = {}): Promise<readonly T[]> {
    const { stream, error } = await this.host.request(action, { ...this.about(model), ...data }).result();
    if (error !== undefined) throw new Error(`${error.error_type}: ${error.message}`);
    return stream as readonly T[];
  }

  /** The one result of an action. @throws Error with what the plugin said */
  async one<T>(action: string, model: DemoModel, data: Record<string, unknown> = {}): Promise<T> {
    const [result] = await this.all<T>(action, model, data);
    if (result === undefined) throw new Error(`${action} had no result.`);
    return result;
  }
}
