/**
 * What Dify expects in the answers of each action. A TypeBox schema of the plugin would only say that the plugin
 * agrees with itself, so these are written out apart from it.
 */

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const text: Check = value => typeof value === 'string';
const filled: Check = value => typeof value === 'string' && value !== '';
const number: Check = value => typeof value === 'number' && Number.isFinite(value);
const integer: Check = value => Number.isInteger(value);
const truth: Check = value => value === true;
const hex: Check = value => typeof value === 'string' && /^(?:[0-9a-f]{2})*$/i.test(value);
const map: Check = value => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf =
  (check: Check): Check =>
  value =>
    Array.isArray(value) && value.every(item => check(item));
const orNull =
  (check: Check): Check =>
  value =>
    value === null || check(value);
const shape =
  (fields: Readonly<Record<string, Check>>): Check =>
  value =>
    map(value) && Object.entries(fields).every(([name, check]) => check((value as Fields)[name]));

const price = { total_price: text, currency: filled, latency: number };

const llmUsage = shape({
  prompt_tokens: integer,
  prompt_unit_price: text,
  prompt_price_unit: text,
  prompt_price: text,
  completion_tokens: integer,
  completion_unit_price: text,
  completion_price_unit: text,
  completion_price: text,
  total_tokens: integer,
  ...price,
});

const embeddingUsage = shape({
  tokens: integer,
  total_tokens: integer,
  unit_price: text,
  price_unit: text,
  ...price,
});

const toolCall = shape({ id: filled, type: filled, function: shape({ name: filled, arguments: text }) });

const llmChunk = shape({
  model: filled,
  prompt_messages: value => Array.isArray(value) && value.length === 0,
  delta: shape({
    index: integer,
    message: shape({
      role: value => value === 'assistant',
      content: value => text(value) || Array.isArray(value),
      tool_calls: value => value == null || listOf(toolCall)(value),
    }),
    usage: value => value == null || llmUsage(value),
    finish_reason: value => value == null || filled(value),
  }),
});

/** Rows of numbers, all of one length. */
const rows: Check = value =>
  listOf(listOf(number))(value) && new Set((value as unknown[][]).map(({ length }) => length)).size < 2;

const embeddings = shape({ model: filled, embeddings: rows, usage: embeddingUsage });

/** Best first. */
const ranked: Check = value =>
  listOf(shape({ index: integer, text, score: number }))(value) &&
  (value as { score: number }[]).every(
    ({ score }, at, all) => at === 0 || score <= (all[at - 1]?.score ?? score),
  );

const validated = shape({ result: truth, credentials: map });

const answers: Readonly<Record<string, Check>> = {
  validate_provider_credentials: validated,
  validate_model_credentials: validated,
  get_ai_model_schemas: shape({
    model_schema: orNull(
      shape({
        model: filled,
        label: map,
        model_type: filled,
        fetch_from: filled,
        model_properties: map,
        parameter_rules: value => value == null || listOf(map)(value),
      }),
    ),
  }),
  invoke_llm: llmChunk,
  get_llm_num_tokens: shape({ num_tokens: integer }),
  invoke_text_embedding: embeddings,
  get_text_embedding_num_tokens: shape({ num_tokens: listOf(integer) }),
  invoke_multimodal_embedding: embeddings,
  invoke_rerank: shape({ model: filled, docs: ranked }),
  invoke_multimodal_rerank: shape({ model: filled, docs: ranked }),
  invoke_speech2text: shape({ result: text }),
  invoke_tts: shape({ result: hex }),
  get_tts_model_voices: shape({ voices: listOf(shape({ name: filled, value: filled })) }),
};

/** What is wrong with the `data` of a stream message that answers `action`; `undefined` if nothing. */
export function brokenAnswer(action: string, data: unknown): string | undefined {
  const good = answers[action]?.(data) ?? false;
  return good ? undefined : `an answer that Dify cannot read: ${JSON.stringify(data)?.slice(0, 300)}`;
}

/** What is wrong with the answers to `action` as a whole, now that they ended without an error; `undefined` if nothing. */
export function brokenEnd(action: string, stream: readonly unknown[]): string | undefined {
  if (stream.length === 0) return 'an end without an answer or an error';
  if (action === 'invoke_tts') return undefined;
  if (action !== 'invoke_llm') return stream.length === 1 ? undefined : 'more than one answer';
  const { delta } = stream.at(-1) as { delta: Fields };
  return delta['finish_reason'] != null && delta['usage'] != null
    ? undefined
    : 'a last chunk without finish reason and usage';
}
