/**
 * Why a question to Dify failed:
 * - `unreachable`: no connection, or one that leads elsewhere;
 * - `no-answer`: a connection, but no whole answer;
 * - `not-dify`: an answer, but none of Dify's console API;
 * - `unauthorized`: not logged in;
 * - `forbidden`: logged in, without the right;
 * - `plugin-missing`: this plugin is not installed;
 * - `refused`: Dify says no to this one question.
 */
export type ConsoleProblem =
  | 'unreachable'
  | 'no-answer'
  | 'not-dify'
  | 'unauthorized'
  | 'forbidden'
  | 'plugin-missing'
  | 'refused';

/** After these, every further question would fail alike. */
const FATAL: ReadonlySet<ConsoleProblem> = new Set([
  'unreachable',
  'unauthorized',
  'forbidden',
  'plugin-missing',
]);

/** A question to Dify's console API failed. The message is for the user: what happened, and what to try. */
export class ConsoleError extends Error {
  override readonly name = 'ConsoleError';
  readonly problem: ConsoleProblem;
  /** Of the HTTP answer, where one came. */
  readonly status: number | undefined;
  /** Dify's own name for the error, such as `authentication_failed`; empty where there is none. */
  readonly code: string;

  constructor(
    problem: ConsoleProblem,
    message: string,
    { status, code = '', cause }: { status?: number; code?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.problem = problem;
    this.status = status;
    this.code = code;
  }

  get isFatal(): boolean {
    return FATAL.has(this.problem);
  }
}
