import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import type { Dispatcher } from './dispatcher.ts';
import type { Action } from './protocol/requests.schemas.ts';
import { LineReader } from './transport/lines/line-reader.ts';
import { LineWriter } from './transport/lines/line-writer.ts';

/** The limit of a Dify host, so that what works here works there. */
const MAX_LINE_BYTES = 5_000_000;

/** What the plugin told the host instead of an answer. */
export class PluginError extends Error {
  override readonly name = 'PluginError';
  /** As Dify knows it, such as `InvokeConnectionError`. */
  readonly errorType: string;

  constructor(errorType: string, message: string) {
    super(message);
    this.errorType = errorType;
  }
}

type Message =
  | { readonly type: 'stream'; readonly data: unknown }
  | { readonly type: 'error'; readonly data: { readonly error_type: string; readonly message: string } }
  | { readonly type: 'end' };

/** A Dify host in this process: what it asks goes through the plugin's dispatcher as lines, as everything of a host does. */
export class InProcessHost {
  readonly #dispatcher: Dispatcher;

  constructor(dispatcher: Dispatcher) {
    this.#dispatcher = dispatcher;
  }

  /** The results of an action, as they come. @throws PluginError where the plugin answers with an error */
  async *ask(action: Action, data: Readonly<Record<string, unknown>>): AsyncGenerator<unknown, void> {
    const messages: Message[] = [];
    let wake: () => void = () => undefined;
    const reader = new LineReader({
      onLine: line => {
        messages.push((JSON.parse(line.toString('utf8')) as { data: Message }).data);
        wake();
      },
      onOversizedLine: () => undefined, // the writer lets none pass
    });
    const sink = new Writable({
      write(bytes: Buffer, _encoding, done) {
        reader.push(bytes);
        done();
      },
    });
    const request = {
      event: 'request',
      session_id: randomUUID(),
      data: { type: 'model', action, user_id: 'in-process', ...data },
    };
    const writer = new LineWriter(sink, MAX_LINE_BYTES);
    const session = this.#dispatcher.receive(Buffer.from(JSON.stringify(request)), writer);
    try {
      for (;;) {
        const message = messages.shift();
        if (message === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve;
          });
        } else if (message.type === 'stream') yield message.data;
        else if (message.type === 'error')
          throw new PluginError(message.data.error_type, message.data.message);
        else return;
      }
    } finally {
      session?.cancel(); // nothing, once it has ended
    }
  }

  /** The only result of an action that has one. @throws PluginError */
  async askOnce(action: Action, data: Readonly<Record<string, unknown>>): Promise<unknown> {
    let only: unknown;
    for await (const result of this.ask(action, data)) only = result;
    return only;
  }
}
