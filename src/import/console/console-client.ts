import type { IncomingHttpHeaders } from 'node:http';
import { serverAddress } from '../../http/address.ts';
import { headerOf } from '../../http/connection/connection.ts';
import type { Connections } from '../../http/connection/connections.ts';
import { readErrorText } from '../../http/errors/error-body.ts';
import { networkFailureOf } from '../../http/errors/network-failure.ts';
import { isPage } from '../../http/errors/server-words.ts';
import { isLoopback } from '../../http/loopback.ts';
import { forEachBlock } from '../../http/response/body.ts';
import type { ResponseBody } from '../../http/response/response-body.ts';
import { Gate } from '../../text/gate.ts';
import { type Fields, isObject, tryParseJson } from '../../text/json.ts';
import { ConsoleError } from './errors.ts';

/** The longest that connecting may take, and a silence before or in an answer, in ms. */
const CONNECT_MS = 10_000;
const READ_MS = 60_000;
/** Where Dify asks the plugin, and the plugin a server that may be slow: its own limit is 600 s. */
const PLUGIN_MS = 620_000;
/** The list of providers holds the forms of all plugins: some MiB with many of them. */
const LONGEST_ANSWER = 64 * 1024 * 1024;
const SHOWN_OF_A_PAGE = 150;

/** A proxy answers so in place of an API that does not. */
const GATEWAY_STATUSES: ReadonlySet<number> = new Set([502, 503, 504]);

