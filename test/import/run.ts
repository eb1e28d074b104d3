import { PassThrough } from 'node:stream';
import type { Surroundings } from '../../src/doctor/examine/surroundings.ts';
import { importModels } from '../../src/import/import.ts';
import type { ImportReport } from '../../src/import/report.ts';
import { OWNER } from '../fake/console/console-server.ts';

/** A machine on its own, which no other address of its reaches. */
const alone: Surroundings = { container: undefined, addresses: [], proxies: [] };

export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** What is typed into a terminal: an answer for each question. Without it there is no terminal. */
  readonly typed?: readonly string[];
  /** What stands in standard input where there is no terminal. */
  readonly input?: string;
}

/** Runs the import as its command does, by default with the password of the owner in the environment. */
export async function runImport(
  argv: readonly string[],
  { env = { DIFY_PASSWORD: OWNER.password }, typed, input = '' }: RunOptions = {},
): Promise<{ code: number; out: string; err: string }> {
  const isTTY = typed !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY });
  const stdout = new PassThrough();
  const stderr = Object.assign(new PassThrough(), { isTTY });
  const answers = [...(typed ?? [])];
  let err = '';
  stderr.on('data', (text: Buffer) => {
    err += text.toString();
    // A question ends in a blank, and is answered when it stands there.
    if (/(?:\[y\/N\]|:) $/.test(stripped(text.toString()))) {
      const answer = answers.shift();
      if (answer !== undefined) setImmediate(() => stdin.write(answer));
    }
  });
  if (!isTTY) stdin.end(input);
  const code = await importModels(argv, { stdin, stdout, stderr, env, surroundings: alone });
  return { code, out: stdout.read()?.toString() ?? '', err };
}

/** Without the codes that move a terminal's cursor. */
function stripped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what such a code begins with
  return text.replace(/\u001b\[[\d;?]*[A-Za-z]/g, '');
}

/** The report that `--json` prints. */
export async function reportOf(argv: readonly string[], options: RunOptions = {}): Promise<ImportReport> {
  const { code, out } = await runImport([...argv, '--json'], options);
  const report = JSON.parse(out) as ImportReport;
  if (report.exitCode !== code)
    throw new Error(`The report says ${report.exitCode}, the exit code is ${code}.`);
  return report;
}
