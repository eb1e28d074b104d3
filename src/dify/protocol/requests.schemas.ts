import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/**
 * The host is written in Go: a list or map that is not there arrives as `null`, a text as `""`, a number as `0`,
 * or the field is left out. So whatever a request can live without is optional and nullable; handlers treat all
 * of these alike. Unknown fields are ignored: newer hosts add some.
 *
 * `nullable` and `enum` instead of unions: their compiled checks are a fifth as long.
 */
const optional = <T extends TSchema>(schema: T) =>
  Type.Optional(Type.Unsafe<Static<T> | null>({ ...schema, nullable: true }));

const oneOf = <const V extends string>(...values: V[]) => Type.Unsafe<V>({ type: 'string', enum: values });

const text = optional(Type.String());
const map = optional(Type.Record(Type.String(), Type.Unknown()));

/** One part of a message's content. The media is at `url` if that is not empty, else in `base64_data`. */
const contentPart = Type.Object({
  type: Type.String(),
  data: text,
  url: text,
  base64_data: text,
  mime_type: text,
  format: text,
  filename: text,
  detail: text,
});

const toolCall = Type.Object({
  id: text,
  type: text,
  function: Type.Object({ name: text, arguments: text }),
});

const promptMessage = Type.Object({
  role: oneOf('system', 'developer', 'user', 'assistant', 'tool'),
  content: optional(
    Type.Unsafe<string | Static<typeof contentPart>[]>({ type: ['string', 'array'], items: contentPart }),
  ),
  name: text,
  tool_calls: optional(Type.Array(toolCall)),
  tool_call_id: text,
});

const tool = Type.Object({
  name: Type.String({ minLength: 1 }),
  description: text,
  parameters: map,
});

const document = Type.Object({
  content: Type.String(),
  content_type: oneOf('text', 'image'),
});

const modelType = oneOf('llm', 'text-embedding', 'rerank', 'speech2text', 'tts', 'moderation');

/** An action on one model: every one but the provider's validation. */
const onModel = <P extends TProperties>(properties: P) =>
  Type.Object({
    model_type: modelType,
    model: Type.String({ minLength: 1 }),
    credentials: map,
    user_id: text,
    provider: text,
    ...properties,
  });

const inputType = optional(Type.String());
const ranking = { score_threshold: optional(Type.Number()), top_n: optional(Type.Integer()) };
const tools = optional(Type.Array(tool));
const promptMessages = optional(Type.Array(promptMessage));
const documents = optional(Type.Array(document));
const texts = optional(Type.Array(Type.String()));

/** `data` of a request, one schema for each action of the protocol. The only source of the request types. */
export const requestSchemas = {
  validate_provider_credentials: Type.Object({ credentials: map, provider: text, user_id: text }),
  validate_model_credentials: onModel({}),
  get_ai_model_schemas: onModel({}),
  invoke_llm: onModel({
    prompt_messages: promptMessages,
    model_parameters: map,
    tools,
    tool_choice: optional(Type.Object({ mode: text, name: text })),
    stop: optional(Type.Array(Type.String())),
    json_schema: optional(Type.Unsafe<string | Record<string, unknown>>({ type: ['string', 'object'] })),
    stream: optional(Type.Boolean()),
    first_token_timeout: optional(Type.Number()),
  }),
  get_llm_num_tokens: onModel({ prompt_messages: promptMessages, tools }),
  start_polling: onModel({}),
  check_polling: onModel({}),
  invoke_text_embedding: onModel({ texts, input_type: inputType }),
  get_text_embedding_num_tokens: onModel({ texts }),
  invoke_multimodal_embedding: onModel({ documents, input_type: inputType }),
  invoke_rerank: onModel({ query: text, docs: texts, ...ranking }),
  invoke_multimodal_rerank: onModel({ query: document, docs: documents, ...ranking }),
  invoke_speech2text: onModel({ file: text }),
  invoke_tts: onModel({ content_text: text, voice: text, tenant_id: text }),
  get_tts_model_voices: onModel({ language: text }),
  invoke_moderation: onModel({ text }),
};

/** The name of an action, as `data.action` has it. */
export type Action = keyof typeof requestSchemas;
/** A checked request of one action. */
export type RequestOf<A extends Action> = Static<(typeof requestSchemas)[A]>;
/** The model types that a request can name. */
export type ModelType = Static<typeof modelType>;

export type PromptMessage = Static<typeof promptMessage>;
export type ContentPart = Static<typeof contentPart>;
export type PromptTool = Static<typeof tool>;
export type MultimodalDocument = Static<typeof document>;
/** What a user typed into the form, as it arrives: each plugin checks its own. */
export type RawCredentials = Readonly<Record<string, unknown>>;
