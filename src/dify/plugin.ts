import type { RequestOf } from './protocol/requests.schemas.ts';
import type { ModelSchema, ResultOf, ToolCall, Voice } from './protocol/results.schemas.ts';

/** A plugin: what answers a host, model type by model type. What it leaves out the runtime refuses. */
export interface Plugin {
  /** How users call what serves the models, as in: `Ollama has no moderation models.` */
  readonly provider: string;
  readonly models: ModelHandlers;
  /** Checks the provider's credentials; throws what is wrong with them. Without it, all are taken. */
  validateProvider?(request: RequestOf<'validate_provider_credentials'>, call: Call): Promise<void>;
  /** Turns what a handler threw into what the host is told: an `InvokeError`. What is none after it is a bug. */
  errorOf?(thrown: unknown): unknown;
  /** Lets go of what the plugin owns. */
  close?(): Promise<void>;
}

/** What a program exports that {@link servePlugin} loads. */
export interface PluginModule {
  createPlugin(log: Log): Plugin;
}

/** Where a plugin writes what happens, in local mode to Dify. The first argument may be an object of facts. */
export interface Log {
  info(message: string): void;
  info(facts: object, message: string): void;
  warn(message: string): void;
  warn(facts: object, message: string): void;
  error(message: string): void;
  error(facts: object, message: string): void;
}

/** The handlers by model type. */
export interface ModelHandlers {
  readonly llm?: LlmHandlers;
  readonly 'text-embedding'?: TextEmbeddingHandlers;
  readonly rerank?: RerankHandlers;
  readonly speech2text?: Speech2TextHandlers;
  readonly tts?: TtsHandlers;
  readonly moderation?: ModerationHandlers;
}

/** One request of the host, as far as every handler may want to know. */
export interface Call {
  /** Aborts when nobody waits for the answer any more; its reason is what the host was told. */
  readonly signal: AbortSignal;
  /** How many bytes of JSON one result may have. */
  readonly maxResultBytes: number;
}

/** What every model type answers. */
export interface CommonHandlers {
  /** Checks the credentials of one model; throws what is wrong with them. */
  validate(request: RequestOf<'validate_model_credentials'>, call: Call): Promise<void>;
  /** Describes one model to Dify. */
  schema(request: RequestOf<'get_ai_model_schemas'>, call: Call): Promise<ModelSchema>;
}

export interface LlmHandlers extends CommonHandlers {
  /**
   * Writes the text of the answer as it comes, and returns the rest. The runtime makes the messages of it.
   * @param text where pieces of the answer go; an answer that came whole is returned, and not written here
   */
  invoke(request: RequestOf<'invoke_llm'>, call: Call, text: TextWriter): Promise<LlmAnswer>;
  countTokens?(request: RequestOf<'get_llm_num_tokens'>, call: Call): Promise<number>;
}

/** Where the text of an answer goes. */
export interface TextWriter {
  /**
   * Writes the next piece of the text, of any length. An empty one makes no message.
   * @returns nothing while the host keeps up, else a promise to await before the next piece
   */
  write(piece: string): Promise<void> | undefined;
  /** Something was generated that is no text yet, such as the beginning of a tool call: ends the wait for the first token. */
  begin(): void;
}

/** The end of an LLM's answer, or all of it. */
export interface LlmAnswer {
  /** What of the text was not written; all of it where the answer came whole. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  /** `stop`, `length`, `tool_calls`, ... */
  readonly finishReason: string;
  /** In tokens. */
  readonly usage: { readonly prompt: number; readonly completion: number };
}

export interface TextEmbeddingHandlers extends CommonHandlers {
  invoke(request: RequestOf<'invoke_text_embedding'>, call: Call): Promise<Embeddings>;
  invokeMultimodal?(request: RequestOf<'invoke_multimodal_embedding'>, call: Call): Promise<Embeddings>;
  /** An entry for each text. */
  countTokens?(request: RequestOf<'get_text_embedding_num_tokens'>, call: Call): Promise<number[]>;
}

/** Embeddings, in the order of the texts. */
export interface Embeddings {
  readonly rows: readonly EmbeddingRow[];
  readonly tokens: number;
}

/** The numbers of an embedding: as numbers, or as their JSON text, which goes out uncopied. */
export type EmbeddingRow = readonly number[] | NumberText;

/** The JSON text of a list of finite numbers, without its brackets, in pieces of bytes; at least one number. */
export interface NumberText {
  readonly pieces: readonly Buffer[];
  /** How many numbers. */
  readonly count: number;
}

export interface RerankHandlers extends CommonHandlers {
  /** The best document first; fewer than there are where the request wants fewer. */
  invoke(request: RequestOf<'invoke_rerank'>, call: Call): Promise<readonly RankedDocument[]>;
  invokeMultimodal?(
    request: RequestOf<'invoke_multimodal_rerank'>,
    call: Call,
  ): Promise<readonly RankedDocument[]>;
}

/** A document by its place in the request. The runtime adds its text. */
export type RankedDocument = Omit<ResultOf<'invoke_rerank'>['docs'][number], 'text'>;

export interface Speech2TextHandlers extends CommonHandlers {
  /** The text of a recording. */
  invoke(request: RequestOf<'invoke_speech2text'>, call: Call): Promise<string>;
}

export interface TtsHandlers extends CommonHandlers {
  /** Writes the sound of a text as it comes. */
  invoke(request: RequestOf<'invoke_tts'>, call: Call, sound: SoundWriter): Promise<void>;
  voices(request: RequestOf<'get_tts_model_voices'>, call: Call): Promise<readonly Voice[]>;
}

/** Where sound goes. */
export interface SoundWriter {
  /** The next bytes of one sound, of any length. Resolves when the host is ready for more. */
  write(bytes: Buffer, mimeType: string): Promise<void>;
}

export interface ModerationHandlers extends CommonHandlers {
  /** Whether the text is to be refused. */
  invoke(request: RequestOf<'invoke_moderation'>, call: Call): Promise<boolean>;
}
