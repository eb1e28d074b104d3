import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** One part of a multipart body. */
export interface FormPart {
  readonly name: string;
  /** Only of a part that carries a file. */
  readonly filename?: string;
  readonly type?: string;
  readonly bytes: Buffer;
}

/** How an exchange came to its end; `at` is in milliseconds of `performance.now()`. */
export interface Outcome {
  /** The client went away before the answer was complete. */
  readonly aborted: boolean;
  readonly at: number;
}

/** One request as the fake server saw it, with its body read. */
export class FakeRequest {
  readonly method: string;
  /** Without the query, percent-encoded as it came. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The connection it came over: 1 is the first that the server accepted. */
  readonly connection: number;
  /** When its head had arrived, in milliseconds of `performance.now()`. */
  readonly at = performance.now();
  /** Aborts when the client goes away before the answer is complete, and when the server closes. */
  readonly signal: AbortSignal;
  /** Settles when the answer is complete or the client has gone. */
  readonly outcome: Promise<Outcome>;
  raw: Buffer<ArrayBuffer> = Buffer.alloc(0);
  /** The body parsed as JSON; `undefined` if it is no JSON. */
  body: unknown;
  /** The parts of a multipart body; `undefined` if it is none. */
  parts: readonly FormPart[] | undefined;
  #outcome: Outcome | undefined;

  constructor(message: IncomingMessage, response: ServerResponse, connection: number) {
    const url = message.url ?? '/';
    const mark = url.indexOf('?');
    this.method = message.method ?? 'GET';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
    this.headers = message.headers;
    this.connection = connection;
    const controller = new AbortController();
    this.signal = controller.signal;
    this.outcome = new Promise(resolve => {
      response.once('close', () => {
        const aborted = !response.writableFinished;
        this.#outcome = { aborted, at: performance.now() };
        if (aborted) controller.abort();
        resolve(this.#outcome);
      });
    });
  }

  /** `GET /v1/models`: what an override is registered for. */
  get route(): string {
    return `${this.method} ${this.path}`;
  }

  /** Whether the client went away before the answer was complete. */
  get aborted(): boolean {
    return this.#outcome?.aborted ?? false;
  }

  /** When the client went away, in milliseconds of `performance.now()`; `undefined` if it did not. */
  get abortedAt(): number | undefined {
    return this.aborted ? this.#outcome?.at : undefined;
  }

  /** Reads the body to its end; `false` if the client went away before. */
  async read(message: IncomingMessage): Promise<boolean> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of message) chunks.push(chunk as Buffer);
    } catch {
      return false;
    } finally {
      this.raw = Buffer.concat(chunks);
    }
    const type = this.headers['content-type'] ?? '';
    if (type.startsWith('multipart/form-data')) this.parts = await readForm(this.raw, type);
    else this.body = parseJson(this.raw);
    return true;
  }

  /** The text of the multipart field `name`; `undefined` if it is absent or a file. */
  field(name: string): string | undefined {
    return this.parts
      ?.find(part => part.name === name && part.filename === undefined)
      ?.bytes.toString('utf8');
  }

  /** The multipart file `name`; `undefined` if it is absent or no file. */
  file(name: string): FormPart | undefined {
    return this.parts?.find(part => part.name === name && part.filename !== undefined);
  }
}

function parseJson(raw: Buffer): unknown {
  try {
    return JSON.parse(raw.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function readForm(raw: Buffer<ArrayBuffer>, type: string): Promise<FormPart[] | undefined> {
  const parts: FormPart[] = [];
  try {
    const form = await new Response(raw, { headers: { 'content-type': type } }).formData();
    for (const [name, value] of form) {
      if (typeof value === 'string') parts.push({ name, bytes: Buffer.from(value, 'utf8') });
      else
        parts.push({
          name,
          filename: value.name,
          type: value.type,
          bytes: Buffer.from(await value.arrayBuffer()),
        });
    }
  } catch {
    return undefined;
  }
  return parts;
}
