import { PassThrough } from 'node:stream';
import { doctor } from '../../src/doctor/doctor.ts';
import type { Surroundings } from '../../src/doctor/examine/surroundings.ts';
import type { Report } from '../../src/doctor/report/report.ts';

/** A machine on its own, which no other address of its reaches. */
const alone: Surroundings = { container: undefined, addresses: [], proxies: [] };

/** Runs the doctor as its command does. */
export async function runDoctor(
  argv: readonly string[],
  {
    env = {},
    isTTY = false,
    ...surroundings
  }: Partial<Surroundings> & { env?: NodeJS.ProcessEnv; isTTY?: boolean } = {},
): Promise<{ code: number; out: string; err: string }> {
  const stdout = Object.assign(new PassThrough(), { isTTY });
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const code = await doctor(argv, { stdout, stderr, env, surroundings: { ...alone, ...surroundings } });
  return { code, out: stdout.read()?.toString() ?? '', err: stderr.read()?.toString() ?? '' };
}

/** The report that `--json` prints. */
export async function reportOf(
  argv: readonly string[],
  options: Parameters<typeof runDoctor>[1] = {},
): Promise<Report> {
  const { code, out } = await runDoctor([...argv, '--json'], options);
  const report = JSON.parse(out) as Report;
  if (report.exitCode !== code)
    throw new Error(`The report says ${report.exitCode}, the exit code is ${code}.`);
  return report;
}
