import type { styleText } from 'node:util';
import { fieldName } from '../../../models/common/form-labels.ts';
import { TYPE_NAMES } from '../../../models/common/model-types.ts';
import type { DifyModel, LaunchReport, ModelReport, Problem, Report, ServerReport, Trial } from './report.ts';

/** Puts colour on a text, or returns it as it is. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** What Dify counts in each property of a model. */
const UNITS: Readonly<Record<string, string>> = {
  context_size: ' tokens',
  max_chunks: ' texts a request',
  word_limit: ' characters a request',
  max_workers: ' requests at once',
  file_upload_limit: ' MB',
};

/** Where what is said about a fact begins. */
const NAME_WIDTH = 12;

export function serverLines(server: ServerReport, paint: Paint): string[] {
  const facts = [
    `Xinference ${ageText(server)} answers`,
    server.asksForKey === true ? 'the key is good' : server.asksForKey === false ? 'no key needed' : '',
  ];
  return [
    `${paint('green', '✓')} ${paint('bold', server.url)}  ${facts.filter(fact => fact !== '').join(', ')}`,
    ...server.notes.map(note => `${paint('yellow', '!')} ${note}`),
  ];
}

function ageText({ version, olderThan }: ServerReport): string {
  const untold = version === null ? ['it does not tell its version'] : [];
  const judged = olderThan === null ? [] : [`older than ${olderThan} by its descriptions`];
  const notes = [...judged, ...untold].join(', ');
  return [version ?? '', notes && `(${notes})`].filter(text => text !== '').join(' ');
}

/** @param problem the doctor's, or one that looks like it */
export function problemLines(
  problem: Omit<Problem, 'code'> & { readonly code: string },
  paint: Paint,
): string[] {
  return [
    `${paint('red', '✗')} ${problem.message}  ${paint('dim', `[${problem.code}]`)}`,
    ...problem.hints.map(hint => `  ${paint('yellow', '→')} ${hint}`),
  ];
}

export function modelLines(model: ModelReport, paint: Paint): string[] {
  const { uid, type, name, engine } = model;
  const what = [type, name ?? '', engine ?? '', replicasText(model)].filter(text => text !== '').join(' · ');
  return [
    '',
    `${paint(['bold', 'cyan'], uid)}  ${what}`,
    ...fact('abilities', model.abilities.join(', '), paint),
    ...fact('context', contextText(model), paint),
    ...fact('dimensions', model.dimensions === null ? '' : `${model.dimensions} numbers a vector`, paint),
    ...model.replicas.errors.map(error => `  ${paint('red', '✗')} a replica failed: ${error}`),
    ...(model.dify.length === 0
      ? [`  ${paint('dim', `Dify has no model type for it.`)}`]
      : model.dify.flatMap(dify => difyLines(dify, paint))),
  ];
}

export function launchLines(launch: LaunchReport, paint: Paint): string[] {
  const failed = launch.status === 'ERROR' || launch.errors.length > 0;
  return [
    '',
    `${paint(['bold', 'cyan'], launch.uid)}  ${failed ? paint('red', '✗ could not be launched') : paint('yellow', `! not ready yet (${launch.status})`)}`,
    ...launch.errors.map(error => `  ${error}`),
  ];
}

export function verdictLines({ verdict, exitCode }: Report, paint: Paint): string[] {
  return ['', `${exitCode === 0 ? paint('green', '✓') : paint('yellow', '!')} ${verdict}`];
}

function difyLines(dify: DifyModel, paint: Paint): string[] {
  const typeName = TYPE_NAMES[dify.modelType];
  if (dify.refusal !== null) return [`  ${paint('red', '✗')} as ${typeName}: ${dify.refusal}`];
  const properties = Object.entries(dify.properties)
    .filter(([, value]) => typeof value === 'number' || (typeof value === 'string' && value !== ''))
    .map(([name, value]) => `${name} ${String(value)}${UNITS[name] ?? ''}`);
  const labelWidth = Math.max(...dify.form.map(({ label }) => label.length));
  return [
    ...fact('features', dify.features.join(', '), paint),
    ...fact('properties', properties.join(', '), paint),
    ...fact('parameters', dify.parameters.join(', '), paint),
    ...(dify.trial === null ? [] : trialLines(dify.trial, typeName, paint)),
    `  ${paint('bold', `Type into Dify to add it as ${typeName}`)}`,
    ...dify.form.map(({ label, value, note }) => {
      const text = `    ${paint('dim', label.padEnd(labelWidth))} ${value}`;
      return note === '' ? text : `${text}  ${paint('dim', `(${note})`)}`;
    }),
  ];
}

function trialLines(trial: Trial, typeName: string, paint: Paint): string[] {
  if (!trial.ok)
    return [`  ${paint('red', '✗')} a call as ${typeName} failed, ${trial.errorType}: ${trial.message}`];
  const rate = trial.rate === null ? '' : `, ${trial.rate.perSecond} ${trial.rate.unit}`;
  const times =
    trial.rate === null
      ? `${trial.totalMs} ms`
      : `first after ${trial.firstMs} ms, all after ${trial.totalMs} ms`;
  return [`  ${paint('green', '✓')} a call as ${typeName}: ${times}${rate}; ${trial.answer}`];
}

/** What a model was launched with is not told, and can be less than its family takes. */
function contextText({ context, type }: ModelReport): string {
  if (context === null) return '';
  const nominal = `${context} tokens`;
  return type === 'LLM'
    ? `${nominal}, as its family has them: what it was launched with counts, and if that is less belongs into ${fieldName('context_size')}`
    : nominal;
}

function replicasText({ replicas: { wanted, ready } }: ModelReport): string {
  if (wanted === null) return '';
  const of = `${wanted} ${wanted === 1 ? 'replica' : 'replicas'}`;
  return ready === null ? of : `${ready} of ${of} ready`;
}

function fact(name: string, value: string, paint: Paint): string[] {
  return value === '' ? [] : [`  ${paint('dim', name.padEnd(NAME_WIDTH))} ${value}`];
}
