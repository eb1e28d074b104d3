import type { RawCredentials } from '../../src/dify/index.ts';
import { InvalidServerError, serverAddress } from '../../src/http/address.ts';
import { secretsOfProxies } from '../../src/http/connection/proxies.ts';
import { parseHeaders, secretsOf } from '../../src/http/headers.ts';
import { type ModelServer, normalizeApiKey } from '../../src/http/server.ts';
import { Gate } from '../../src/text/gate.ts';
import { type FormVariable, fieldName } from './form-labels.ts';
import { LONGEST_VALUES } from './form-lengths.ts';

/** A value of the credential form cannot be used. The message names the field and what to type. */
export class InvalidCredentialsError extends Error {
  override readonly name = 'InvalidCredentialsError';
}

/** What the form says of every model type. */
export interface ModelCredentials {
  readonly server: ModelServer;
  readonly modelUid: string;
}

/** A choice between what the server reports and what the user knows better. */
export type Choice = 'auto' | 'on' | 'off';

const DEFAULT_TIMEOUT_SECONDS = 300;
const DEFAULT_RETRIES = 3;
const MOST_CONCURRENCY = 1000;
/** A proxy that refuses a request may repeat what it was sent. */
const OF_PROXIES = secretsOfProxies(process.env);
/** Not what JavaScript reads as a number besides: `0x10`, `1e3`. */
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
/** Beyond what any model has. */
const LARGEST_CONTEXT = 100_000_000;

/**
 * Reads the fields that all model types share. Values arrive as texts; an absent or empty one means its default, and
 * unknown ones are ignored: forms of earlier plugins stored more.
 * @param model Dify's name of it: the UID of a predefined model, which comes with the provider's credentials alone
 * @throws InvalidCredentialsError
 */
export function readCredentials(raw: RawCredentials | null | undefined, model = ''): ModelCredentials {
  const form = raw ?? {};
  const server = readServer(form);
  const modelUid = textField({ model_uid: model, ...form }, 'model_uid');
  if (modelUid === '') {
    throw new InvalidCredentialsError(
      'The model UID is empty: type it as Xinference lists it (xinference list).',
    );
  }
  return { server, modelUid };
}

/** The server part of the form alone. @throws InvalidCredentialsError */
export function readServer(form: RawCredentials): ModelServer {
  try {
    const apiKey = normalizeApiKey(textField(form, 'api_key'));
    const headers = parseHeaders(textField(form, 'headers'), apiKey !== undefined);
    const server: ModelServer = {
      ...serverAddress(textField(form, 'server_url')),
      apiKey,
      headers,
      timeoutMs: Math.ceil(
        1000 * numberField(form, 'invoke_timeout', { default: DEFAULT_TIMEOUT_SECONDS, above: 0, max: 3600 }),
      ),
      maxRetries: numberField(form, 'max_retries', {
        default: DEFAULT_RETRIES,
        min: 0,
        max: 10,
        whole: true,
      }),
      maxConcurrency: numberField(form, 'max_concurrency', {
        default: undefined,
        min: 1,
        max: MOST_CONCURRENCY,
        whole: true,
      }),
      verifyTls: choiceField(form, 'tls_verify', ['yes', 'no']) !== 'no',
      gate: new Gate([apiKey, ...secretsOf(headers), ...OF_PROXIES]),
    };
    return { ...server, fallback: fallbackOf(form, server) };
  } catch (error) {
    if (error instanceof InvalidServerError) throw new InvalidCredentialsError(error.message);
    throw error;
  }
}

/** The second server, which takes the key and all else of the first. @throws InvalidServerError */
function fallbackOf(form: RawCredentials, first: ModelServer): ModelServer | undefined {
  const typed = textField(form, 'fallback_url');
  if (typed === '') return undefined;
  const second = serverAddress(typed, `URL in the field ${fieldName('fallback_url')}`);
  if (second.url !== first.url) return { ...first, ...second };
  throw new InvalidServerError(
    `The field ${fieldName('fallback_url')} names the first server once more: type another one, or leave it empty.`,
  );
}

/** A text of the form, trimmed; empty when absent. @throws InvalidCredentialsError when it is no text, or too long */
export function textField(form: RawCredentials, variable: FormVariable): string {
  return typedField(form, variable).trim();
}

/** A text of the form, with the blanks around it. @throws InvalidCredentialsError when it is no text, or too long */
export function typedField(form: RawCredentials, variable: FormVariable): string {
  const value = form[variable];
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') {
    throw new InvalidCredentialsError(`The field ${fieldName(variable)} must be a text.`);
  }
  if (value.length > LONGEST_VALUES[variable]) {
    throw new InvalidCredentialsError(
      `The field ${fieldName(variable)} has ${value.length} characters, and may have ${LONGEST_VALUES[variable]}.`,
    );
  }
  return value.toWellFormed(); // half a character fits into no URL
}

/** A number of the form. @throws InvalidCredentialsError when it is none, or out of its range */
export function numberField<D extends number | undefined>(
  form: RawCredentials,
  variable: FormVariable,
  range: { default: D; above?: number; min?: number; max: number; whole?: boolean },
): number | D {
  const text = textField(form, variable);
  if (text === '') return range.default;
  const value = DECIMAL.test(text) ? Number(text) : Number.NaN;
  const low = range.above ?? range.min ?? Number.NEGATIVE_INFINITY;
  const inRange = value <= range.max && (range.above === undefined ? value >= low : value > low);
  if (!inRange || (range.whole && !Number.isInteger(value))) {
    const kind = range.whole ? 'a whole number' : 'a number';
    const from = range.above === undefined ? `from ${low}` : `above ${low}`;
    throw new InvalidCredentialsError(
      `The field ${fieldName(variable)} must be ${kind} ${from} up to ${range.max}.`,
    );
  }
  return value;
}

/** What the form says of a model's context, in tokens; undefined when it says nothing. @throws InvalidCredentialsError */
export function contextSizeField(form: RawCredentials): number | undefined {
  return numberField(form, 'context_size', { default: undefined, min: 1, max: LARGEST_CONTEXT, whole: true });
}

/**
 * One of the values of a select; the first one when absent.
 * @throws InvalidCredentialsError
 */
export function choiceField<T extends string>(
  form: RawCredentials,
  variable: FormVariable,
  values: readonly [T, ...T[]],
): T {
  const text = textField(form, variable);
  if (text === '') return values[0];
  const value = values.find(candidate => candidate === text);
  if (value === undefined) {
    throw new InvalidCredentialsError(
      `The field ${fieldName(variable)} must be one of ${values.join(', ')}.`,
    );
  }
  return value;
}

/** A three-way switch of the form. @throws InvalidCredentialsError */
export function switchField(form: RawCredentials, variable: FormVariable): Choice {
  return choiceField(form, variable, ['auto', 'on', 'off']);
}
