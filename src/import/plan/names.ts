import type { ModelType } from '../../dify/protocol/requests.schemas.ts';
import { keyOf } from './entry.ts';

/** Names that are taken in Dify, where a name may be there once for each type. */
export class Names {
  readonly #taken = new Set<string>();

  take(name: string, modelType: ModelType): void {
    this.#taken.add(keyOf({ name, modelType }));
  }

  /** A name for a model of a server: its UID where no other has it, else with the server's host behind it. Takes it. */
  give(uid: string, modelType: ModelType, serverUrl: string): string {
    const { hostname, host } = new URL(serverUrl);
    const free = (name: string) => !this.#taken.has(keyOf({ name, modelType }));
    let name = [uid, `${uid} (${hostname})`, `${uid} (${host})`].find(free);
    for (let at = 2; name === undefined; at++) {
      const numbered = `${uid} (${host} ${at})`;
      if (free(numbered)) name = numbered;
    }
    this.take(name, modelType);
    return name;
  }
}
