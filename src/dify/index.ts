/*
 * The front door of the runtime: all that a plugin needs of it. A plugin's program calls `servePlugin`; the module that it loads
 * exports `createPlugin`, which returns a `Plugin`: an object of handlers by model type. Handlers return values, throw
 * errors of the classes below, and leave everything else to the runtime: checking requests, sessions, cancelling, the
 * shape of messages, back-pressure, logs, and the ways to be installed.
 */

export type { Declaration } from './declaration/read-declaration.ts';
export type {
  Call,
  CommonHandlers,
  EmbeddingRow,
  Embeddings,
  LlmAnswer,
  LlmHandlers,
  Log,
  ModelHandlers,
  ModerationHandlers,
  NumberText,
  Plugin,
  PluginModule,
  RankedDocument,
  RerankHandlers,
  SoundWriter,
  Speech2TextHandlers,
  TextEmbeddingHandlers,
  TextWriter,
  TtsHandlers,
} from './plugin.ts';
export {
  CredentialsValidateFailedError,
  FirstTokenTimeoutError,
  InvokeAuthorizationError,
  InvokeBadRequestError,
  InvokeConnectionError,
  InvokeError,
  InvokeRateLimitError,
  InvokeServerUnavailableError,
  TooManyRowsError,
} from './protocol/errors.ts';
export { modelSchema } from './protocol/model-schema.ts';
export type {
  Action,
  ContentPart,
  ModelType,
  MultimodalDocument,
  PromptMessage,
  PromptTool,
  RawCredentials,
  RequestOf,
} from './protocol/requests.schemas.ts';
export type {
  I18n,
  ModelFeature,
  ModelSchema,
  ParameterRule,
  ResultOf,
  ToolCall,
  Voice,
} from './protocol/results.schemas.ts';
export type { About, Command, Commands } from './serve/about.ts';
export { servePlugin } from './serve/serve-plugin.ts';
