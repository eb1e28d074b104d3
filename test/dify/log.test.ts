import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createLogger, jsonLogDestination, textLogDestination } from '../../src/dify/log.ts';

function logTo(destination: typeof jsonLogDestination, level?: string): string {
  const out = new PassThrough();
  const log = createLogger(destination(out), level);
  log.debug('not shown');
  log.warn({ session: 's1' }, 'A line was skipped.');
  log.info('Plain.');
  return String(out.read() ?? '');
}

it('writes a line for a person', () => {
  expect(logTo(textLogDestination)).toMatch(
    /^\d\d:\d\d:\d\d WARN A line was skipped\. \{"session":"s1"\}\n\d\d:\d\d:\d\d INFO Plain\.\n$/,
  );
});

it('writes a line for a program', () => {
  const [first = ''] = logTo(jsonLogDestination).split('\n');
  expect(JSON.parse(first)).toEqual({
    level: 40,
    time: expect.any(Number),
    session: 's1',
    msg: 'A line was skipped.',
  });
});

it.each([
  ['error', 0],
  ['WARN', 1],
  ['debug', 3],
  ['loud', 2],
])('with LOG_LEVEL %s shows %i of three lines', (level, count) => {
  expect(logTo(jsonLogDestination, level).split('\n').filter(Boolean)).toHaveLength(count);
});
