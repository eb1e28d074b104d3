import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { embedding, numberOf } from './data.ts';

/**
 * A Xinference server for the embedding benchmark, in a process of its own: `node bench/embedding/server.ts DIMENSIONS TEXTS`.
 * It takes 5 ms for a request and 0.2 ms for a text. Rows are made before it listens; then it prints its port. On SIGTERM it
 * prints what it was asked and ends.
 */
const REQUEST_MS = 5;
const TEXT_MS = 0.2;

const [dimensions = 1024, texts = 512] = process.argv.slice(2).map(Number);

const rows = Array.from({ length: texts }, (_, n) => Buffer.from(JSON.stringify(embedding(n, dimensions))));
const seen = { requests: 0, embeddings: 0, bytes: 0, connections: 0 };

const description = JSON.stringify({
  model_type: 'embedding',
  model_name: 'bge-large-en-v1.5',
  model_engine: 'vllm',
  dimensions,
  max_tokens: 8192,
  model_ability: ['embed'],
  replica: 1,
});

const server = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  seen.requests++;
  response.setHeader('content-type', 'application/json');
  if (request.method === 'GET') {
    response.end(description);
    return;
  }
  const { input } = JSON.parse(Buffer.concat(pieces).toString('utf8')) as { input: string[] };
  await sleep(REQUEST_MS + TEXT_MS * input.length);
  const body = answer(input);
  seen.embeddings++;
  seen.bytes += body.length;
  response.setHeader('content-length', body.length);
  response.end(body);
});
server.on('connection', () => seen.connections++);

function answer(input: readonly string[]): Buffer {
  const pieces = [Buffer.from('{"object":"list","model":"bench","model_replica":"bench-rep0","data":[')];
  for (const [index, text] of input.entries()) {
    pieces.push(
      Buffer.from(`${index === 0 ? '' : ','}{"index":${index},"object":"embedding","embedding":`),
      rows[numberOf(text)] ?? Buffer.from('null'),
      Buffer.from('}'),
    );
  }
  const tokens = 110 * input.length;
  pieces.push(Buffer.from(`],"usage":{"prompt_tokens":${tokens},"total_tokens":${tokens}}}`));
  return Buffer.concat(pieces);
}

server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
process.on('SIGTERM', () => {
  console.log(JSON.stringify(seen));
  process.exit(0);
});
