import { AnswerBody } from '../../src/xinference/answer-body.ts';

/** A body without a connection. Its pieces arrive one by one: a reader that keeps up takes each alone. */
export function bodyOf(pieces: readonly Buffer[]): AnswerBody {
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => {},
    pause: () => {},
    resume: () => {},
  };
  const body = new AnswerBody(controller, () => {});
  void arrive(body, pieces);
  return body;
}

async function arrive(body: AnswerBody, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>(resolve => process.nextTick(resolve)); // what waits for a promise goes first
    body.push(piece);
  }
  await new Promise<void>(resolve => process.nextTick(resolve));
  body.end();
}