/** A question to the console API. */
export interface ConsoleRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/console/api`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Whether Dify asks the plugin before it answers. */
  readonly asksPlugin?: boolean;
}

/** What Dify answered. */
export interface ConsoleAnswer {
  readonly fields: Fields;
  readonly setCookies: readonly string[];
}

export interface ConsoleOptions {
  /** Where Dify's page is, without a trailing slash. */
  readonly url: string;
  readonly connections: Connections;
  /** What is not shown, whoever says it. */
  readonly secrets: readonly (string | undefined)[];
}

/** Asks Dify's console API, the one that its own web page uses. */
export class ConsoleClient {
  readonly url: string;
  readonly #options: ConsoleOptions;
  #headers: Readonly<Record<string, string>> = {};
  /** What is said at the other end passes it before it is shown. */
  #gate: Gate;
  #version: string | undefined;

  constructor(options: ConsoleOptions) {
    this.url = options.url;
    this.#options = options;
    this.#gate = new Gate(options.secrets);
  }

  /** Of Dify, as each of its answers tells it in a header; undefined before the first, and where a proxy drops that. */
  get version(): string | undefined {
    return this.#version;
  }

  /**
   * @param headers what a session sends along from now on
   * @param tokens what of them proves who it is
   */
  authorize(headers: Readonly<Record<string, string>>, tokens: readonly string[]): void {
    this.#headers = headers;
    this.#gate = new Gate([...this.#options.secrets, ...tokens]);
  }

  /** @throws ConsoleError */
  async ask({ method, path, query = {}, body, asksPlugin = false }: ConsoleRequest): Promise<ConsoleAnswer> {
    const { origin, pathname } = new URL(`${this.url}/console/api${path}`);
    const target = { ...serverAddress(origin), verifyTls: true };
    const search = new URLSearchParams(query).toString();
    const request = {
      method,
      path: search === '' ? pathname : `${pathname}?${search}`,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...this.#headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
    };
    const { signal } = new AbortController();
    const silenceMs = asksPlugin ? PLUGIN_MS : READ_MS;
    const limits = { connectMs: CONNECT_MS, silenceMs, wholeMs: PLUGIN_MS };
    try {
      // A new one each time: one that Dify has closed unnoticed would leave open whether a model was added.
      const connection = this.#options.connections.open(target);
      const { status, headers, body: answer } = await connection.request(request, limits, signal);
      this.#version = headerOf(headers, 'x-version') || this.#version;
      if (status >= 200 && status < 300) return await this.#read(answer, path, headers, status);
      throw this.#refusal(await readErrorText(answer), path, headers, status);
    } catch (error) {
      if (error instanceof ConsoleError) throw error;
      throw this.#networkError(error);
    }
  }

  async #read(
    answer: ResponseBody,
    path: string,
    headers: IncomingHttpHeaders,
    status: number,
  ): Promise<ConsoleAnswer> {
    const blocks: Buffer[] = [];
    let length = 0;
    await forEachBlock(answer, block => {
      blocks.push(block);
      length += block.length;
      if (length > LONGEST_ANSWER) throw this.#notDify(path, status, 'an answer without an end');
    });
    const text = Buffer.concat(blocks).toString('utf8');
    const value = status === 204 && text === '' ? {} : tryParseJson(text); // a deletion answers without a body
    if (!isObject(value)) throw this.#notDify(path, status, text);
    return { fields: value, setCookies: headers['set-cookie'] ?? [] };
  }

  #refusal(text: string, path: string, headers: IncomingHttpHeaders, status: number): ConsoleError {
    if (status >= 300 && status < 400) {
      const location = headerOf(headers, 'location');
      const message = `${this.url} sends on to ${this.#gate.quote(location)}: give the address behind that as --dify.`;
      return new ConsoleError('unreachable', message, { status });
    }
    const fields = tryParseJson(text);
    // Each error of Dify's has a code. What has none is a proxy's, or that of another program.
    const code = isObject(fields) ? fields['code'] : undefined;
    if (!isObject(fields) || typeof code !== 'string' || isPage(text, headerOf(headers, 'content-type'))) {
      return GATEWAY_STATUSES.has(status) ? this.#noApi(status, text) : this.#notDify(path, status, text);
    }
    const said = this.#gate.quote(saidIn(fields));
    if (status === 401) return new ConsoleError('unauthorized', said, { status, code });
    if (status === 403) return new ConsoleError('forbidden', said, { status, code });
    const message = status < 500 ? said : `${said} (${status} of Dify, whose log tells why)`;
    return new ConsoleError('refused', message, { status, code });
  }

  #noApi(status: number, text: string): ConsoleError {
    const message = `Dify's API does not answer at ${this.url} (${status}${this.#seenIn(text)}): it may be starting, else its log tells why.`;
    return new ConsoleError('no-answer', message, { status });
  }

  #notDify(path: string, status: number, text: string): ConsoleError {
    const message = `What answers at ${this.url}/console/api${path} is not Dify's console (${status}${this.#seenIn(text)}).`;
    return new ConsoleError('not-dify', message, { status });
  }

  /** What a page says without its marks, to stand behind something else. */
  #seenIn(text: string): string {
    const seen = this.#gate.quote(text.replace(/<[^>]*(?:>|$)/g, ' '), SHOWN_OF_A_PAGE);
    return seen === '' ? '' : `: ${seen}`;
  }

  #networkError(error: unknown): ConsoleError {
    const failure = networkFailureOf(error);
    const reason = this.#gate.quote(error);
    const { hostname } = new URL(this.url);
    const container = isLoopback(hostname) ? ` Inside a container ${hostname} is the container itself.` : '';
    switch (failure) {
      case 'closed':
      case 'network':
        return new ConsoleError('no-answer', `Dify at ${this.url} gave no whole answer (${reason}).`, {
          cause: error,
        });
      case 'no-tls':
        return new ConsoleError('unreachable', `${this.url} does not speak TLS: use http://.`, {
          cause: error,
        });
      case 'certificate-name':
      case 'certificate-time':
      case 'certificate-untrusted':
      case 'tls':
        return new ConsoleError(
          'unreachable',
          `The certificate of ${this.url} is not trusted (${reason}). NODE_EXTRA_CA_CERTS names the certificate of an authority of your own.`,
          { cause: error },
        );
      default:
        return new ConsoleError(
          'unreachable',
          `Dify is not reached at ${this.url} (${reason}). Check --dify, and the proxies in the environment.${container}`,
          { cause: error },
        );
    }
  }
}

/** Dify's words: a form check names the field and the rule. */
function saidIn({ message, error, params, data }: Fields): string {
  const text = [message, error, data].find(value => typeof value === 'string' && value !== '');
  const said = typeof text === 'string' ? text : JSON.stringify(message ?? 'no reason given');
  return typeof params === 'string' ? `${params}: ${said}` : said;
}
