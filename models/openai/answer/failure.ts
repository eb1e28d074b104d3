import { type Fields, isObject } from '../../../src/text/json.ts';
import { stringOf } from '../request/json.ts';

/** Fields by which gateways and clouds tell of a failure, where no choice stands beside them. */
const TELLING = [
  'detail',
  'error_code',
  'errorCode',
  'err_code',
  'error_msg',
  'error_message',
  'errorMessage',
  'err_msg',
  'errors',
  'exception',
];
/** Where the words stand; the first that has any. */
const WORDS = [
  'message',
  'msg',
  'detail',
  ...TELLING.slice(3),
  'error',
  'status_msg',
  'reason',
  'title',
  'text',
];
const CODES = ['error_code', 'errorCode', 'err_code', 'code', 'status_code'];
const DEEPEST = 4;

/**
 * What a chunk, or a body, says of a failure.
 * @returns what to show of it; undefined where it says nothing of the kind
 */
export function failureIn(chunk: Fields): unknown {
  const { error, choices } = chunk;
  const hasChoices = Array.isArray(choices) && choices.length > 0;
  // Some gateways write the field always, and fill it where there is an error.
  if (hasChoices && saysNothing(error)) return undefined;
  if (typeof error === 'string') return [error, stringOf(chunk['message'])].filter(Boolean).join(': ');
  if (isObject(error) || Array.isArray(error)) return withCode(error);
  if (error) return withCode({ ...chunk, error: typeof error === 'number' ? String(error) : undefined });
  if (hasChoices) return undefined;
  return tellsOfFailure(chunk) ? withCode(chunk) : undefined;
}

/** As {@link failureIn}, of a choice, or of its delta. */
export function failureOfChoice(choice: Fields): unknown {
  const { error, delta } = choice;
  if (isObject(delta) && delta['error']) return failureIn({ error: delta['error'] });
  return error ? failureIn(choice) : undefined;
}

function saysNothing(error: unknown): boolean {
  return isObject(error) ? Object.values(error).every(value => !value) : !error;
}

function tellsOfFailure(chunk: Fields): boolean {
  const { code, status, success, object, type, base_resp } = chunk;
  return (
    chunk['detail'] === '' ||
    TELLING.some(name => chunk[name] !== undefined && chunk[name] !== null && !isFine(chunk[name])) ||
    (code !== undefined && code !== null && !isFine(code)) ||
    (typeof status === 'number' && status >= 400) ||
    (typeof status === 'string' && /error|fail/i.test(status)) ||
    success === false ||
    object === 'error' ||
    type === 'error' ||
    (isObject(base_resp) && !isFine(base_resp['status_code']))
  );
}

/** Codes that say that all went well. */
function isFine(code: unknown): boolean {
  return code === false || /^(?:0|200|ok|success)?$/i.test(String(code));
}

/** A code stands before the words where it says more than that there was a failure. */
function withCode(told: Fields | unknown[]): unknown {
  const words = wordsOf(told) ?? JSON.stringify(told);
  if (typeof words !== 'string' || Array.isArray(told)) return words;
  const named = isObject(told['base_resp']) ? { ...told['base_resp'], ...told } : told;
  const code = CODES.map(name => named[name]).find(
    value => typeof value === 'number' || typeof value === 'string',
  );
  return code === undefined || code === 500 || words.includes(String(code)) ? words : `${code}: ${words}`;
}

/** The words of a failure, however deep they stand: a text, or the list of a form check. */
function wordsOf(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return value === '' && depth > 0 ? undefined : value;
  if (Array.isArray(value)) return depth > 0 && value.length > 0 ? value : undefined;
  if (!isObject(value) || depth > DEEPEST) return undefined;
  for (const name of WORDS) {
    const words = wordsOf(value[name], depth + 1);
    if (words !== undefined) return words;
  }
  const rest = Object.values(value).find(isObject);
  return wordsOf(rest, depth + 1);
}
