import type { Surroundings } from '../doctor/examine/surroundings.ts';
import { launchLines, type Paint, problemLines, serverLines } from '../doctor/report/render.ts';
import { Connections } from '../http/connection/connections.ts';
import { secretsOfProxies } from '../http/connection/proxies.ts';
import { applyPlan, isWork, planDefaults, plannedRow } from './apply.ts';
import { ConsoleClient } from './console/console-client.ts';
import { ConsoleError } from './console/errors.ts';
import { type Account, logIn } from './console/log-in.ts';
import { PluginModels } from './console/plugin-models.ts';
import { lookAtServer, type ServerLook } from './look-at-server.ts';
import type { ImportOptions } from './options.ts';
import { PROVIDER } from './own-plugin.ts';
import type { Step } from './plan/entry.ts';
import { planImport } from './plan/plan.ts';
import { defaultLine, difyLines, outcomeLine, planLines } from './render.ts';
import type { DefaultRow, DifyProblem, DifyReport, ImportReport, Rows } from './report.ts';
import { doneCounts, exitCodeOf, plannedCounts } from './verdict.ts';

/** Asks whether to go on; undefined where nobody can be asked. @throws CancelledError */
export type Confirm = (question: string) => Promise<boolean | undefined>;

/** Who asks, and who is told. */
export interface ImportRun {
  readonly account: Account;
  readonly surroundings: Surroundings;
  readonly confirm: Confirm;
  /** Is told what is being waited for. */
  readonly onStep: (step: string) => void;
  readonly say: (lines: readonly string[]) => void;
  readonly paint: Paint;
}

/** The plan for a workspace of a Dify. */
interface Planned {
  readonly dify: DifyReport;
  readonly workspace: PluginModels;
  readonly steps: readonly Step[];
  readonly defaults: readonly DefaultRow[];
}

/** Looks at both sides, shows the plan, asks, and carries it out. */
export async function run(options: ImportOptions, told: ImportRun): Promise<ImportReport> {
  const { say, paint } = told;
  const looked = await lookAtServer(options, told.surroundings, told.onStep);
  if (looked.problem !== null) {
    say(problemLines(looked.problem, paint));
    return { ...NOTHING, problem: looked.problem, verdict: 'The server cannot be used.', exitCode: 1 };
  }
  say(serverLines(looked.server, paint));
  for (const launch of looked.launching) say(launchLines(launch, paint));
  const server = { ...NOTHING, server: looked.server, unsupported: looked.unsupported };
  if (looked.running.length === 0) {
    const verdict = 'The server runs no model, so nothing is done in Dify.';
    say(['', `${paint('yellow', '!')} ${verdict}`]);
    return { ...server, verdict, exitCode: 3 };
  }
  const connections = new Connections();
  try {
    return { ...server, ...(await importInto(connections, options, looked, told)) };
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    return { ...server, ...unusable(error, told) };
  } finally {
    connections.close();
  }
}

const NOTHING = { server: null, dify: null, problem: null, models: [], defaults: [], unsupported: [] };

/** @throws ConsoleError where Dify cannot be used */
async function importInto(
  connections: Connections,
  options: ImportOptions,
  looked: ServerLook,
  told: ImportRun,
): Promise<Omit<ImportReport, 'server' | 'unsupported'>> {
  const { say, paint } = told;
  const { dify, workspace, steps, defaults } = await planFor(connections, options, looked, told);
  const found = new Set([...looked.running, ...steps.filter(isRemoval).map(({ uid }) => uid)]);
  const notRunning = (options.only ?? []).filter(uid => !found.has(uid));
  const plan: Rows = { models: steps.map(plannedRow), defaults };
  const { launching } = looked;
  const end = (rows: Rows, text: string, exitCode = exitCodeOf({ ...rows, launching, notRunning })) => {
    say([`${exitCode === 0 ? paint('green', '✓') : paint('yellow', '!')} ${text}`]);
    return { dify, problem: null, ...rows, verdict: text, exitCode };
  };
  say([...difyLines(dify, paint), ...planLines(plan, { ...looked, notRunning }, paint)]);

  const counts = plannedCounts(plan);
  const hasWork = plan.models.some(isWork) || defaults.length > 0;
  if (!hasWork) return end(plan, doneCounts(plan));
  const goesOn = options.dryRun ? false : await told.confirm(`${counts} Go on?`);
  if (goesOn === undefined) {
    return end(plan, `${counts} Nothing was changed, as nobody could be asked: --yes does it unasked.`, 2);
  }
  if (!goesOn) return end(plan, `${counts} Nothing was changed.`);

  if (!options.yes) say(['']); // else the plan ends in one
  const { stopped, ...done } = await applyPlan(workspace, steps, defaults, {
    onStep: told.onStep,
    onModel: row => say([outcomeLine(row, paint)]),
    onDefault: row => say([defaultLine(row, paint)]),
  });
  say(['']);
  if (stopped === undefined) return end(done, doneCounts(done));
  return { dify, ...done, ...unusable(stopped, told, ` ${doneCounts(done)}`) };
}

function isRemoval({ action }: Step): boolean {
  return action === 'remove';
}

/** Logs in, and compares both sides. @throws ConsoleError */
async function planFor(
  connections: Connections,
  options: ImportOptions,
  { server, running, launching, models, given }: ServerLook,
  { account, onStep }: ImportRun,
): Promise<Planned> {
  const { dify: url, apiKey = '', prefix } = options;
  const secret = account.kind === 'token' ? account.token : account.password;
  const secrets = [apiKey, secret, ...secretsOfProxies(process.env)];
  const client = new ConsoleClient({ url, connections, secrets });
  onStep(`asking ${url}`);
  const age = await logIn(client, account);
  const workspace = await PluginModels.find(client);
  const wanted = models.map(({ uid, modelType }) => ({ name: `${prefix}${uid}`, modelType }));
  const entries = await workspace.entries(wanted);
  const facts = {
    serverUrl: server.url,
    models,
    running,
    launching: launching.map(({ uid }) => uid),
    entries,
    secretFields: workspace.secretFields,
  };
  const steps = planImport(facts, { ...options, given });
  const defaults = options.defaults ? await planDefaults(workspace, steps.map(plannedRow)) : [];
  const dify = { url, name: `Dify ${client.version ?? age ?? ''}`.trim(), provider: PROVIDER };
  return { dify, workspace, steps, defaults };
}

function unusable(error: ConsoleError, told: ImportRun, counts = '') {
  const problem: DifyProblem = {
    code: error.problem,
    message: error.message,
    hints: hintsFor(error, told.account),
  };
  told.say(problemLines(problem, told.paint));
  const verdict = `Dify cannot be used.${counts}`;
  if (counts !== '') told.say([verdict]);
  return { problem, verdict, exitCode: 4 as const };
}

function hintsFor({ problem, status }: ConsoleError, { kind }: Account): string[] {
  if (problem === 'forbidden') return ['Models are added by an owner or administrator of the workspace.'];
  if (problem !== 'unauthorized') return [];
  if (kind === 'token') {
    return [
      'It is the token of a login. Since Dify 1.9.2 that is two cookies, to be copied from a browser: ' +
        'DIFY_CONSOLE_TOKEN="access_token=...; csrf_token=...".',
    ];
  }
  return status === 403
    ? ['Where Dify has logging in by password switched off, DIFY_CONSOLE_TOKEN takes its place.']
    : [];
}
