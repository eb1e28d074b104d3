import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { RequestCancelledError } from '../../src/dify/protocol/errors.ts';
import { Session } from '../../src/dify/session.ts';
import { LineTooLongError, LineWriter } from '../../src/dify/transport/lines/line-writer.ts';

function open(id: string, maxLineBytes: number) {
  const out = new PassThrough();
  const writer = new LineWriter(out, maxLineBytes);
  const lines = async () => {
    await writer.flush();
    return String(out.read() ?? '')
      .split('\n')
      .slice(0, -1);
  };
  return { session: new Session(id, writer), lines };
}

describe('Session, with results of bytes', () => {
  it('sends the pieces of a result as the same line as its text', async () => {
    const { session, lines } = open('söme "id"', 1000);
    void session.writeJson('{"a":"ü"}');
    void session.writeJsonBytes([Buffer.from('{"a":'), Buffer.from('"ü"}')]);
    const [text, bytes, ...more] = await lines();
    expect(bytes).toBe(text);
    expect(more).toEqual([]);
    expect(session.messages).toBe(2);
  });

  it.each(['s', 'söme "id"'])('knows to the byte what fits into a line of the session %j', async id => {
    const { session, lines } = open(id, 500);
    const longest = `"${'x'.repeat(session.maxResultBytes - 2)}"`;
    void session.writeJson(longest);
    void session.writeJsonBytes([Buffer.from(longest)]);
    expect((await lines()).map(line => Buffer.byteLength(line))).toEqual([500, 500]);
    expect(() => session.writeJson(`${longest} `)).toThrow(LineTooLongError);
    expect(() => session.writeJsonBytes([Buffer.from(longest), Buffer.from(' ')])).toThrow(LineTooLongError);
  });

  it('sends nothing more when it has ended', () => {
    const { session } = open('s', 500);
    session.cancel();
    expect(() => session.writeJsonBytes([Buffer.from('{}')])).toThrow(RequestCancelledError);
  });
});
