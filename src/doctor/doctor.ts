import { styleText } from 'node:util';
import { InvalidCredentialsError } from '../../models/common/credentials.ts';
import { visible } from '../text/visible.ts';
import { examineModel } from './examine/examine-model.ts';
import { examineServer, launchesOf } from './examine/examine-server.ts';
import type { Examiner } from './examine/examiner.ts';
import { type Surroundings, surroundingsOf } from './examine/surroundings.ts';
import { withExaminer } from './examine/with-examiner.ts';
import { type DoctorOptions, parseOptions, USAGE, UsageError } from './options.ts';
import { Progress } from './report/progress.ts';
import {
  launchLines,
  modelLines,
  type Paint,
  problemLines,
  serverLines,
  verdictLines,
} from './report/render.ts';
import type { ExitCode, ModelReport, Problem, Report } from './report/report.ts';
import { verdictOn } from './report/verdict.ts';

/** Where the doctor writes, and what it knows of its machine; passed in for tests. */
export interface DoctorIo {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: NodeJS.ProcessEnv;
  readonly surroundings: Surroundings;
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** Tells the user what is going on and what was found, as soon as it is. */
interface Teller {
  readonly progress: Progress;
  readonly say: (lines: readonly string[]) => void;
  readonly paint: Paint;
}

/**
 * The command `doctor`: reaches a server, says what is wrong when it does not, and what to type into Dify when it does.
 * @param argv what stands behind the command
 * @returns the exit code, see {@link USAGE}
 */
export async function doctor(argv: readonly string[], io: DoctorIo = ownIo()): Promise<ExitCode> {
  let options: DoctorOptions | undefined;
  try {
    options = parseOptions(argv, io.env);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.stderr.write(`${error.message}\n\n${USAGE}`);
    return 2;
  }
  if (options === undefined) {
    io.stdout.write(USAGE);
    return 0;
  }
  const { json } = options;
  const progress = new Progress(io.stderr);
  const say = (lines: readonly string[]) => {
    if (json) return;
    progress.clear();
    io.stdout.write(`${lines.join('\n')}\n`);
  };
  const paint: Paint = (style, text) => styleText(style, text, { stream: io.stdout });
  try {
    const teller = { progress, say, paint };
    const report = await examine(options, io.surroundings, teller);
    const second =
      options.fallback === undefined
        ? undefined
        : await examineSecond(options, options.fallback, io.surroundings, teller);
    const whole = second === undefined ? report : { ...report, fallback: second };
    if (json) io.stdout.write(`${visible(JSON.stringify(whole, null, 2))}\n`);
    return report.exitCode || (second?.exitCode ?? 0);
  } finally {
    progress.clear();
  }
}

function ownIo(): DoctorIo {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    surroundings: surroundingsOf(),
  };
}

/** The second server is looked at as the first was. */
async function examineSecond(
  options: DoctorOptions,
  server: string,
  surroundings: Surroundings,
  teller: Teller,
): Promise<Report> {
  teller.say(['', 'The second server:']);
  return examine({ ...options, server }, surroundings, teller);
}

async function examine(options: DoctorOptions, surroundings: Surroundings, teller: Teller): Promise<Report> {
  try {
    return await withExaminer(options, surroundings, examiner => report(examiner, options, teller));
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) throw error;
    return unusable({ code: 'address', message: error.message, hints: [] }, teller);
  }
}

async function report(examiner: Examiner, options: DoctorOptions, teller: Teller): Promise<Report> {
  const { progress, say, paint } = teller;
  progress.show(`asking ${examiner.server.url}`);
  const examined = await examineServer(examiner);
  if (examined.problem !== null) return unusable(examined.problem, teller);
  const { report: server, instances } = examined;
  say(serverLines(server, paint));

  const isWanted = ({ uid }: { uid: string }) => options.model === undefined || uid === options.model;
  const models: ModelReport[] = [];
  for (const model of examined.models.filter(isWanted)) {
    const facts = { server, try: options.try, onStep: progress.show };
    const found = await examineModel(examiner, model, instances, facts);
    say(modelLines(found, paint));
    models.push(found);
  }
  const launching = launchesOf(examined).filter(isWanted);
  for (const launch of launching) say(launchLines(launch, paint));

  const running = examined.models.map(({ uid }) => examined.gate.quote(uid));
  const { verdict, exitCode } = verdictOn({ models, launching, running, wanted: options.model });
  const whole: Report = { server, problem: null, models, launching, verdict, exitCode };
  say(verdictLines(whole, paint));
  return whole;
}

function unusable(problem: Problem, { say, paint }: Teller): Report {
  say(problemLines(problem, paint));
  return {
    server: null,
    problem,
    models: [],
    launching: [],
    verdict: 'The server cannot be used.',
    exitCode: 1,
  };
}
