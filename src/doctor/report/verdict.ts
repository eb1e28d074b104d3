import type { DifyModel, ExitCode, LaunchReport, ModelReport } from './report.ts';

/** What a server that can be used comes to. */
export interface Findings {
  readonly models: readonly ModelReport[];
  readonly launching: readonly LaunchReport[];
  /** The UIDs of all models that the server lists. */
  readonly running: readonly string[];
  /** The only model that was asked for, if one was. */
  readonly wanted: string | undefined;
}

/** The findings in one sentence, and as an exit code. */
export function verdictOn(findings: Findings): { verdict: string; exitCode: ExitCode } {
  const { models, launching, running, wanted } = findings;
  if (models.length === 0 && launching.length === 0)
    return { verdict: nothingFound(running, wanted), exitCode: 3 };
  const all = models.length + launching.length;
  const usable = models.filter(({ dify }) => dify.some(isUsable)).length;
  const isWell = usable > 0 && launching.length === 0 && models.every(isWhole);
  return {
    verdict: `Dify can use ${usable} of ${all} ${all === 1 ? 'model' : 'models'}.`,
    exitCode: isWell ? 0 : 3,
  };
}

function nothingFound(running: readonly string[], wanted: string | undefined): string {
  return wanted === undefined || running.length === 0
    ? 'The server runs no model. Launch one on its web page, or by: xinference launch --model-name NAME --model-engine ENGINE'
    : `The server runs no model with the UID ${JSON.stringify(wanted)}. It runs: ${running.join(', ')}.`;
}

/** Whether Dify takes a model in all its types, and none of its replicas failed. Where none is ready, it answers nobody. */
function isWhole({ dify, replicas: { ready, errors } }: ModelReport): boolean {
  return dify.every(isUsable) && errors.length === 0 && ready !== 0;
}

/** Whether Dify takes the form, and the trial, where there was one, went well. */
function isUsable({ refusal, trial }: DifyModel): boolean {
  return refusal === null && trial?.ok !== false;
}
