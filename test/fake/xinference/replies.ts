import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeRequest } from './request.ts';

/** Answers one request. What it throws is a mistake in the test and surfaces as an unhandled rejection. */
export type Handler = (
  request: FakeRequest,
  response: ServerResponse,
  socket: Socket,
) => void | Promise<void>;

/** The head as uvicorn writes it: lower-case names, no `Connection`, no `Keep-Alive` with a hint for the client. */
export function head(response: ServerResponse, status: number, headers: OutgoingHttpHeaders = {}): void {
  response.removeHeader('connection');
  response.sendDate = false;
  response.writeHead(status, {
    date: new Date().toUTCString(),
    server: 'uvicorn',
    ...headers,
    'x-request-id': randomUUID(),
    vary: 'Origin',
  });
}

/** A whole answer of known length. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  headers: OutgoingHttpHeaders = {},
): void {
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.length;
  head(response, status, { ...headers, 'content-length': length, 'content-type': type });
  response.end(body);
}

/** A JSON answer, compact as the real server writes it. */
export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  send(response, status, 'application/json', JSON.stringify(value), headers);
}

/** The ordinary error shape, `{"detail": …}`. */
export function sendDetail(
  response: ServerResponse,
  status: number,
  detail: unknown,
  headers: OutgoingHttpHeaders = {},
): void {
  sendJson(response, status, { detail }, headers);
}

/** The head of an event stream. */
export function startEvents(response: ServerResponse): void {
  head(response, 200, {
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
    'content-type': 'text/event-stream; charset=utf-8',
  });
  response.flushHeaders();
}

/** One event in the real server's framing: one `data:` line, CRLF, a blank line. */
export function event(json: string): string {
  return `data: ${json}\r\n\r\n`;
}

/** The error that ends a stream whose 200 is already out; the value is a string in ASCII, and no `[DONE]` follows. */
export function errorEvent(error: unknown): string {
  return event(toAscii(pythonJson({ error })));
}

/** Writes and waits until the client keeps up; `false` once it has gone away. */
export async function write(response: ServerResponse, data: string | Buffer): Promise<boolean> {
  if (response.destroyed || response.closed) return false;
  if (response.write(data)) return true;
  const controller = new AbortController();
  const options = { signal: controller.signal };
  await Promise.race([once(response, 'drain', options), once(response, 'close', options)]).catch(
    () => undefined,
  );
  controller.abort();
  return !response.destroyed && !response.closed;
}

/** Waits `ms` milliseconds or until the client has gone; `false` in the second case. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0 && !signal.aborted) await sleep(ms, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** JSON with a space after `,` and `:`, as Python writes it and as it stands in the real server's events. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${pythonJson(member)}`).join(', ')}}`;
}

function toAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
