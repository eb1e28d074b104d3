import { setImmediate } from 'node:timers/promises';
import { type Clock, systemClock } from '../clock.ts';
import type { ServerError } from '../errors/errors.ts';
import { bodyError } from '../errors/network-errors.ts';
import { errorIn } from '../errors/stream-errors.ts';
import { payloadBounds } from './bounds.ts';
import { EventDecoder, EventTooLongError, type PayloadSink } from './event-decoder.ts';
import type { HttpResponse } from './http-response.ts';
import { ownTurn } from './own-turn.ts';
import type { ResponseBody } from './response-body.ts';

/** ms of work on one stream without a break: what comes faster than it is read lets others have their turn. */
const LONGEST_WORK_MS = 20;
/** How long the end of a body may take after `[DONE]`, in ms. */
const REST_MS = 1_000;
/** How long counts and the end may take, in ms, once nothing more has to come. */
const LAST_WORDS_MS = 5_000;

/** Where the pieces of a read are put side by side; a read has 64 KiB, and one comes at most when half of one waits. */
const table = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * Reads the payloads of an answer's events up to the read that brings `[DONE]`, or to the end. Once `[DONE]` has come, the
 * body may end by itself, so that its connection is used again; otherwise it is closed, so that the server can stop.
 * @param sink takes them as they are read; it is flushed after each read, and before an error too
 * @param isFinished whether nothing more has to come: then the stream is over after 5 s without a payload of
 *   the answer, and where it breaks off
 * @throws ServerError when the answer breaks off, falls silent or has an event that is longer than any may be; the signal's reason; what the
 *   sink throws
 */
export async function readEvents(
  response: HttpResponse,
  signal: AbortSignal,
  sink: PayloadSink,
  isFinished: () => boolean = () => false,
  clock: Clock = systemClock,
): Promise<void> {
  const { body } = response;
  body.mayLast();
  const decoder = new EventDecoder(sink, payloadBounds(response));
  let isOver = false;
  let workMs = 0;
  /** When to wait no more, as the clock has it. */
  let lastCall: number | undefined;
  try {
    while (!isOver && !decoder.isDone) {
      if (workMs > LONGEST_WORK_MS) {
        await setImmediate();
        workMs = 0;
      }
      const arrival = body.arrival();
      if (arrival && lastCall !== undefined) isOver = !(await before(lastCall, arrival, clock));
      else if (arrival) await arrival;
      if (decoder.isInLongLine) await ownTurn();
      const from = performance.now();
      const known = sink.parts ?? decoder.count;
      let failure: { readonly error: unknown } | undefined;
      try {
        const state: BodyState = isOver ? ENDED : decodeArrived(body, decoder);
        if ('error' in state && (signal.aborted || !isFinished()))
          throw bodyError(response, state.error, signal);
        isOver = state !== ARRIVED;
        if (isOver) decoder.end();
      } catch (error) {
        isOver = true;
        failure = { error: error instanceof EventTooLongError ? tooLong(response) : error };
      }
      const backlog = sink.flush();
      if ((sink.parts ?? decoder.count) > known && isFinished()) lastCall = clock.now() + LAST_WORDS_MS;
      workMs += performance.now() - from;
      if (backlog) await backlog;
      if (failure !== undefined) throw failure.error;
    }
  } finally {
    // After `[DONE]` only the end of the body can come, often in a packet of its own.
    if (decoder.isDone) body.letEnd(REST_MS);
    else body.destroy();
  }
}

/** @returns whether it has come by then */
function before(time: number, arrival: Promise<void>, clock: Clock): Promise<boolean> {
  return new Promise(resolve => {
    const callOff = clock.after(Math.max(0, time - clock.now()), () => resolve(false));
    void arrival.then(() => {
      callOff();
      resolve(true);
    });
  });
}

/** What became of a body when something had arrived. */
type BodyState = object | { readonly error: unknown };
const ARRIVED: BodyState = {};
const ENDED: BodyState = {};

/** In a function of its own, as the pieces would live on in one that waits. @returns what broke the body off, where it did */
function decodeArrived(body: ResponseBody, decoder: EventDecoder): BodyState {
  let pieces: Buffer[] | undefined;
  try {
    pieces = body.take();
  } catch (error) {
    return { error };
  }
  if (pieces === undefined) return ENDED;
  decoder.push(sideBySide(pieces));
  return ARRIVED;
}

function tooLong(response: HttpResponse): ServerError {
  return errorIn(
    response,
    'no-answer',
    `${response.url} sent an event of more than ${payloadBounds(response).bytes >> 20} MiB, which is no part of an answer`,
  );
}

/**
 * The pieces as one, for the decoder alone and until the next call: all reads are put together in the same place. The
 * hundreds of events of a read are decoded together in a fraction of the time that they take one by one.
 */
function sideBySide(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  let length = 0;
  for (const piece of pieces) {
    if (length + piece.length > table.length) return Buffer.concat(pieces);
    table.set(piece, length);
    length += piece.length;
  }
  return table.subarray(0, length);
}
