import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';
import { StdioTransport } from '../../../../src/dify/transport/stdio.ts';

const LINE = 1024;
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

it.each([
  ['line by line', LINE + 1],
  ['in pieces that end within a line', 1_300],
  ['in pieces of several lines', 10_000],
])('takes nothing more %s while the host does not read (issue 16, point 6)', async (_what, size) => {
  const taken: (() => void)[] = [];
  const stdout = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) });
  const stdin = new PassThrough();
  const transport = new StdioTransport(stdin, stdout, 100_000);
  let requests = 0;
  transport.start({
    receive: (_line: Buffer, writer: LineWriter) => {
      requests++;
      void writer.write('x'.repeat(LINE));
      return undefined;
    },
    receiveOversized: () => {},
  });
  const lines = Buffer.from(`${'y'.repeat(LINE)}\n`.repeat(1_000));
  let sent = 0;
  while (sent < lines.length) {
    const piece = lines.subarray(sent, sent + size);
    sent += piece.length;
    if (!stdin.write(piece)) break;
    await turn();
  }
  for (let turns = 0; turns < 20; turns++) await turn();
  expect(requests).toBeLessThan(200);
  expect(sent).toBeLessThan(lines.length / 4);

  // It reads again: all that was sent is answered.
  stdin.end(lines.subarray(sent));
  while (requests < 1_000) {
    for (const done of taken.splice(0)) done();
    await turn();
  }
  expect(requests).toBe(1_000);
});

it('reads a line to its end that comes in two pieces while the host does not read: it may be a cancel', async () => {
  const stdout = new Writable({ highWaterMark: 1, write: () => undefined });
  const stdin = new PassThrough();
  const transport = new StdioTransport(stdin, stdout, 100_000);
  const lines: string[] = [];
  transport.start({ receive: line => void lines.push(line.toString()), receiveOversized: () => {} });
  await transport.writer.write('full');
  await turn();
  await turn();
  expect(transport.writer.backlog()).toBeDefined();
  for (const piece of ['{"event":', '"cancel"}', '\n']) {
    stdin.write(piece);
    await turn();
  }
  expect(lines).toEqual(['{"event":"cancel"}']);
});
