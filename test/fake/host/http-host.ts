import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';
import { PassThrough, Writable } from 'node:stream';
import type { HostStreams } from './host-options.ts';

/** An answer that was not 200. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
}

/**
 * A host's way to a serverless plugin, in the shape of a process's streams: each line written becomes a `POST /invoke`,
 * a cancel closes its connection, and the lines of all answers come out whole, as fast as they are read.
 */
export class HttpHost implements HostStreams {
  readonly stdin: Writable;
  readonly stdout = new PassThrough();
  readonly refusals: Refusal[] = [];
  /** Sessions whose answer broke off before HTTP said that it was whole. */
  readonly broken: string[] = [];
  readonly #url: URL;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #requests = new Map<string, ClientRequest>();
  #pieces: Buffer[] = [];
  #changed = Promise.withResolvers<void>();

  /** @param url of the plugin, without a path */
  constructor(url: string) {
    this.#url = new URL('/invoke', url);
    this.stdin = new Writable({
      write: (bytes: Buffer, _encoding, done) => {
        this.#write(bytes);
        done();
      },
      final: done => {
        this.close();
        done();
      },
    });
    this.stdout.setMaxListeners(0);
  }

  /** The `count`-th refusal, as soon as it is there. */
  async refusal(count = 1): Promise<Refusal> {
    for (;;) {
      const refusal = this.refusals[count - 1];
      if (refusal !== undefined) return refusal;
      await this.#changed.promise;
    }
  }

  /** Closes every connection. */
  close(): void {
    for (const open of this.#requests.values()) open.destroy();
    this.#agent.destroy();
    this.stdout.end();
  }

  #write(bytes: Buffer): void {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      this.#send(Buffer.concat([...this.#pieces, bytes.subarray(start, end)]));
      this.#pieces = [];
      start = end + 1;
    }
    if (start < bytes.length) this.#pieces.push(Buffer.from(bytes.subarray(start)));
  }

  #send(line: Buffer): void {
    const { event, id } = read(line);
    if (event === 'cancel') {
      this.#requests.get(id)?.destroy();
      return;
    }
    const headers = {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      'dify-plugin-session-id': id,
      'content-length': line.length,
    };
    const sent = request(this.#url, { method: 'POST', agent: this.#agent, headers }, response => {
      void this.#receive(response, id);
    });
    sent.on('error', () => undefined).once('close', () => this.#requests.delete(id));
    this.#requests.set(id, sent);
    sent.end(line);
  }

  async #receive(response: IncomingMessage, id: string): Promise<void> {
    try {
      if (response.statusCode === 200) await this.#passOn(response);
      else await this.#refuse(response);
    } catch {
      this.broken.push(id);
    }
  }

  async #passOn(response: IncomingMessage): Promise<void> {
    let rest = Buffer.alloc(0);
    for await (const piece of response) {
      const bytes = Buffer.concat([rest, piece as Buffer]);
      const end = bytes.lastIndexOf(10) + 1;
      rest = bytes.subarray(end);
      if (end > 0 && !this.stdout.write(bytes.subarray(0, end))) {
        await new Promise(resolve => this.stdout.once('drain', resolve));
      }
    }
  }

  async #refuse(response: IncomingMessage): Promise<void> {
    let body = '';
    for await (const piece of response) body += String(piece);
    this.refusals.push({ status: response.statusCode ?? 0, body });
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

function read(line: Buffer): { event: unknown; id: string } {
  try {
    const { event, session_id } = JSON.parse(line.toString('utf8'));
    return { event, id: String(session_id ?? '') };
  } catch {
    return { event: undefined, id: '' };
  }
}
