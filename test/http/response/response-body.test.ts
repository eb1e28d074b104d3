import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../../src/http/response/event-stream.ts';
import type { HttpResponse } from '../../../src/http/response/http-response.ts';
import { ResponseBody } from '../../../src/http/response/response-body.ts';
import { batches } from './batches.ts';

/** A body, and what it asks of the connection that it comes from. */
function newBody() {
  const controller = {
    aborted: false,
    paused: false,
    reason: null,
    abort: () => {},
    pause() {
      this.paused = true;
    },
    resume() {
      this.paused = false;
    },
  };
  const onClosed = vi.fn();
  return { body: new ResponseBody(controller, onClosed), controller, onClosed };
}

const bytes = (text: string) => Buffer.from(text);
const texts = (pieces: Buffer[] | undefined) => pieces?.map(String);

describe('a body', () => {
  test('gives what has come at once, and its end after that', async () => {
    const { body } = newBody();
    body.push(bytes('a'));
    body.push(bytes(''));
    body.push(bytes('b'));
    body.end();
    expect(body.isEnded).toBe(true);
    expect(texts(body.take())).toEqual(['a', 'b']);
    expect(body.take()).toBeUndefined();
    expect(body.take()).toBeUndefined();
  });

  test('puts tiny pieces together while they wait (issue 16, point 3)', () => {
    const { body } = newBody();
    const all = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at & 0xff));
    for (const byte of all) body.push(Buffer.of(byte));
    const pieces = body.take() ?? [];
    expect(pieces.length).toBeLessThan(400);
    expect(Buffer.concat(pieces).equals(all)).toBe(true);
    body.push(bytes('a'));
    expect(texts(body.take())).toEqual(['a']);
  });

  test('lets its reader wait, and gives together what comes together', async () => {
    const { body } = newBody();
    const first = body.arrival();
    body.push(bytes('a'));
    body.push(bytes('b'));
    await first;
    expect(texts(body.take())).toEqual(['a', 'b']);
    const end = body.arrival();
    body.end();
    await end;
    expect(body.take()).toBeUndefined();
    expect(body.arrival()).toBeUndefined();
  });

  test('gives what had come before it broke off, then throws', async () => {
    const { body, onClosed } = newBody();
    const error = new Error('reset');
    body.push(bytes('a'));
    body.fail(error);
    expect(texts(body.take())).toEqual(['a']);
    expect(() => body.take()).toThrow(error);
    expect(body.isEnded).toBe(false);
    expect(onClosed).toHaveBeenCalledOnce();
  });

  test('that breaks off while somebody waits throws', async () => {
    const { body } = newBody();
    const arrival = body.arrival();
    const error = new Error('reset');
    body.fail(error);
    await arrival;
    expect(() => body.take()).toThrow(error);
  });

  test('pauses the server while too much waits', async () => {
    const { body, controller } = newBody();
    body.push(Buffer.alloc(32 * 1024));
    expect(controller.paused).toBe(false);
    body.push(Buffer.alloc(1));
    expect(controller.paused).toBe(true);
    body.take();
    expect(controller.paused).toBe(false);
  });

  test('that is destroyed gives nothing more', async () => {
    const { body, onClosed } = newBody();
    body.push(bytes('a'));
    body.destroy();
    body.push(bytes('b'));
    body.end();
    body.destroy();
    expect(() => body.take()).toThrow('destroyed');
    expect(onClosed).toHaveBeenCalledOnce();
    expect(body.isEnded).toBe(false);
  });
});

test.each(['ends', 'may last'])('the limit of a body is called off when it %s (issue 16, point 14)', what => {
  vi.useFakeTimers();
  try {
    const { controller } = newBody();
    const body = new ResponseBody(
      controller,
      () => {},
      setTimeout(() => {}, 1_000),
    );
    expect(vi.getTimerCount()).toBe(1);
    if (what === 'ends') body.end();
    else
      readEvents(
        { body } as HttpResponse,
        new AbortController().signal,
        batches(() => undefined),
      ).catch(() => {});
    expect(vi.getTimerCount()).toBe(0);
    body.destroy();
  } finally {
    vi.useRealTimers();
  }
});

describe('a body of which no more is wanted', () => {
  test('may end by itself, and then no timer is left', () => {
    vi.useFakeTimers();
    try {
      const { body, onClosed } = newBody();
      body.letEnd(20);
      expect(onClosed).not.toHaveBeenCalled();
      body.end();
      expect(body.isEnded).toBe(true);
      expect(vi.getTimerCount()).toBe(0);
      expect(onClosed).toHaveBeenCalledOnce();
    } finally {
      vi.useRealTimers();
    }
  });

  test('is destroyed when it does not end in time', async () => {
    const { body, onClosed } = newBody();
    body.letEnd(20);
    await pause(10);
    expect(onClosed).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(onClosed).toHaveBeenCalledOnce());
    expect(body.isEnded).toBe(false);
  });

  test.each([
    ['waits', true],
    ['comes', false],
  ])('is destroyed when more of it %s', (_, isThere) => {
    const { body, onClosed } = newBody();
    if (isThere) body.push(bytes('a'));
    body.letEnd(60_000);
    if (!isThere) body.push(bytes('a'));
    expect(onClosed).toHaveBeenCalledOnce();
    expect(body.isEnded).toBe(false);
  });

  test('that has ended already is left alone', () => {
    const { body, onClosed } = newBody();
    body.end();
    body.letEnd(60_000);
    expect(body.isEnded).toBe(true);
    expect(onClosed).toHaveBeenCalledOnce();
  });
});
