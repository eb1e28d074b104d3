import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Answer, refusal, send } from './answers.ts';
import { answerTo, type RouteOptions } from './routes.ts';
import { BearerSessions, CookieSessions, type FakeAccount, type Sessions } from './sessions.ts';
import { type Seed, type StoredForm, Workspace } from './workspace.ts';

export const OWNER: FakeAccount = { email: 'owner@example.com', password: 'correct-horse-1' };

export interface FakeConsoleOptions
  extends Partial<Omit<RouteOptions, 'workspace' | 'hasIds' | 'wantsNames'>> {
  /**
   * `new`: 1.13.2; `middle`: 1.10, with cookies, but the password as it is; `named`: 1.8.0, where each form needs a name,
   * and a bearer token; `old`: 1.4.2.
   */
  readonly age?: 'new' | 'middle' | 'named' | 'old';
  /** Of the same age. */
  readonly version?: string;
  readonly models?: readonly Seed[];
  readonly isHttps?: boolean;
  readonly adminKey?: string;
}

/** One request as the console saw it. */
export interface ConsoleRequest {
  /** Such as `POST /login`, below `/console/api`. */
  readonly route: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
}

const VERSIONS = { new: '1.13.2', middle: '1.10.1', named: '1.8.0', old: '1.4.2' };
const BASE = '/console/api';
const CURRENT = '/workspaces/current';

/** Dify's console API on 127.0.0.1, as far as models of this plugin go. */
export class FakeConsole {
  readonly workspace: Workspace;
  readonly sessions: Sessions;
  readonly requests: ConsoleRequest[] = [];
  /** Answers in place of the console's own, by route. */
  readonly answers = new Map<string, Answer>();
  readonly #options: RouteOptions;
  readonly #version: string;
  readonly #server: Server;

  constructor(options: FakeConsoleOptions = {}) {
    const { age = 'new', models = [], isHttps, adminKey } = options;
    this.workspace = new Workspace(models);
    this.sessions =
      age === 'old' || age === 'named'
        ? new BearerSessions(OWNER)
        : new CookieSessions(OWNER, { plainPassword: age === 'middle', isHttps: isHttps ?? false, adminKey });
    this.#version = options.version ?? VERSIONS[age];
    this.#options = {
      workspace: this.workspace,
      hasIds: age !== 'old',
      wantsNames: age === 'named',
      hidesOthers: options.hidesOthers ?? false,
      mayWrite: options.mayWrite ?? true,
      isInstalled: options.isInstalled ?? true,
      check: options.check ?? (() => undefined),
    };
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  async listen(): Promise<this> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The models that stand there, by name and type, with what their forms hold. */
  get models(): readonly Omit<StoredForm, 'id' | 'title'>[] {
    return this.workspace.forms.map(({ name, modelType, credentials }) => ({ name, modelType, credentials }));
  }

  /** The requests that change something. */
  get writes(): readonly ConsoleRequest[] {
    return this.requests.filter(({ route }) => !route.startsWith('GET ') && route !== 'POST /login');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>(resolve => this.#server.close(() => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(message.url ?? '', 'http://console');
    const pieces: Buffer[] = [];
    for await (const piece of message) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString('utf8');
    const fields = { ...Object.fromEntries(searchParams), ...(text === '' ? {} : JSON.parse(text)) };
    const path = decodeURIComponent(pathname.slice(BASE.length));
    const method = message.method ?? 'GET';
    const request = { route: `${method} ${path}`, fields, headers: message.headers };
    this.requests.push(request);
    send(response, await this.#answer(pathname, method, path, request), this.#version);
  }

  #answer(pathname: string, method: string, path: string, request: ConsoleRequest): Promise<Answer> | Answer {
    const given = this.answers.get(request.route);
    if (given !== undefined) return given;
    if (request.route === 'POST /login') return this.sessions.logIn(request.fields);
    if (!pathname.startsWith(BASE) || !path.startsWith(CURRENT)) {
      return refusal(404, 'not_found', 'The requested URL was not found on the server.');
    }
    const refused = this.sessions.refuse(request.headers);
    return (
      refused ?? answerTo({ method, path: path.slice(CURRENT.length), fields: request.fields }, this.#options)
    );
  }
}

/** Starts a console; the caller closes it. */
export function startFakeConsole(options: FakeConsoleOptions = {}): Promise<FakeConsole> {
  return new FakeConsole(options).listen();
}
