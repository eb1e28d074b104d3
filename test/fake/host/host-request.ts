type Data = Readonly<Record<string, unknown>>;

/** What a host written in Go puts where its caller gave nothing: null for a list or map, 0, "". */
const unset: Readonly<Record<string, { readonly model_type?: string } & Data>> = {
  validate_provider_credentials: {},
  validate_model_credentials: { model_type: 'llm' },
  get_ai_model_schemas: { model_type: 'llm' },
  invoke_llm: {
    model_type: 'llm',
    model_parameters: null,
    prompt_messages: null,
    tools: null,
    stop: null,
    stream: false,
    json_schema: null,
  },
  get_llm_num_tokens: { model_type: 'llm', prompt_messages: null, tools: null },
  invoke_text_embedding: { model_type: 'text-embedding', texts: null, input_type: 'document' },
  get_text_embedding_num_tokens: { model_type: 'text-embedding', texts: null },
  invoke_multimodal_embedding: { model_type: 'text-embedding', documents: null, input_type: 'document' },
  invoke_rerank: { model_type: 'rerank', query: '', docs: null, score_threshold: 0, top_n: 0 },
  invoke_multimodal_rerank: { model_type: 'rerank', query: null, docs: null, score_threshold: 0, top_n: 0 },
  invoke_speech2text: { model_type: 'speech2text', file: '' },
  invoke_tts: {
    model_type: 'tts',
    content_text: '',
    voice: '',
    tenant_id: 'a1b2c3d4-0000-4000-8000-000000000001',
  },
  get_tts_model_voices: { model_type: 'tts', language: '' },
  invoke_moderation: { model_type: 'moderation', text: '' },
};

/**
 * A request as a host writes it: `data` over what such a host sends for fields that its caller left out. The model
 * is the credentials' `model_uid` unless `data` names one.
 */
export function hostRequest(sessionId: string, action: string, data: Data, credentials: Data | null): object {
  return {
    session_id: sessionId,
    conversation_id: null,
    message_id: null,
    app_id: null,
    endpoint_id: null,
    context: null,
    event: 'request',
    data: {
      user_id: 'd4c3b2a1-0000-4000-8000-000000000002',
      type: 'model',
      action,
      provider: 'xinference',
      model: credentials?.['model_uid'] ?? '',
      credentials,
      ...unset[action],
      ...data,
    },
  };
}
