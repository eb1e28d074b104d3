import type { ModelType } from '../dify/protocol/requests.schemas.ts';
import type { Problem, ServerReport } from '../doctor/report/report.ts';
import type { ConsoleProblem } from './console/errors.ts';
import type { Step } from './plan/entry.ts';

/** As the doctor's; 2 also where nobody could be asked; 4: Dify cannot be used. */
export type ExitCode = 0 | 1 | 2 | 3 | 4;

/** What is done, or is to be. */
export interface Rows {
  readonly models: readonly ModelRow[];
  readonly defaults: readonly DefaultRow[];
}

/** All that the import found and did, in the form that `--json` prints. */
export interface ImportReport extends Rows {
  /** Null when the server cannot be used. */
  readonly server: ServerReport | null;
  /** Null when Dify was not asked, or cannot be used. */
  readonly dify: DifyReport | null;
  /** Why one of the two cannot be used; null when both can. */
  readonly problem: Problem | DifyProblem | null;
  /** Models of the server that Dify has no type for. */
  readonly unsupported: readonly UnsupportedModel[];
  /** What the whole comes to, in words. */
  readonly verdict: string;
  readonly exitCode: ExitCode;
}

export interface UnsupportedModel {
  readonly uid: string;
  /** As Xinference says it: `image`, `video`, ... */
  readonly type: string;
}

export interface DifyReport {
  readonly url: string;
  /** Such as `Dify 1.13.2`. */
  readonly name: string;
  /** This plugin's provider. */
  readonly provider: string;
}

/** Why Dify cannot be used. */
export interface DifyProblem {
  readonly code: ConsoleProblem;
  readonly message: string;
  readonly hints: readonly string[];
}

/** What became of something that was to be done; `planned`: it was not tried. */
export type Outcome = 'planned' | 'done' | 'failed';

/** One line of the plan. */
export interface ModelRow {
  readonly uid: string;
  readonly modelType: ModelType;
  /** In Dify; empty where it is not there and will not be. */
  readonly name: string;
  readonly action: Step['action'];
  /** The variables that an update writes. */
  readonly changes: readonly string[];
  readonly outcome: Outcome;
  /** Why it is left, refused or failed; else empty. */
  readonly reason: string;
}

/** A default model of the workspace. */
export interface DefaultRow {
  readonly modelType: ModelType;
  readonly name: string;
  /** What was the default before; empty where there was none. */
  readonly before: string;
  readonly outcome: Outcome;
  readonly reason: string;
}
