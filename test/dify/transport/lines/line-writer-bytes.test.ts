import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineTooLongError, LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';

/** A stream that keeps what it gets, and takes the next only when told to. */
class Sink extends Writable {
  text = '';
  systemCalls = 0;
  #taken: (() => void) | undefined;
  auto = true;

  constructor() {
    super({ highWaterMark: 1024 });
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.text += Buffer.concat(chunks.map(({ chunk }) => chunk)).toString('utf8');
    this.systemCalls++;
    if (this.auto) done();
    else this.#taken = done;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this._writev([{ chunk }], done);
  }

  take(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve));
const bytes = (...pieces: string[]) => pieces.map(piece => Buffer.from(piece));

describe('LineWriter, with lines of bytes', () => {
  it('writes the pieces of a line in one call, in order among lines of text', async () => {
    const out = new Sink();
    const writer = new LineWriter(out, 1000);
    void writer.write('a');
    void writer.write('b');
    void writer.write(bytes('{"x":', '"ü', '"}'));
    void writer.write('c');
    void writer.write(bytes('d'));
    await writer.flush();
    expect(out.text).toBe('a\nb\n{"x":"ü"}\nc\nd\n');
    expect(out.systemCalls).toBeLessThanOrEqual(4);
  });

  it('never puts anything between the pieces of a line', async () => {
    const out = new Sink();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    void writer.write(bytes('1', 'x'.repeat(2000), '2'));
    await turn();
    writer.writeFirst('heartbeat');
    void writer.write(bytes('3', '4'));
    out.auto = true;
    out.take();
    await writer.flush();
    expect(out.text).toBe(`1${'x'.repeat(2000)}2\nheartbeat\n34\n`);
  });

  it('holds producers back while the host does not read', async () => {
    const out = new Sink();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    void writer.write(bytes('x'.repeat(2000)));
    await turn();
    let released = false;
    const wait = writer.write(bytes('y'))?.then(() => {
      released = true;
    });
    expect(wait).toBeInstanceOf(Promise);
    await turn();
    expect(released).toBe(false);
    out.auto = true;
    out.take();
    await wait;
    await writer.flush();
    expect(out.text).toBe(`${'x'.repeat(2000)}\ny\n`);
  });

  it('sends what comes after a long line in one call again', async () => {
    const out = new Sink();
    const writer = new LineWriter(out, 1_000_000);
    void writer.write(bytes('x'.repeat(300_000)));
    await writer.flush();
    const before = out.systemCalls;
    void writer.write('a');
    void writer.write('b');
    void writer.write('c');
    await turn();
    expect(out.text).toBe(`${'x'.repeat(300_000)}\na\nb\nc\n`);
    expect(out.systemCalls).toBe(before + 1);
  });

  it('refuses a line over the limit, and writes nothing of it', async () => {
    const out = new Sink();
    const writer = new LineWriter(out, 10);
    expect(() => writer.write(bytes('12345', '678901'))).toThrow(LineTooLongError);
    void writer.write(bytes('12345', '67890'));
    await writer.flush();
    expect(out.text).toBe('1234567890\n');
  });
});
