import type { Action } from '../../src/dify/protocol/requests.schemas.ts';
import { goodRequests } from './requests.ts';

/** One way in which the plugin asks a server. */
export interface AskingAction {
  readonly name: string;
  readonly action: Action;
  /** A model of the fake server. */
  readonly uid: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** The request whose answer the action gives back. */
  readonly route: string;
  /** Whether it may be tried again: what only asks about a model is not. */
  readonly retries: boolean;
  /** Whether it answers without the server too: what is wrong stands in the log alone. */
  readonly standsIn?: boolean;
  /** What tells of every failure, where that is not left to the kind of the failure. */
  readonly errorType?: string;
  /** Whether the answer is sound. */
  readonly sounds?: boolean;
  /** Whether results go out while the answer still comes in. */
  readonly streams?: boolean;
}

const describe = (uid: string) => `GET /v1/models/${uid}`;

const invokes: readonly AskingAction[] = [
  invoke('invoke_llm', 'chat', 'POST /v1/chat/completions', { name: 'invoke_llm, streamed', streams: true }),
  invoke('invoke_llm', 'chat', 'POST /v1/chat/completions', {
    name: 'invoke_llm, whole',
    data: { stream: false },
  }),
  invoke('invoke_llm', 'completion', 'POST /v1/completions', {
    name: 'invoke_llm, completion',
    streams: true,
  }),
  invoke('invoke_text_embedding', 'embedding', 'POST /v1/embeddings'),
  invoke('invoke_multimodal_embedding', 'embedding', 'POST /v1/embeddings'),
  invoke('invoke_rerank', 'rerank', 'POST /v1/rerank'),
  invoke('invoke_multimodal_rerank', 'rerank', 'POST /v1/rerank'),
  invoke('invoke_speech2text', 'whisper', 'POST /v1/audio/transcriptions'),
  invoke('invoke_tts', 'tts', 'POST /v1/audio/speech', { sounds: true }),
];

const modelTypes = [
  ['llm', 'chat'],
  ['text-embedding', 'embedding'],
  ['rerank', 'rerank'],
  ['speech2text', 'whisper'],
  ['tts', 'tts'],
] as const;

/** Every action that asks a server, in each of its ways. */
export const askingActions: readonly AskingAction[] = [
  {
    name: 'validate_provider_credentials',
    action: 'validate_provider_credentials',
    uid: 'chat',
    data: {},
    route: 'GET /v1/models',
    retries: false,
    errorType: 'CredentialsValidateFailedError',
  },
  ...modelTypes.map(([modelType, uid]) => ({
    name: `validate_model_credentials, ${modelType}`,
    action: 'validate_model_credentials' as const,
    uid,
    data: { model_type: modelType },
    route: describe(uid),
    retries: false,
    errorType: 'CredentialsValidateFailedError',
  })),
  ...modelTypes
    .filter(([modelType]) => modelType !== 'speech2text')
    .map(([modelType, uid]) => ({
      name: `get_ai_model_schemas, ${modelType}`,
      action: 'get_ai_model_schemas' as const,
      uid,
      data: { model_type: modelType },
      route: describe(uid),
      retries: false,
      standsIn: true,
    })),
  ...invokes,
];

/** Those that ask about the model first, and go on without an answer to that. */
export const invokingActions = invokes;

/** Actions that ask no server, or go on whatever it says. */
export const otherActions: readonly Action[] = [
  'get_llm_num_tokens',
  'get_text_embedding_num_tokens',
  'get_tts_model_voices',
  'start_polling',
  'check_polling',
  'invoke_moderation',
];

function invoke(action: Action, uid: string, route: string, rest: Partial<AskingAction> = {}): AskingAction {
  const data = { ...goodRequests[action], ...rest.data };
  return { name: action, action, uid, route, retries: true, ...rest, data };
}
