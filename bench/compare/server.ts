/**
 * A Xinference server that costs next to nothing: raw sockets, and answers that were serialised before anyone asked.
 * Runs in a process of its own, started with `fork`; tells its port when it listens, and its counts when asked.
 */
import { createServer, type Socket } from 'node:net';
import { chatWorkload, deltasOf, dimensionsOf, PROMPT_TOKENS, scoreOf, vectorOf } from './answers.ts';
import {
  type Chat,
  deltaChunk,
  EVENT_STREAM_HEAD,
  event,
  finishChunk,
  LAST_CHUNK,
  usageChunk,
  whole,
} from './framing.ts';

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

/** The answer to a key, made once. */
function remembered<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return key => {
    const known = made.get(key) ?? make(key);
    made.set(key, known);
    return known;
  };
}

const describe = remembered(uid => {
  const [kind = ''] = uid.split(':');
  const isLlm = kind === 'chunks' || kind === 'clock';
  return whole({
    model_type: isLlm ? 'LLM' : kind,
    model_name: isLlm ? 'qwen3' : uid,
    model_family: isLlm ? 'qwen3' : undefined,
    model_engine: 'vLLM',
    model_ability: isLlm ? ['chat', 'tools'] : [kind === 'rerank' ? 'rerank' : 'embed'],
    context_length: 32_768,
    max_tokens: 8192,
    dimensions: dimensionsOf(uid),
    language: ['en', 'zh'],
    replica: 1,
  });
});

/** The events of a chat model's answer, one buffer for each delta, and what comes after them. */
interface ChatEvents {
  readonly deltas: readonly Buffer[];
  /** `deltas` in one, as they lie in the kernel when a server was faster than who reads. */
  readonly burst: Buffer;
  /** The finish and `[DONE]`. */
  readonly end: Buffer;
  /** With a chunk between them that holds nothing but the usage. */
  readonly endWithUsage: Buffer;
}

const chatOf = (uid: string): Chat => ({
  id: 'chat602aca49-ada1-4220-a041-9cdd673534bd',
  model: uid,
  promptTokens: PROMPT_TOKENS,
});

/** The model writes a thousand deltas a second. */
const secondOf = (at: number): number => 1_795_333_712 + Math.floor(at / 1000);

const deltaEvent = (uid: string, at: number, delta: string): Buffer =>
  event(deltaChunk(chatOf(uid), secondOf(at), delta, at === 0));

const chatEvents = remembered((uid): ChatEvents => {
  const workload = chatWorkload(uid);
  const deltas = deltasOf(workload).map((delta, at) => deltaEvent(uid, at, delta));
  const ended = [chatOf(uid), secondOf(workload.chunks), workload.chunks] as const;
  const [finish, usage, done] = [event(finishChunk(...ended)), event(usageChunk(...ended)), event('[DONE]')];
  return {
    deltas,
    burst: Buffer.concat(deltas),
    end: Buffer.concat([finish, done]),
    endWithUsage: Buffer.concat([finish, usage, done]),
  };
});

function sendChat(socket: Socket, uid: string, withUsage: boolean): void {
  const { delayMs, content } = chatWorkload(uid);
  const { deltas, burst, end, endWithUsage } = chatEvents(uid);
  const sendEnd = () => {
    socket.write(withUsage ? endWithUsage : end);
    setImmediate(() => socket.write(LAST_CHUNK)); // when the application has returned
  };
  socket.write(EVENT_STREAM_HEAD);
  if (delayMs === 0) {
    socket.write(burst);
    sendEnd();
    return;
  }
  let next = 0;
  const timer = setInterval(() => {
    const delta = deltas[next];
    if (delta === undefined || socket.destroyed) {
      clearInterval(timer);
      if (!socket.destroyed) sendEnd();
    } else if (content === 'clock') socket.write(deltaEvent(uid, next, `${process.hrtime.bigint()} `));
    else socket.write(delta);
    next++;
  }, delayMs);
}

/** Of a model, then of so many texts. */
const embeddings = remembered(uid =>
  remembered(count =>
    whole({
      object: 'list',
      model: uid,
      model_replica: `${uid}-rep0`,
      data: Array.from({ length: Number(count) }, (_, index) => ({
        index,
        object: 'embedding',
        embedding: vectorOf(uid, index),
      })),
      usage: { prompt_tokens: 7 * Number(count), total_tokens: 7 * Number(count) },
    }),
  ),
);

/** Best first, and without the documents: they are sent back only when asked for, which costs all sides alike. */
const ranking = remembered(count => {
  const results = Array.from({ length: Number(count) }, (_, index) => ({
    index,
    relevance_score: scoreOf(index, Number(count)),
    document: null,
  }));
  results.sort((a, b) => b.relevance_score - a.relevance_score);
  const meta = { api_version: null, billed_units: null, tokens: null, warnings: null };
  return whole({ id: '7de3c132-e649-11f1-9588-000000000001', results, meta });
});

/** Head and body leave by themselves, as from uvicorn. */
function send(socket: Socket, parts: readonly Buffer[]): void {
  for (const part of parts) socket.write(part);
}

function answer(socket: Socket, { path, body }: Request): void {
  const uid = String(body['model']);
  if (path === '/v1/chat/completions') {
    const options = (body['stream_options'] ?? {}) as { include_usage?: boolean };
    sendChat(socket, uid, options.include_usage === true);
  } else if (path === '/v1/embeddings') {
    const { input } = body;
    send(socket, embeddings(uid)(String(Array.isArray(input) ? input.length : 1)));
  } else if (path === '/v1/rerank') send(socket, ranking(String((body['documents'] as unknown[]).length)));
  else if (path.startsWith('/v1/models/')) send(socket, describe(decodeURIComponent(path.slice(11))));
  else send(socket, whole({ detail: 'Not Found' }, '404 Not Found'));
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
