import { type Static, type TSchema, Type } from 'typebox';
import type { Action } from './requests.schemas.ts';

/*
 * What each action answers, as a host reads it: Go fails a session on a field that is missing or null where its struct
 * has none of that. The only source of the result types, as `requests.schemas.ts` is of the request types.
 */

const nullable = <T extends TSchema>(schema: T) =>
  Type.Unsafe<Static<T> | null>({ ...schema, nullable: true });
const oneOf = <const V extends string>(...values: V[]) => Type.Unsafe<V>({ type: 'string', enum: values });

/** A text in the languages of Dify's surface; English must be there. */
const i18n = Type.Object({
  en_US: Type.String(),
  zh_Hans: Type.Optional(Type.String()),
  ja_JP: Type.Optional(Type.String()),
  pt_BR: Type.Optional(Type.String()),
});

const feature = oneOf(
  'tool-call',
  'multi-tool-call',
  'stream-tool-call',
  'agent-thought',
  'vision',
  'document',
  'video',
  'audio',
  'structured-output',
);

/** One parameter that a user can set on a model. The host refuses the whole schema if one rule is malformed. */
const parameterRule = Type.Object({
  name: Type.String(),
  label: i18n,
  type: oneOf('float', 'int', 'string', 'boolean', 'text'),
  help: i18n,
  required: Type.Boolean(),
  default: nullable(Type.Unsafe<number | string | boolean>({ type: ['number', 'string', 'boolean'] })),
  min: nullable(Type.Number()),
  max: nullable(Type.Number()),
  /** Digits behind the point. */
  precision: nullable(Type.Integer()),
  options: Type.Array(Type.String()),
});

/** What tokens cost: decimal numbers as texts, `unit` being the part of a price that one token costs. */
const pricing = Type.Object({
  input: Type.String(),
  output: nullable(Type.String()),
  unit: Type.String(),
  currency: Type.String(),
});

/** What a model is, and what can be set on it. */
const modelSchema = Type.Object({
  model: Type.String(),
  label: i18n,
  model_type: oneOf('llm', 'text-embedding', 'rerank', 'speech2text', 'tts', 'moderation'),
  fetch_from: oneOf('customizable-model', 'predefined-model'),
  features: Type.Array(feature),
  model_properties: Type.Record(Type.String(), Type.Unknown()),
  parameter_rules: Type.Array(parameterRule),
  deprecated: Type.Boolean(),
  pricing: nullable(pricing),
});

/** A whole tool call, every field a text and never null. */
const toolCall = Type.Object({
  id: Type.String(),
  type: Type.Literal('function'),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
});

/** Prices are decimal numbers as texts; `latency` is in seconds since the request came in. */
const llmUsage = Type.Object({
  prompt_tokens: Type.Integer(),
  prompt_unit_price: Type.String(),
  prompt_price_unit: Type.String(),
  prompt_price: Type.String(),
  completion_tokens: Type.Integer(),
  completion_unit_price: Type.String(),
  completion_price_unit: Type.String(),
  completion_price: Type.String(),
  total_tokens: Type.Integer(),
  total_price: Type.String(),
  currency: Type.String(),
  latency: Type.Number(),
});

/** One `stream` message of an LLM. `content` must not be null: the host fails the session on one. */
const llmChunk = Type.Object({
  model: Type.String(),
  prompt_messages: Type.Array(Type.Never()),
  system_fingerprint: Type.String(),
  delta: Type.Object({
    index: Type.Integer(),
    message: Type.Object({
      role: Type.Literal('assistant'),
      content: Type.String(),
      name: Type.Null(),
      tool_calls: Type.Array(toolCall),
    }),
    usage: nullable(llmUsage),
    finish_reason: nullable(Type.String()),
  }),
});

const embeddingUsage = Type.Object({
  tokens: Type.Integer(),
  total_tokens: Type.Integer(),
  unit_price: Type.String(),
  price_unit: Type.String(),
  total_price: Type.String(),
  currency: Type.String(),
  latency: Type.Number(),
});

const embeddings = Type.Object({
  model: Type.String(),
  /** A row for each text, in their order. */
  embeddings: Type.Array(Type.Array(Type.Number())),
  usage: embeddingUsage,
});

const ranking = Type.Object({
  model: Type.String(),
  /** The best first; `index` is the place in the request. */
  docs: Type.Array(Type.Object({ index: Type.Integer(), text: Type.String(), score: Type.Number() })),
});

const credentials = Type.Object({
  result: Type.Literal(true),
  credentials: Type.Record(Type.String(), Type.Unknown()),
});

/** `data` of a `stream` message, one schema for each action of the protocol. */
const resultSchemas = {
  validate_provider_credentials: credentials,
  validate_model_credentials: credentials,
  get_ai_model_schemas: Type.Object({ model_schema: modelSchema }),
  invoke_llm: llmChunk,
  get_llm_num_tokens: Type.Object({ num_tokens: Type.Integer() }),
  start_polling: Type.Never(),
  check_polling: Type.Never(),
  invoke_text_embedding: embeddings,
  get_text_embedding_num_tokens: Type.Object({ num_tokens: Type.Array(Type.Integer()) }),
  invoke_multimodal_embedding: embeddings,
  invoke_rerank: ranking,
  invoke_multimodal_rerank: ranking,
  invoke_speech2text: Type.Object({ result: Type.String() }),
  /** A piece of sound in hex. */
  invoke_tts: Type.Object({ result: Type.String(), mime_type: Type.String() }),
  get_tts_model_voices: Type.Object({
    voices: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  }),
  invoke_moderation: Type.Object({ result: Type.Boolean() }),
} satisfies Record<Action, TSchema>;

/** One result of an action. */
export type ResultOf<A extends Action> = Static<(typeof resultSchemas)[A]>;

export type I18n = Static<typeof i18n>;
export type ModelFeature = Static<typeof feature>;
export type ParameterRule = Static<typeof parameterRule>;
export type ModelSchema = Static<typeof modelSchema>;
export type ToolCall = Static<typeof toolCall>;
export type LlmUsage = Static<typeof llmUsage>;
export type LlmChunk = Static<typeof llmChunk>;
export type EmbeddingUsage = Static<typeof embeddingUsage>;
export type Voice = ResultOf<'get_tts_model_voices'>['voices'][number];
