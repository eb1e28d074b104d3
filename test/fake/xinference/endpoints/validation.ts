import { invalidBody, type Refusal } from '../refusal.ts';

/** A body that is a JSON object. */
export type Body = Readonly<Record<string, unknown>>;

interface Rule {
  /** `null` is refused. */
  readonly notNull?: boolean;
  readonly integer?: boolean;
  readonly min?: number;
  readonly max?: number;
}

const rules: Readonly<Record<string, Rule>> = {
  temperature: { notNull: true, min: 0, max: 2 },
  top_p: { notNull: true, min: 0, max: 1 },
  top_k: { notNull: true, integer: true, min: 0 },
  repetition_penalty: { notNull: true, min: 0 },
  presence_penalty: { min: -2, max: 2 },
  frequency_penalty: { min: -2, max: 2 },
  max_tokens: { integer: true, min: 1 },
  max_completion_tokens: { integer: true, min: 1 },
  stream: { notNull: true },
};

const missing = 'field required (type=value_error.missing)';
const isNull = 'none is not an allowed value (type=type_error.none.not_allowed)';

/** The body as a JSON object; refuses one that is not. */
export function jsonObject(body: unknown): Body {
  if (body === undefined) throw invalidBody('Expecting value: line 1 column 1 (char 0)');
  if (Array.isArray(body)) throw invalidBody("'list' object has no attribute 'items'");
  if (typeof body !== 'object' || body === null) throw invalidBody('the body is no object');
  return body as Body;
}

/** Refuses a body of `schema` in which one of `names` is absent or null. */
export function checkPresent(schema: string, body: Body, names: readonly string[]): void {
  for (const name of names) {
    if (body[name] === undefined) throw complaint(schema, name, missing);
    if (body[name] === null) throw complaint(schema, name, isNull);
  }
}

/** Refuses what the real server refuses of a chat request before it looks for the model. */
export function checkChat(body: Body): void {
  const schema = 'CreateChatCompletion';
  checkPresent(schema, body, ['model', 'messages']);
  if (!Array.isArray(body['messages'])) {
    throw complaint(schema, 'messages', 'value is not a valid list (type=type_error.list)');
  }
  const format = body['response_format'] as
    | { type?: string; json_schema?: { name?: unknown } }
    | null
    | undefined;
  if (format?.type === 'json_schema' && format.json_schema?.name === undefined) {
    throw complaint(schema, 'response_format -> json_schema -> name', missing);
  }
  checkParameters(schema, body);
}

/** Refuses what the real server refuses of a completion request before it looks for the model. */
export function checkCompletion(body: Body): void {
  const schema = 'CreateCompletionRequest';
  checkPresent(schema, body, ['model', 'prompt']);
  if (typeof body['prompt'] !== 'string') {
    throw complaint(schema, 'prompt', 'str type expected (type=type_error.str)');
  }
  checkParameters(schema, body);
}

function checkParameters(schema: string, body: Body): void {
  for (const [name, rule] of Object.entries(rules)) {
    const value = body[name];
    if (value === null && rule.notNull) throw complaint(schema, name, isNull);
    if (typeof value !== 'number') continue;
    const limit = (bound: number) => (rule.integer ? `${bound}` : bound.toFixed(1));
    if (rule.min !== undefined && value < rule.min)
      throw complaint(schema, name, outside('greater', 'ge', limit(rule.min)));
    if (rule.max !== undefined && value > rule.max)
      throw complaint(schema, name, outside('less', 'le', limit(rule.max)));
  }
}

function outside(side: string, code: string, limit: string): string {
  return `ensure this value is ${side} than or equal to ${limit} (type=value_error.number.not_${code}; limit_value=${limit})`;
}

function complaint(schema: string, field: string, reason: string): Refusal {
  return invalidBody(`1 validation error for ${schema}\n${field}\n  ${reason}`);
}
