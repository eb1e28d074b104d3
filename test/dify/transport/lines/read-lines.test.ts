import { PassThrough, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';
import { StdioTransport } from '../../../../src/dify/transport/stdio.ts';

const LINE = 1024;
const turn = () => new Promise<void>(resolve => setImmediate(resolve));

it('reads nothing more while the host does not read (issue 16, point 6)', async () => {
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
  let sent = 0;
  const send = async () => {
    for (let count = 0; count < 1_000; count++) {
      if (!stdin.write(`${'y'.repeat(LINE)}\n`)) break;
      sent++;
      await turn();
    }
  };
  await send();
  expect(requests).toBeLessThan(200);
  expect(sent).toBeLessThan(200);

  // It reads again: all that was sent is answered.
  while (requests < sent) {
    for (const done of taken.splice(0)) done();
    await turn();
  }
  expect(requests).toBeGreaterThanOrEqual(sent);
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
