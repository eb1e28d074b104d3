import type { Readable } from 'node:stream';
import type { LineReader } from './line-reader.ts';
import type { LineWriter } from './line-writer.ts';

const NEWLINE = 0x0a;

/**
 * Feeds a reader with what a host sends, but not while the way back to it is full: the answers to what it asks then could
 * only wait in memory, and a host that never reads would grow the process without end. A line that has begun is read to
 * its end: it may be a cancel. One that stands behind other lines waits until the host reads.
 */
export function readLines(input: Readable, reader: LineReader, writer: LineWriter): void {
  const onData = (bytes: Buffer) => {
    // Nearly every piece ends within a line: if all of it were taken, reading would never pause.
    const taken = writer.backlog() === undefined ? bytes.length : bytes.indexOf(NEWLINE) + 1 || bytes.length;
    reader.push(bytes.subarray(0, taken));
    const backlog = writer.backlog();
    if (taken === bytes.length && (backlog === undefined || reader.isInLine || input.isPaused())) return;
    input.pause();
    if (taken < bytes.length) input.unshift(bytes.subarray(taken));
    void Promise.resolve(backlog).then(() => {
      if (input.listeners('data').includes(onData)) input.resume();
    });
  };
  input.on('data', onData);
}
