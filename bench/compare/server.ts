/**
 * A Xinference server that costs next to nothing: raw sockets, and answers that were serialised before anyone asked.
 * Runs in a process of its own, started with `fork`; tells its port when it listens, and its counts when asked.
 */
import { createServer, type Socket } from 'node:net';
import { type ChatWorkload, chatWorkload, deltasOf, PROMPT_TOKENS, scoreOf, vectorOf } from './answers.ts';

/** What the server tells its parent. */
export type ServerMessage = { readonly port: number } | ServerCounts;
export interface ServerCounts {
  readonly requests: number;
  readonly connections: number;
}

interface Request {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const counts = { requests: 0, connections: 0 };
const HEAD_END = Buffer.from('\r\n\r\n');
const LAST_CHUNK = Buffer.from('0\r\n\r\n');

const EVENT_STREAM_HEAD = Buffer.from(
  [
    'HTTP/1.1 200 OK',
    'date: Thu, 01 Jan 2026 00:00:00 GMT',
    'server: uvicorn',
    'cache-control: no-store',
    'x-accel-buffering: no',
    'content-type: text/event-stream; charset=utf-8',
    'x-request-id: 8a1f0b7e-7a52-4f0a-9a43-3a5c7f1f0f55',
    'Transfer-Encoding: chunked',
    '\r\n',
  ].join('\r\n'),
);

function whole(body: Buffer, status = '200 OK'): Buffer {
  const head = `HTTP/1.1 ${status}\r\nserver: uvicorn\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const whole200 = (body: unknown): Buffer => whole(Buffer.from(JSON.stringify(body)));

/** The answer to a key, made once. */
function remembered(make: (key: string) => Buffer): (key: string) => Buffer {
  const made = new Map<string, Buffer>();
  return key => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

const describe = remembered(uid => {
  const isLlm = uid.includes(':');
  return whole200({
    model_type: isLlm ? 'LLM' : uid,
    model_name: isLlm ? 'qwen3' : uid,
    model_family: isLlm ? 'qwen3' : undefined,
    model_engine: 'vLLM',
    model_ability: isLlm ? ['chat', 'tools'] : [uid === 'rerank' ? 'rerank' : 'embed'],
    context_length: 32_768,
    max_tokens: 8192,
    dimensions: vectorOf(0).length,
    language: ['en', 'zh'],
    replica: 1,
  });
});

/** One HTTP chunk with one event, as Xinference sends them. */
function event(payload: string): Buffer {
  const data = Buffer.from(`data: ${payload}\r\n\r\n`);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from('\r\n')]);
}

/** A chunk as the vLLM engine behind Xinference writes it; `created` is the second in which it was made. */
function chatEvent(uid: string, at: number, delta: string, finish = 'null', usage = 'null'): Buffer {
  const role = at === 0 ? '"role": "assistant", ' : '';
  return event(
    `{"id": "chat602aca49-ada1-4220-a041-9cdd673534bd", "model": "${uid}", "created": ${1795333712 + Math.floor(at / 1000)}, ` +
      `"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {${role}"content": ${JSON.stringify(delta)}}, ` +
      `"logprobs": null, "finish_reason": ${finish}}], "usage": ${usage}}`,
  );
}

function endOfChat(uid: string, { chunks }: ChatWorkload): Buffer {
  const usage = `{"prompt_tokens": ${PROMPT_TOKENS}, "completion_tokens": ${chunks}, "total_tokens": ${PROMPT_TOKENS + chunks}}`;
  return Buffer.concat([chatEvent(uid, chunks, '', '"stop"', usage), event('[DONE]')]);
}

const pieces = new Map<string, readonly Buffer[]>();

/** The end of the body goes out when the application has returned, in a packet of its own, as from uvicorn. */
function endBody(socket: Socket): void {
  setImmediate(() => socket.write(LAST_CHUNK));
}

/** Head, one buffer for each delta, end. */
function chatPieces(uid: string): readonly Buffer[] {
  const workload = chatWorkload(uid);
  const known = pieces.get(uid) ?? [
    EVENT_STREAM_HEAD,
    ...deltasOf(workload).map((delta, at) => chatEvent(uid, at, delta)),
    endOfChat(uid, workload),
  ];
  pieces.set(uid, known);
  return known;
}

const wholeChat = remembered(uid => Buffer.concat(chatPieces(uid)));

function sendChat(socket: Socket, uid: string): void {
  const { delayMs, content, chunks } = chatWorkload(uid);
  if (delayMs === 0) {
    socket.write(wholeChat(uid));
    endBody(socket);
    return;
  }
  const parts = chatPieces(uid);
  let next = 0;
  const timer = setInterval(() => {
    if (next === 0) socket.write(parts[0] ?? EVENT_STREAM_HEAD);
    next++;
    if (next > chunks || socket.destroyed) {
      clearInterval(timer);
      if (socket.destroyed) return;
      socket.write(parts[parts.length - 1] ?? LAST_CHUNK);
      endBody(socket);
    } else if (content === 'clock') socket.write(chatEvent(uid, next, `${process.hrtime.bigint()} `));
    else socket.write(parts[next] ?? LAST_CHUNK);
  }, delayMs);
}

const embeddings = remembered(count =>
  whole200({
    object: 'list',
    model: 'embedding',
    model_replica: 'embedding-rep0',
    data: Array.from({ length: Number(count) }, (_, index) => ({
      index,
      object: 'embedding',
      embedding: vectorOf(index),
    })),
    usage: { prompt_tokens: 7 * Number(count), total_tokens: 7 * Number(count) },
  }),
);

/** Best first, and without the documents: they are sent back only when asked for, which costs all sides alike. */
const ranking = remembered(count => {
  const results = Array.from({ length: Number(count) }, (_, index) => ({
    index,
    relevance_score: scoreOf(index, Number(count)),
    document: null,
  }));
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  return whole200({ id: '7de3c132-e649-11f1-9588-000000000001', results, meta: { tokens: null } });
});

function answer(socket: Socket, { path, body }: Request): void {
  const uid = String(body['model']);
  if (path === '/v1/chat/completions') sendChat(socket, uid);
  else if (path === '/v1/embeddings') {
    const { input } = body;
    socket.write(embeddings(String(Array.isArray(input) ? input.length : 1)));
  } else if (path === '/v1/rerank') socket.write(ranking(String((body['documents'] as unknown[]).length)));
  else if (path.startsWith('/v1/models/')) socket.write(describe(decodeURIComponent(path.slice(11))));
  else socket.write(whole(Buffer.from('{"detail":"Not Found"}'), '404 Not Found'));
}

/** Reads the requests of a connection; each has its length in its head. */
function serve(socket: Socket): void {
  counts.connections++;
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    for (;;) {
      const headEnd = rest.indexOf(HEAD_END);
      if (headEnd < 0) return;
      const head = rest.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      const start = headEnd + HEAD_END.length;
      if (rest.length < start + length) return;
      const [, path = ''] = head.split(' ', 2);
      const text = rest.toString('utf8', start, start + length);
      rest = rest.subarray(start + length);
      counts.requests++;
      answer(socket, { path, body: text === '' ? {} : JSON.parse(text) });
    }
  });
}

const server = createServer({ highWaterMark: 1024 * 1024 }, serve);
server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 }, () => {
  const address = server.address();
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 });
});
process.on('message', () => process.send?.(counts));
process.on('disconnect', () => process.exit(0));
