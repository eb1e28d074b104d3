import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, hostLogDestination } from '../../../../src/dify/log.ts';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import { Session } from '../../../../src/dify/session.ts';
import { maxLineBytes } from '../../../../src/dify/transport/lines/line-limit.ts';
import { LineWriter } from '../../../../src/dify/transport/lines/line-writer.ts';

describe('the longest line of a host', () => {
  it.each([
    [{}, 5_000_000],
    [{ PLUGIN_RUNTIME_MAX_BUFFER_SIZE: '1000000' }, 995_904],
    [{ PLUGIN_STDIO_MAX_BUFFER_SIZE: '10485760' }, 10_481_664],
    [{ PLUGIN_RUNTIME_MAX_BUFFER_SIZE: 'many' }, 5_000_000],
    [{ PLUGIN_RUNTIME_MAX_BUFFER_SIZE: '8192' }, 5_000_000],
  ])('of %o is %i bytes', (env, bytes) => {
    expect(maxLineBytes(env)).toBe(bytes);
  });

  it('is kept by errors and log lines of any length, whatever their characters', async () => {
    const out = new PassThrough();
    const writer = new LineWriter(out, 4096);
    const long = '\u0001模'.repeat(100_000);
    new Session('s1', writer).fail(new InvokeBadRequestError(long));
    createLogger(hostLogDestination(writer), 'warn').warn({ model: long }, long);
    await writer.flush();
    const lines = String(out.read()).trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
  });
});
