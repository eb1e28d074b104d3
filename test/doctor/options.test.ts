import { describe, expect, it } from 'vitest';
import { runDoctor } from './run.ts';

describe('the command line', () => {
  it.each([
    [[], '--server URL is missing.'],
    [['--server'], "'--server <value>' argument missing"],
    [['--server', 'http://x', '--timeout', 'soon'], '--timeout takes a number of seconds'],
    [['--server', 'http://x', '--timeout', '0'], '--timeout takes a number of seconds'],
    [['--server', 'http://x', '--speed'], "Unknown option '--speed'"],
    [['http://x'], 'Unexpected argument'],
  ])('%j is wrong: the reason and the usage on stderr, exit code 2', async (argv, reason) => {
    const { code, out, err } = await runDoctor(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(reason);
    expect(err).toContain('doctor --server URL [options]');
  });

  it('--help is not wrong', async () => {
    const { code, out, err } = await runDoctor(['--help']);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('Exit codes: 0 all is well');
  });
});
