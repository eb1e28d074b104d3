import type { Readable } from 'node:stream';
import type { LineReader } from './line-reader.ts';
import type { LineWriter } from './line-writer.ts';

const NEWLINE = 0x0a;

/**
 * Feeds a reader with what a host sends, but not while the way back to it is full: the answers to what it asks then could
 * only wait in memory, and a host that never reads would grow the process without end. A line that has begun is read to
 * its end: it may be a cancel.
 */
export function readLines(input: Readable, reader: LineReader, writer: LineWriter): void {
  const onData = (bytes: Buffer) => {
    // Nearly every piece ends within a line: more than the rest of that one would be taken for ever.
    const rest = writer.backlog() === undefined ? bytes.length : bytes.indexOf(NEWLINE) + 1 || bytes.length;
    reader.push(bytes.subarray(0, rest));
    const backlog = writer.backlog();
    if (rest === bytes.length && (backlog === undefined || reader.isInLine || input.isPaused())) return;
    input.pause();
    if (rest < bytes.length) input.unshift(bytes.subarray(rest));
    void Promise.resolve(backlog).then(() => {
      if (input.listeners('data').includes(onData)) input.resume();
    });
  };
  input.on('data', onData);
}
