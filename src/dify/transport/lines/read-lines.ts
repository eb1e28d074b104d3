import type { Readable } from 'node:stream';
import type { LineReader } from './line-reader.ts';
import type { LineWriter } from './line-writer.ts';

/**
 * Feeds a reader with what a host sends, but not while the way back to it is full: the answers to what it asks then could
 * only wait in memory, and a host that never reads would grow the process without end. A line that has begun is read to
 * its end: it may be a cancel.
 */
export function readLines(input: Readable, reader: LineReader, writer: LineWriter): void {
  const onData = (bytes: Buffer) => {
    reader.push(bytes);
    const backlog = writer.backlog();
    if (backlog === undefined || reader.isInLine || input.isPaused()) return;
    input.pause();
    void backlog.then(() => {
      if (input.listeners('data').includes(onData)) input.resume();
    });
  };
  input.on('data', onData);
}
