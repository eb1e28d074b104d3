import { styleText } from 'node:util';
import { type Surroundings, surroundingsOf } from '../doctor/examine/surroundings.ts';
import { UsageError } from '../doctor/options.ts';
import { Progress } from '../doctor/report/progress.ts';
import { visible } from '../text/visible.ts';
import { readAccount } from './account.ts';
import { type ImportOptions, parseOptions, USAGE } from './options.ts';
import { CancelledError, Prompt } from './prompt.ts';
import type { ExitCode } from './report.ts';
import { type Confirm, run } from './run.ts';

/** What the import reads and writes, and what it knows of its machine; passed in for tests. */
export interface ImportIo {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly surroundings: Surroundings;
}

/**
 * The command `import`: adds the models of a server to Dify, after it has shown what it will do.
 * @param argv what stands behind the command
 * @returns the exit code, see {@link USAGE}
 */
export async function importModels(argv: readonly string[], io: ImportIo = ownIo()): Promise<ExitCode> {
  const prompt = io.stdin.isTTY && io.stderr.isTTY ? new Prompt(io.stdin, io.stderr) : undefined;
  try {
    const options = parseOptions(argv, io.env);
    if (options !== undefined) return await importAs(options, prompt, io);
    io.stdout.write(USAGE);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) io.stderr.write(`${error.message}\n\n${USAGE}`);
    else if (error instanceof CancelledError) io.stderr.write(`\n${error.message}\n`);
    else throw error;
    return 2;
  } finally {
    prompt?.close();
  }
}

function ownIo(): ImportIo {
  const { stdin, stdout, stderr, env } = process;
  // A reader that has seen enough ends other commands; this one would stop between two models.
  stdout.removeAllListeners('error').on('error', () => undefined);
  return { stdin, stdout, stderr, env, surroundings: surroundingsOf() };
}

async function importAs(
  options: ImportOptions,
  prompt: Prompt | undefined,
  { stdin, stdout, stderr, env, surroundings }: ImportIo,
): Promise<ExitCode> {
  const { email, json, yes } = options;
  const account = await readAccount({ env, email, stdin, prompt });
  const progress = new Progress(stderr);
  const say = (lines: readonly string[]) => {
    if (json || lines.length === 0) return;
    progress.clear();
    stdout.write(`${lines.join('\n')}\n`);
  };
  const confirm: Confirm = async question => {
    if (yes) return true;
    if (prompt === undefined || json) return undefined;
    progress.clear();
    return /^y(?:es)?$/i.test((await prompt.ask(`${question} [y/N] `)).trim());
  };
  try {
    const report = await run(options, {
      account,
      surroundings,
      confirm,
      onStep: progress.show,
      say,
      paint: (style, text) => styleText(style, text, { stream: stdout }),
    });
    if (json) stdout.write(`${visible(JSON.stringify(report, null, 2))}\n`);
    return report.exitCode;
  } finally {
    progress.clear();
  }
}
