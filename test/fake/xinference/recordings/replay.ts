import type { ServerResponse } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { type Handler, write } from '../replies.ts';
import { bodyBytes, chunkBytes, type Recording } from './recordings.ts';

/**
 * Where a replayed body is cut into HTTP chunks: as recorded, not at all, after every byte, or at these offsets.
 * A body of known length is cut the same way into writes.
 */
export type Cut = 'recorded' | 'whole' | 'bytes' | readonly number[];

/**
 * Answers by a recording, as fast as the client reads. Its `Connection: close` is left out: the recorder had asked
 * for that, and the client under test has not.
 */
export function replay(recorded: Recording, cut: Cut): Handler {
  return async (_request, response, socket) => {
    const { status, reason, headers, end } = recorded.response;
    response.sendDate = false;
    response.removeHeader('connection');
    response.writeHead(status, reason, rawHeaders(headers, end === 'close'));
    response.flushHeaders();
    if (!(await writePieces(response, pieces(recorded, cut)))) return;
    if (end === 'cut') socket.destroy();
    else response.end();
  };
}

function rawHeaders(headers: readonly string[], close: boolean): string[] {
  const kept = headers.filter(header => !/^connection:/i.test(header) || close);
  return kept.flatMap(header => {
    const colon = header.indexOf(':');
    return [header.slice(0, colon), header.slice(colon + 1).trim()];
  });
}

function pieces(recorded: Recording, cut: Cut): Buffer[] {
  if (cut === 'recorded') return recorded.response.chunks.map(chunkBytes);
  const body = bodyBytes(recorded);
  if (cut === 'whole') return [body];
  if (cut === 'bytes') return Array.from(body, (_byte, at) => body.subarray(at, at + 1));
  const offsets = [0, ...cut, body.length];
  return offsets.slice(1).map((end, at) => body.subarray(offsets[at], end));
}

/** Up to this many pieces get a turn of the event loop each, so that the client meets them one by one. */
const singly = 4096;

async function writePieces(response: ServerResponse, parts: readonly Buffer[]): Promise<boolean> {
  const together = Math.ceil(parts.length / singly);
  for (const [at, part] of parts.entries()) {
    if (part.length > 0 && !(await write(response, part))) return false;
    if (at % together === 0) await turn();
  }
  return true;
}
