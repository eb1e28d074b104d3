import { PassThrough } from 'node:stream';
import { pino } from 'pino';
import type { Dispatcher } from '../../src/dify/dispatcher.ts';
import { InternalError } from '../../src/dify/protocol/errors.ts';
import { createDispatcher } from '../../src/dify/serve/serve.ts';
import { LineReader } from '../../src/dify/transport/lines/line-reader.ts';
import { LineWriter } from '../../src/dify/transport/lines/line-writer.ts';
import { HttpClient, type HttpRequest } from '../../src/http/client.ts';
import type { HttpResponse } from '../../src/http/response/http-response.ts';
import type { ModelServer } from '../../src/http/server.ts';
import { createPlugin } from '../../src/plugin.ts';
import { xinferenceJudge } from '../../src/xinference/judge.ts';
import { bodyOf } from '../fake/answer-body.ts';
import { brokenRule } from '../fake/host/host-rules.ts';
import type { SessionMessage } from '../fake/host/host-session.ts';

const MAX_LINE_BYTES = 5_000_000;
/** Nobody waits for anything in here: a session that is still open then will never end. */
const LONGEST_RUN_MS = 5_000;

/** The body of an answer, in the pieces in which it arrives. */
export interface CannedAnswer {
  readonly contentType: string;
  readonly pieces: readonly Buffer[];
}
export type Answerer = (server: ModelServer, request: HttpRequest) => CannedAnswer;

/** A client whose server is a function: no sockets, so that a hundred thousand requests take seconds. */
class CannedClient extends HttpClient {
  readonly #answerer: Answerer;

  constructor(answerer: Answerer) {
    super({ log: pino({ level: 'silent' }) });
    this.#answerer = answerer;
  }

  override async send(server: ModelServer, request: HttpRequest): Promise<HttpResponse> {
    const { contentType, pieces } = this.#answerer(server, request);
    const { path } = request;
    const url = `${server.url}${path}`;
    return { server, path, url, judge: xinferenceJudge, status: 200, contentType, body: bodyOf(pieces) };
  }
}

/** The whole plugin but for its connections. */
export class CannedPlugin {
  /** What came out, by session, since it was last taken. */
  readonly #received = new Map<string, SessionMessage[]>();
  readonly #broken: string[] = [];
  readonly #dispatcher: Dispatcher;
  readonly #writer: LineWriter;
  readonly #reader: LineReader;

  constructor(answerer: Answerer) {
    const log = pino({ level: 'silent' });
    this.#dispatcher = createDispatcher(createPlugin(log, { client: new CannedClient(answerer) }), log);
    const out = new PassThrough();
    const lines = new LineReader(
      {
        onLine: line => this.#take(line.toString('utf8')),
        onOversizedLine: () => this.#broken.push('a line of more than 5 MB'),
      },
      MAX_LINE_BYTES,
    );
    out.on('data', (bytes: Buffer) => lines.push(bytes));
    this.#writer = new LineWriter(out, MAX_LINE_BYTES);
    this.#reader = new LineReader({
      onLine: line => void this.#dispatcher.receive(line, this.#writer),
      onOversizedLine: start => this.#dispatcher.receiveOversized(start, this.#writer),
    });
  }

  /** Takes lines of the host, and resolves with what each session got when all have ended. */
  async run(lines: readonly Buffer[]): Promise<ReadonlyMap<string, readonly SessionMessage[]>> {
    this.#received.clear();
    this.#broken.length = 0;
    for (const line of lines) this.#reader.push(Buffer.concat([line, Buffer.from('\n')]));
    const stuck = setTimeout(() => {
      const reason = new InternalError('The session did not end.');
      for (const session of this.#dispatcher.sessions) session.fail(reason);
    }, LONGEST_RUN_MS);
    await this.#dispatcher.idle();
    clearTimeout(stuck);
    await this.#writer.flush();
    await new Promise(resolve => setImmediate(resolve));
    if (this.#broken.length > 0) throw new Error(`broken lines: ${this.#broken.join('; ')}`);
    return this.#received;
  }

  #take(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      // Not JSON is a broken rule, too.
    }
    const broken = brokenRule(message, true);
    if (broken !== undefined) return void this.#broken.push(`${broken}: ${line.slice(0, 200)}`);
    const { session_id, data } = message as { session_id: string; data: SessionMessage };
    const messages = this.#received.get(session_id) ?? [];
    messages.push(data);
    this.#received.set(session_id, messages);
  }
}
