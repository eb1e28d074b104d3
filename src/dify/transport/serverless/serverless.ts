import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { isObject, tryParseJson } from '../../../text/json.ts';
import { isSessionId } from '../../protocol/session-id.ts';
import { StartError } from '../../start-error.ts';
import { LineWriter } from '../lines/line-writer.ts';
import type { Receiver, Transport } from '../transport.ts';
import { BodyTooLongError, readBody } from './request-body.ts';
import type { ServerlessSettings } from './serverless-settings.ts';

/** A host sends at most 5 MiB, unless it is set up otherwise. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * Longer than the load balancers in front keep an idle connection (60 s is the usual): if this side closed first, a
 * request that is just then on its way would be lost.
 */
const KEEP_ALIVE_MS = 75_000;

/** The type is what hosts ask for. Proxies pass it on piece by piece; nginx does so when told by the last header. */
const STREAM_HEAD = new Map([
  ['content-type', 'text/event-stream'],
  ['cache-control', 'no-cache, no-transform'],
  ['x-accel-buffering', 'no'],
]);

export interface ServerlessOptions extends ServerlessSettings {
  readonly maxLineBytes: number;
  /** What `GET /` says. */
  readonly about: string;
  readonly log: Logger;
  /** Called once, when the port listens. */
  readonly onListening: (port: number) => void;
}

/**
 * Requests over HTTP: `POST /invoke` takes one message and streams the lines of its session. Every request stands for
 * itself, so any number of replicas can share the load.
 */
export class ServerlessTransport implements Transport {
  /** Never, as `gone`: more requests may always come. */
  readonly finished = new Promise<never>(() => undefined);
  readonly gone = new Promise<never>(() => undefined);
  readonly #options: ServerlessOptions;
  readonly #server: Server;
  readonly #underWay = new Set<Promise<void>>();
  #receiver: Receiver | undefined;
  #stopping = false;

  constructor(options: ServerlessOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      const done = this.#answer(request, response);
      this.#underWay.add(done);
      void done.then(() => this.#underWay.delete(done));
    });
  }

  /** Starts to listen. @throws StartError when it cannot */
  async start(receiver: Receiver): Promise<void> {
    this.#receiver = receiver;
    const { host, port, log, onListening } = this.#options;
    try {
      await once(this.#server.listen(port, host), 'listening');
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const problem = `Cannot listen on ${host}, port ${port} (${code ?? message}).`;
      throw new StartError(`${problem} Set another host or port in the environment.`, { cause });
    }
    // From now on it is one connection that could not be taken: out of file descriptors, for example.
    this.#server.on('error', err => log.error({ err }, 'A connection was not taken.'));
    onListening((this.#server.address() as AddressInfo).port);
  }

  /** Takes no more connections, and closes those that no answer is running on. */
  stop(): void {
    this.#stopping = true;
    this.#server.close();
  }

  async flush(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Resolves when the response has been taken by the operating system, or the client is gone. Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>(resolve => response.once('close', resolve));
    request.on('error', () => undefined); // a client that leaves
    const [path = '/'] = (request.url ?? '/').split('?');
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    if (path === '/invoke' && request.method === 'POST') await this.#invoke(request, response, closed);
    else if (path === '/health' && isGet) say(response, 'OK');
    else if (path === '/' && isGet) say(response, this.#options.about);
    else if (['/invoke', '/health', '/'].includes(path)) {
      response.setHeader('allow', path === '/invoke' ? 'POST' : 'GET');
      refuse(response, 405, `${path} does not take ${request.method}.`);
    } else refuse(response, 404, 'There is nothing here. Requests go to /invoke.');
    await closed;
    // A connection that is kept could bring more requests.
    if (this.#stopping) request.socket.destroySoon();
  }

  async #invoke(request: IncomingMessage, response: ServerResponse, closed: Promise<void>): Promise<void> {
    if (request.httpVersionMinor < 1) {
      // There, an answer that breaks off looks like one that is whole: it ends with the connection.
      response.setHeader('upgrade', 'HTTP/1.1');
      return refuse(response, 426, 'Speak HTTP/1.1 to the plugin; in nginx: proxy_http_version 1.1.');
    }
    let body: Buffer;
    try {
      body = await readBody(request, MAX_BODY_BYTES);
    } catch (error) {
      if (error instanceof BodyTooLongError) refuseLong(request, response);
      return; // else the client is gone
    }
    if (this.#stopping) {
      response.setHeader('connection', 'close');
      return refuse(response, 502, 'The plugin is being shut down.'); // the one status upon which hosts try again
    }
    const message = messageOf(body, request.headers['dify-plugin-session-id']);
    if (typeof message === 'string') return refuse(response, 400, message);
    const writer = new LineWriter(response, this.#options.maxLineBytes);
    response.setHeaders(STREAM_HEAD);
    const session = this.#receiver?.open(message.id, message.data, writer);
    if (session === undefined) {
      return refuse(response, 409, 'A request of this session_id is being answered already.');
    }
    response.flushHeaders();
    void closed.then(() => session.cancel('The client is gone.'));
    await session.ended;
    await writer.flush();
    response.end();
  }
}

/** The request of a body, or what is wrong with it. */
function messageOf(
  body: Buffer,
  header: string | string[] | undefined,
): { readonly id: string; readonly data: unknown } | string {
  const message = tryParseJson(body.toString('utf8'));
  if (message === undefined) return 'The body is not valid JSON.';
  if (!isObject(message)) return 'The body is not a JSON object.';
  const { event, session_id, data } = message;
  if (event !== 'request') return 'The event of the body is not "request".';
  // Hosts send the id in both places. The answer speaks of the one in the message, as it does on every way.
  const id = session_id || header;
  return isSessionId(id) ? { id, data } : 'The request has no session_id that can be answered.';
}

function say(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}

/** Refuses in the form that a host reads: it shows `errorType` and `errorMessage` to the user. */
function refuse(response: ServerResponse, status: number, message: string): void {
  startRefusal(response, status, message);
  response.end();
}

/** Closing before the client has sent everything would take the refusal away from it, so its body is read to the end. */
function refuseLong(request: IncomingMessage, response: ServerResponse): void {
  startRefusal(response, 413, `The request is longer than ${MAX_BODY_BYTES} bytes.`);
  request.resume().once('close', () => response.end());
}

function startRefusal(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ errorType: 'PluginRequestRefused', errorMessage: message });
  const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  response.writeHead(status, head).write(body);
}
