import type { IncomingMessage } from 'node:http';

/** The body of a request is longer than it may be. */
export class BodyTooLongError extends Error {
  override readonly name = 'BodyTooLongError';
}

/**
 * Reads a body whole.
 * @throws BodyTooLongError as soon as it passes `limit` bytes, or says that it will; the rest is then unread
 * @throws Error when the client leaves before its end
 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length']) > limit) throw new BodyTooLongError();
  const pieces: Buffer[] = [];
  let length = 0;
  // Left early, the request must live on: what still comes has to be read away, or the connection stands still.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    length += piece.length;
    if (length > limit) throw new BodyTooLongError();
    pieces.push(piece);
  }
  return Buffer.concat(pieces, length);
}
