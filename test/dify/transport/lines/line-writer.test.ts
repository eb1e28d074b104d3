import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { LineTooLongError, LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';

/** A stream that takes one write at a time and lets a test decide when it is taken. */
class SlowStream extends Writable {
  readonly writes: string[] = [];
  #taken: (() => void) | undefined;
  auto = true;

  constructor() {
    super({ highWaterMark: 1024, decodeStrings: false });
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.writes.push(String(chunk));
    if (this.auto) done();
    else this.#taken = done;
  }

  /** Lets the stream take what it has. */
  take(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve));

describe('LineWriter', () => {
  it('sends what one turn of the loop produces in one write', async () => {
    const out = new SlowStream();
    const writer = new LineWriter(out, 1000);
    void writer.write('a');
    void writer.write('b');
    await Promise.resolve().then(() => writer.write('c'));
    expect(out.writes).toEqual([]);
    await turn();
    expect(out.writes).toEqual(['a\nb\nc\n']);
  });

  it('sends a line that goes first at once, and what waits behind it', async () => {
    const out = new SlowStream();
    const writer = new LineWriter(out, 1000);
    void writer.write('a');
    writer.writeFirst('beat');
    expect(out.writes).toEqual(['beat\na\n']);
    await turn();
    expect(out.writes).toHaveLength(1);
  });

  it('gives nothing to wait for while the host keeps up', async () => {
    const writer = new LineWriter(new SlowStream(), 1000);
    expect(writer.write('a')).toBeUndefined();
    await writer.flush();
    expect(writer.write('b')).toBeUndefined();
  });

  it('holds producers back while the host does not read, and lets them go on when it does', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    void writer.write('x'.repeat(5000));
    await turn();
    const wait = writer.write('y');
    expect(wait).toBeInstanceOf(Promise);
    await turn();
    expect(out.writes).toHaveLength(1); // nothing more is handed to a stream that is full
    out.auto = true;
    out.take();
    await wait;
    expect(out.writes.join('')).toBe(`${'x'.repeat(5000)}\ny\n`);
  });

  it('writes before the turn ends when there is much', () => {
    const out = new SlowStream();
    const writer = new LineWriter(out, 10_000_000);
    void writer.write('x'.repeat(300_000));
    expect(out.writes).toHaveLength(1);
  });

  it('hands a long backlog on in pieces of whole lines', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 10_000_000);
    void writer.write('first'.repeat(1000));
    await turn();
    const lines = Array.from({ length: 10 }, (_, index) => `${index}`.repeat(100_000));
    for (const line of lines) void writer.write(line);
    out.auto = true;
    out.take();
    await writer.flush();
    expect(out.writes.length).toBeGreaterThan(3);
    for (const write of out.writes) expect(write.endsWith('\n')).toBe(true);
    expect(out.writes.join('').split('\n').slice(1, -1)).toEqual(lines);
  });

  it('puts a heartbeat before the backlog', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    void writer.write('x'.repeat(5000));
    await turn();
    void writer.write('waiting');
    writer.writeFirst('heartbeat');
    out.auto = true;
    out.take();
    await writer.flush();
    expect(out.writes[1]).toBe('heartbeat\nwaiting\n');
  });

  it('refuses a line over the limit, counted in bytes, and writes nothing of it', async () => {
    const out = new SlowStream();
    const writer = new LineWriter(out, 10);
    expect(() => writer.write('日本語日本語')).toThrow(LineTooLongError);
    expect(writer.write('1234567890')).toBeUndefined();
    expect(writer.write('日本語')).toBeUndefined();
    await writer.flush();
    expect(out.writes).toEqual(['1234567890\n日本語\n']);
  });

  it('resolves a flush when everything has been taken, and when the stream is gone', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 1000);
    void writer.write('a');
    let flushed = false;
    const flush = writer.flush().then(() => {
      flushed = true;
    });
    await turn();
    expect(flushed).toBe(false);
    out.auto = true;
    out.take();
    await flush;

    out.auto = false;
    void writer.write('b');
    const second = writer.flush();
    await turn();
    out.destroy();
    await second;
    expect(writer.write('c')).toBeUndefined();
  });

  it('lets waiting producers go when the stream is gone', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    void writer.write('x'.repeat(5000));
    await turn();
    const wait = writer.write('y');
    out.destroy();
    await wait;
  });

  it('keeps no more than a line for each producer that waits, however slowly the host reads', async () => {
    const out = new SlowStream();
    out.auto = false;
    const writer = new LineWriter(out, 100_000);
    let written = 0;
    let most = 0;
    const produce = async () => {
      for (let line = 0; line < 20; line++) {
        const backlog = writer.write('x'.repeat(9_999));
        written += 10_000;
        most = Math.max(most, written - out.writes.reduce((sum, text) => sum + text.length, 0));
        if (backlog) await backlog;
      }
    };
    const producers = Promise.all(Array.from({ length: 100 }, produce));
    let done = false;
    void producers
      .then(() => writer.flush())
      .then(() => {
        done = true;
      });
    while (!done) {
      await turn();
      out.take();
    }
    expect(written).toBe(20_000_000);
    expect(most).toBeLessThan(100 * 10_000 + 300_000);
  });
});
