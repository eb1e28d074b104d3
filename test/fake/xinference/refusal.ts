import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { send, sendDetail } from './replies.ts';

/** Thrown by an endpoint that does not do what it was asked: how the server says so. */
export class Refusal extends Error {
  readonly send: (response: ServerResponse) => void;

  constructor(reason: string, send: (response: ServerResponse) => void) {
    super(reason);
    this.send = send;
  }
}

/** A refusal in the ordinary shape, `{"detail": …}`. */
export function refusal(status: number, detail: unknown, headers: OutgoingHttpHeaders = {}): Refusal {
  return new Refusal(String(detail), response => sendDetail(response, status, detail, headers));
}

/** What the real server answers when a body does not pass its validation: text, under a misleading 500. */
export function invalidBody(reason: string): Refusal {
  const text = `Internal Server Error: ${reason}`;
  return new Refusal(reason, response => send(response, 500, 'text/plain; charset=utf-8', text));
}

/** An error of a model's engine: 500 with the text of its exception behind the address of its process. */
export function engineError(reason: string): Refusal {
  return refusal(500, `[address=127.0.0.1:45193, pid=3663] ${reason}`);
}
