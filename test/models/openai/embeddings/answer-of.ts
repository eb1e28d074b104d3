import { plainJudge } from '../../../../src/http/errors/judge.ts';
import type { HttpResponse } from '../../../../src/http/response/http-response.ts';
import { bodyOf } from '../../../fake/answer-body.ts';
import { serverAt } from '../../../http/servers.ts';

/** An answer whose body comes in these pieces. */
export function answerOf(pieces: readonly (Buffer | string)[]): HttpResponse {
  return {
    server: serverAt('http://xinference.example:9997', { timeoutMs: 1000 }),
    path: '/v1/embeddings',
    url: 'http://xinference.example:9997/v1/embeddings',
    judge: plainJudge,
    status: 200,
    contentType: 'application/json',
    body: bodyOf(pieces.map(piece => Buffer.from(piece))),
  };
}

/** The bytes of `body` cut at `places`, each a fraction of its length. */
export function cutAt(body: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map(place => Math.floor(place * body.length)), body.length].sort((a, b) => a - b);
  return ends.map((end, at) => body.subarray(ends[at - 1] ?? 0, end));
}
