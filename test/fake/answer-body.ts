import { ResponseBody } from '../../src/http/response/response-body.ts';

/**
 * A body without a connection. Its pieces arrive one by one: a reader that keeps up takes each alone.
 * @param error what breaks it off at the end
 */
export function bodyOf(pieces: readonly Buffer[], error?: Error): ResponseBody {
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => {},
    pause: () => {},
    resume: () => {},
  };
  const body = new ResponseBody(controller, () => {});
  void arrive(body, pieces, error);
  return body;
}

async function arrive(body: ResponseBody, pieces: readonly Buffer[], error?: Error): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>(resolve => process.nextTick(resolve)); // what waits for a promise goes first
    body.push(piece);
  }
  await new Promise<void>(resolve => process.nextTick(resolve));
  if (error === undefined) body.end();
  else body.fail(error);
}
