import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../src/dify/transport/lines/line-reader.ts';

function collect(maxLineBytes?: number) {
  const lines: string[] = [];
  const oversized: string[] = [];
  const reader = new LineReader(
    {
      onLine: line => lines.push(line.toString('utf8')),
      onOversizedLine: start => oversized.push(start.toString('utf8')),
    },
    maxLineBytes,
  );
  return { reader, lines, oversized };
}

describe('LineReader', () => {
  it('gives the same lines however the bytes are cut', () => {
    const line = fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\n') && text !== '');
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
        const bytes = Buffer.from(lines.map(text => `${text}\n`).join(''));
        const { reader, lines: read } = collect();
        let from = 0;
        for (const cut of cuts) {
          reader.push(bytes.subarray(from, from + cut));
          from += cut;
        }
        reader.push(bytes.subarray(from));
        expect(read).toEqual(lines);
      }),
    );
  });

  it('takes bytes one at a time, inside a character too', () => {
    const { reader, lines } = collect();
    for (const byte of Buffer.from('{"a":"日本 😀"}\nnext\n')) reader.push(Buffer.of(byte));
    expect(lines).toEqual(['{"a":"日本 😀"}', 'next']);
  });

  it('leaves blank lines out', () => {
    const { reader, lines } = collect();
    reader.push(Buffer.from('\n\na\n\n\nb\n\n'));
    expect(lines).toEqual(['a', 'b']);
  });

  it('takes a last line without newline at the end', () => {
    const { reader, lines } = collect();
    reader.push(Buffer.from('a\nb'));
    expect(lines).toEqual(['a']);
    reader.end();
    reader.end();
    expect(lines).toEqual(['a', 'b']);
  });

  it('takes a line of 30 MB in pieces of 64 KiB', () => {
    const { reader, lines } = collect();
    const text = 'x'.repeat(30_000_000);
    const bytes = Buffer.from(`${text}\n`);
    for (let at = 0; at < bytes.length; at += 65_536) reader.push(bytes.subarray(at, at + 65_536));
    expect(lines).toHaveLength(1);
    expect(lines[0]?.length).toBe(text.length);
  });

  it('skips a line over the limit to its newline and keeps its start', () => {
    const { reader, lines, oversized } = collect(10);
    reader.push(Buffer.from('short\n12345'));
    reader.push(Buffer.from('67890x'));
    reader.push(Buffer.from('and more\nshort again\nok\n'));
    expect(lines).toEqual(['short', 'ok']);
    expect(oversized).toEqual(['1234567890xand more', 'short again']);
  });

  it('keeps no more than 4 KiB of a line that it skips', () => {
    const { reader, oversized } = collect(10_000);
    for (let piece = 0; piece < 100; piece++) reader.push(Buffer.alloc(1000, 0x61));
    reader.push(Buffer.from('\n'));
    expect(oversized.map(start => start.length)).toEqual([4096]);
  });
});
