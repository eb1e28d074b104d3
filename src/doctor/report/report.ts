import type { ModelType } from '../../dify/index.ts';

/** All that the doctor found, in the form that `--json` prints. Times are in milliseconds. */
export interface Report {
  /** Null when the server cannot be used. */
  readonly server: ServerReport | null;
  /** Why it cannot be used; null when it can. */
  readonly problem: Problem | null;
  readonly models: readonly ModelReport[];
  /** Models that the server does not list yet: they are being launched, or could not be. */
  readonly launching: readonly LaunchReport[];
  /** What the whole comes to, in words. */
  readonly verdict: string;
  readonly exitCode: ExitCode;
}

/** 0: all is well; 1: the server cannot be used; 2: the command line is wrong; 3: it answers, but something needs mending. */
export type ExitCode = 0 | 1 | 2 | 3;

export interface ServerReport {
  /** Without `/v1` and trailing slash, as the plugin uses it. */
  readonly url: string;
  /** What to type into Dify in its place; the same unless it is the address of this machine for itself. */
  readonly urlForDify: string;
  /** Of Xinference; null where the server does not tell: with its authentication on, it tells administrators alone. */
  readonly version: string | null;
  /** Where it tells none, or one that is no release: a version that it is older than, by what its descriptions lack. */
  readonly olderThan: string | null;
  /** Whether it demands an API key; null where it does not tell. */
  readonly asksForKey: boolean | null;
  /** What a user should know although nothing is broken. */
  readonly notes: readonly string[];
}

/** Why a server cannot be used. */
export interface Problem {
  readonly code: ProblemCode;
  /** What happened, where, and what to try. */
  readonly message: string;
  /** What the doctor knows beyond it, from where it runs and what else it tried. */
  readonly hints: readonly string[];
}

export type ProblemCode =
  | 'address'
  | 'dns'
  | 'refused'
  | 'no-route'
  | 'connect-timeout'
  | 'certificate'
  | 'no-tls'
  | 'no-http'
  | 'proxy'
  | 'closed'
  | 'silent'
  | 'key-missing'
  | 'key-refused'
  | 'access-denied'
  | 'banned'
  | 'redirect'
  | 'web-page'
  | 'wrong-path'
  | 'not-xinference'
  | 'server-failure';

export interface ModelReport {
  readonly uid: string;
  /** As Xinference says it: `LLM`, `embedding`, `rerank`, `audio`, `image`, ... */
  readonly type: string;
  readonly name: string | null;
  readonly engine: string | null;
  readonly abilities: readonly string[];
  /** Tokens; nominal, for an LLM that of its family. */
  readonly context: number | null;
  readonly dimensions: number | null;
  readonly replicas: ReplicaReport;
  /** One entry for each Dify model type that it can be added as. */
  readonly dify: readonly DifyModel[];
}

/** How many of a model's processes are there, and how many of them answer; null where the server does not tell. */
export interface ReplicaReport {
  readonly wanted: number | null;
  readonly ready: number | null;
  /** What those that failed say. */
  readonly errors: readonly string[];
}

/** A model as one of Dify's model types. */
export interface DifyModel {
  readonly modelType: ModelType;
  /** Why Dify would not save the form; null when it would. */
  readonly refusal: string | null;
  readonly features: readonly string[];
  readonly properties: Readonly<Record<string, unknown>>;
  /** The names of the parameters that Dify offers for it. */
  readonly parameters: readonly string[];
  readonly form: readonly FormEntry[];
  /** Null unless asked for. */
  readonly trial: Trial | null;
}

/** A field of Dify's form, and what to type into it. */
export interface FormEntry {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** A model that is being launched, or could not be. */
export interface LaunchReport {
  readonly uid: string;
  readonly status: string;
  readonly errors: readonly string[];
}

/** One small call of a model. */
export type Trial =
  | {
      readonly ok: true;
      /** From the call to the first content, and to the end. */
      readonly firstMs: number;
      readonly totalMs: number;
      /** How fast it went on; null where one answer tells no rate. */
      readonly rate: { readonly perSecond: number; readonly unit: string } | null;
      /** What came back, in short. */
      readonly answer: string;
    }
  | { readonly ok: false; readonly errorType: string; readonly message: string };
