import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { reset, slowDrip } from '../../test/fake/xinference/faults.ts';
import { event, type Handler, pause, sendJson } from '../../test/fake/xinference/replies.ts';
import type { FakeRequest } from '../../test/fake/xinference/request.ts';
import { byteByByte, deltas, finish, pour, stream, whole, wholeAnswer, words } from '../stalls/load.ts';

/** How long what has no end of its own goes on, in ms: every round of the soak comes to rest. */
const LONGEST_MS = 4_000;
const EVERY_MS = 50;

const BACKSLASHES = `sk-${'\\'.repeat(24)}`;
const TOKEN = `sk-${'Q7wE9rT2yU4iO6pA8sD1'.repeat(100)}`.slice(0, 2_000);
/** Keys that were hard to strike out of an error, and one that is not. */
export const keys: readonly string[] = [BACKSLASHES, TOKEN, 'sk-short-7c1f'];

/** UIDs as long as they may be, of which no two are alike. */
export const fatUid = () => `${Math.random()}`.padEnd(2_000, 'u');

/** Bytes on the wire again and again, for a while, and then a reset. */
const again =
  (start: string, more: string): Handler =>
  async (request, _response, socket) => {
    let goesOn = await pour(socket, start);
    for (const until = performance.now() + LONGEST_MS; goesOn && performance.now() < until; ) {
      goesOn = (await pour(socket, more)) && (await pause(EVERY_MS, request.signal));
    }
    if (!socket.destroyed) reset(socket);
  };

/** A part of a status line, and then a reset. */
const partOfStatusLine: Handler = async (request, _response, socket) => {
  await pour(socket, 'HTTP/1.1 2');
  await pause(200, request.signal);
  if (!socket.destroyed) reset(socket);
};

/** Counts that cannot be. */
const usages = [
  { prompt_tokens: 1e308, completion_tokens: -5, total_tokens: null },
  { prompt_tokens: null, completion_tokens: null },
  { prompt_tokens: '12', completion_tokens: 1.5, total_tokens: 4e9 },
  [],
  'none',
];
const wrongUsage: Handler = (request, response, socket) => {
  const usage = JSON.stringify(usages[Math.floor(Math.random() * usages.length)]);
  const isStream = (request.body as { stream?: unknown } | undefined)?.stream === true;
  const answer = isStream
    ? stream(deltas({ content: 'Hi' }), event(`{"choices":[],"usage":${usage}}`))
    : whole(() => wholeAnswer('Hi', `,"usage":${usage}`));
  return answer(request, response, socket);
};

/** Repeats all that it was sent, the key among it, as an error. */
const repeats: Handler = (request, response) =>
  sendJson(response, 500, { detail: `${JSON.stringify(request.headers)} ${nearly(request)}`.repeat(20) });

function nearly({ headers }: FakeRequest): string {
  return (headers.authorization ?? '').slice(0, -1);
}

/** Ways in which servers misbehave beside failing (issue 16), each for a few seconds at most. */
export const misdeeds: readonly Handler[] = [
  byteByByte('application/json', () => wholeAnswer(words(64 * 1024))),
  byteByByte('text/event-stream', () => deltas({ content: words(16 * 1024) }) + finish),
  byteByByte('text/plain', () => words(64 * 1024), '500 No'),
  whole(() => `{"data":[${'{},'.repeat(50_000)}{}]}`),
  whole(() => `{"x":[${'0.5,'.repeat(600_000)}0]}`),
  stream(event(`{"choices":[],"x":[${'{},'.repeat(10_000)}{}]}`)),
  whole(() => `{"embedding":[1,x`.repeat(20_000)),
  again('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
  again(
    'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n{"data":[',
    ' ',
  ),
  again('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n', ': still here\n\n'),
  again('HTTP/1.1 500 No\r\ncontent-type: text/plain\r\n\r\n', 'wait '),
  slowDrip({ every: EVERY_MS, bytes: 4, body: wholeAnswer('Hello there, this comes slowly.') }),
  partOfStatusLine,
  wrongUsage,
  repeats,
  (_request: FakeRequest, _response: ServerResponse, socket: Socket) =>
    void pour(socket, 'HTTP/1.1 500 No\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n').then(() =>
      socket.end('\\'.repeat(64 * 1024)),
    ),
];
