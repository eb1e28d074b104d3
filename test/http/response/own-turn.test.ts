import { expect, it } from 'vitest';
import { readEmbeddings } from '../../../models/openai/embeddings/read-embeddings.ts';
import { readErrorText } from '../../../src/http/errors/error-body.ts';
import { readBody, readJsonObject } from '../../../src/http/response/body.ts';
import { readEvents } from '../../../src/http/response/event-stream.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { xinferenceJudge } from '../../../src/xinference/judge.ts';
import { bodyOf } from '../../fake/answer-body.ts';
import { patient, serverAt } from '../servers.ts';
import { batches } from './batches.ts';

const MANY = 20;
const server = serverAt('http://model.example');

function responseOf(text: string, contentType = 'application/json'): HttpResponse {
  const pieces = (text.match(/.{1,65536}/gs) ?? []).map(piece => Buffer.from(piece));
  const path = '/v1/embeddings';
  const rest = { server, path, url: `${server.url}${path}`, judge: xinferenceJudge, status: 200 };
  return { ...rest, contentType, body: bodyOf(pieces) };
}

const object = `{"text":"${'x'.repeat(200_000)}"}`;
const works: readonly [string, () => Promise<unknown>][] = [
  ['JSON', () => readJsonObject(responseOf(object), patient())],
  ['bytes', () => readBody(responseOf(object), patient())],
  ['an error', () => readErrorText(responseOf(object).body)],
  [
    'an event',
    () =>
      readEvents(
        responseOf(`data: ${object}\n\n`, 'text/event-stream'),
        patient(),
        batches(() => undefined),
      ),
  ],
  [
    'embeddings',
    () =>
      readEmbeddings(
        responseOf(`{"x":${object},"data":[{"embedding":[1]}]}`),
        { count: 1, start: 0 },
        patient(),
      ),
  ],
];

it.each(works)(
  '%s: what comes all at once and is long is worked on in as many turns (issue 16, 2)',
  async (_what, work) => {
    let turn = 0;
    let goesOn = true;
    const count = () => {
      turn++;
      if (goesOn) setImmediate(count);
    };
    setImmediate(count);
    const turns = await Promise.all(Array.from({ length: MANY }, () => work().then(() => turn)));
    goesOn = false;
    expect(new Set(turns).size).toBeGreaterThanOrEqual(MANY - 1);
  },
);
