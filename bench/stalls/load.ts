import { once } from 'node:events';
import type { Socket } from 'node:net';
import { event, type Handler, send, startEvents, write } from '../../test/fake/xinference/replies.ts';

export const MIB = 1024 * 1024;
export const CHAT = 'POST /v1/chat/completions';

type Values = Readonly<Record<string, unknown>>;

/** What is asked of one plugin, and how its server answers. */
export interface Load {
  readonly name: string;
  readonly action: string;
  readonly uid: string;
  /** Of the request with this index, made when it is sent. */
  readonly data: (at: number) => Values;
  /** What is answered otherwise than by the fake server. */
  readonly route?: string;
  readonly answer?: Handler;
  readonly credentials?: (at: number) => Readonly<Record<string, string>>;
  /** How many requests, one after the other; one by default. */
  readonly times?: number;
  /** They are all sent at once, by a host that reads nothing for so many ms. */
  readonly unreadMs?: number;
}

/** A load of `invoke_llm`. */
export function chat(
  name: string,
  answer: Handler,
  { uid = 'chat', stream = false, ...rest }: Partial<Load> & { stream?: boolean } & Values = {},
): Load {
  return { name, action: 'invoke_llm', uid, data: () => ask('hi', { stream }), route: CHAT, answer, ...rest };
}

export const ask = (content: unknown, rest: object = {}) => ({
  prompt_messages: [{ role: 'user', content }],
  stream: true,
  ...rest,
});

export const words = (bytes: number) =>
  'The quick brown fox jumps over the lazy dog. '.repeat(Math.ceil(bytes / 45));

/** The JSON text of a list. */
export const list = (count: number, value: (at: number) => string) =>
  `[${Array.from({ length: count }, (_, at) => value(at)).join()}]`;

export const deltas = (...all: object[]) =>
  all.map(delta => event(JSON.stringify({ choices: [{ index: 0, delta, finish_reason: null }] }))).join('');

export const finish = `${event(JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }))}${event('[DONE]')}`;

/** The JSON text of a whole chat answer. @param rest more fields of it */
export const wholeAnswer = (content: string, rest = '') =>
  `{"choices":[{"index":0,"message":{"role":"assistant","content":"${content}"},"finish_reason":"stop"}]${rest}}`;

/** Answers with a stream of these texts, and its end. */
export const stream =
  (...texts: string[]): Handler =>
  async (_request, response) => {
    startEvents(response);
    for (const text of texts) await write(response, text);
    response.end(finish);
  };

/** Answers with a body that is made when it is asked for. */
export const whole =
  (body: () => string | Buffer, type = 'application/json', status = 200): Handler =>
  (_request, response) =>
    send(response, status, type, body());

/** Writes bytes as they are, as fast as they are taken. @returns false once nobody takes them any more */
export async function pour(socket: Socket, bytes: string): Promise<boolean> {
  if (socket.destroyed) return false;
  if (!socket.write(bytes, 'latin1')) {
    const over = new AbortController();
    const { signal } = over;
    await Promise.race([once(socket, 'drain', { signal }), once(socket, 'close', { signal })]).catch(
      () => {},
    );
    over.abort();
  }
  return !socket.destroyed;
}

/** Answers with each byte of a body in an HTTP chunk of its own. */
export const byteByByte =
  (type: string, body: () => string, status = '200 OK'): Handler =>
  async (_request, _response, socket) => {
    socket.write(`HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`);
    for (const part of body().match(/.{1,65536}/gs) ?? []) {
      const chunks = Array.from(part, byte => `1\r\n${byte}\r\n`).join('');
      if (!(await pour(socket, chunks))) return;
    }
    socket.end('0\r\n\r\n');
  };
