/** What the server says about a model: the fields of `GET /v1/models/{uid}`. */
export interface ModelDescription {
  readonly model_type: string;
  readonly model_name: string;
  readonly model_ability?: readonly string[] | null;
  readonly model_engine?: string | null;
  readonly model_family?: string;
  readonly context_length?: number | null;
  readonly dimensions?: number;
  readonly max_tokens?: number;
  readonly [field: string]: unknown;
}

/** A model that the fake server offers. */
export interface FakeModel {
  readonly uid: string;
  readonly description: ModelDescription;
  /** Still being launched: each request for it is a 503 with `Retry-After: 30`. */
  readonly loading?: boolean;
}

type Fields = Partial<ModelDescription>;

const common = { address: '127.0.0.1:45193', accelerators: [] };
const placed = { n_worker: 1, replica: 1 };

/** A chat or completion model, on vLLM unless `fields` say otherwise. */
export function llm(uid: string, fields: Fields = {}): FakeModel {
  const model_name = fields.model_name ?? 'qwen2.5-instruct';
  return {
    uid,
    description: {
      model_type: 'LLM',
      ...common,
      model_name,
      model_lang: ['en', 'zh'],
      model_ability: ['chat'],
      model_description: 'A model that exists for tests.',
      model_format: 'pytorch',
      model_size_in_billions: '0_5',
      model_family: model_name,
      quantization: 'none',
      multimodal_projector: null,
      model_hub: 'huggingface',
      revision: null,
      context_length: 32768,
      strict_system_first: false,
      model_engine: 'vLLM',
      ...placed,
      ...fields,
    },
  };
}

/** An embedding model of 384 dimensions unless `fields` say otherwise. */
export function embedding(uid: string, fields: Fields = {}): FakeModel {
  return {
    uid,
    description: {
      model_type: 'embedding',
      ...common,
      model_name: 'bge-small-en-v1.5',
      model_engine: 'sentence_transformers',
      model_format: 'pytorch',
      dimensions: 384,
      max_tokens: 512,
      language: ['en'],
      model_ability: ['embed'],
      model_hub: 'huggingface',
      model_revision: null,
      quantization: 'none',
      ...placed,
      ...fields,
    },
  };
}

/** A rerank model. */
export function rerank(uid: string, fields: Fields = {}): FakeModel {
  return {
    uid,
    description: {
      model_type: 'rerank',
      ...common,
      type: 'normal',
      model_name: 'bge-reranker-base',
      model_engine: 'sentence_transformers',
      model_format: 'pytorch',
      language: ['en', 'zh'],
      model_ability: ['rerank'],
      model_revision: null,
      quantization: 'none',
      ...placed,
      ...fields,
    },
  };
}

/** An audio model: Whisper unless `fields` say otherwise. */
export function audio(uid: string, fields: Fields = {}): FakeModel {
  return {
    uid,
    description: {
      model_type: 'audio',
      ...common,
      model_name: 'whisper-tiny',
      model_lang: [],
      model_family: 'whisper',
      model_revision: null,
      model_ability: ['audio2text'],
      model_engine: 'transformers',
      quantization: 'none',
      ...placed,
      ...fields,
    },
  };
}

/** What a fake server offers when it is not told: one model of each kind. */
export const defaultModels: readonly FakeModel[] = [
  llm('chat', { model_name: 'yi-chat' }),
  llm('chat-tools', { model_ability: ['chat', 'tools'] }),
  llm('chat-reasoning', { model_name: 'deepseek-r1-distill-qwen', model_ability: ['chat', 'reasoning'] }),
  llm('chat-hybrid', { model_name: 'qwen3', model_ability: ['chat', 'reasoning', 'hybrid', 'tools'] }),
  llm('chat-vision', { model_name: 'qwen2.5-vl-instruct', model_ability: ['chat', 'vision'] }),
  llm('completion', { model_name: 'qwen2.5', model_ability: ['generate'] }),
  embedding('embedding'),
  rerank('rerank'),
  audio('whisper'),
  audio('tts', {
    model_name: 'Kokoro-82M',
    model_family: 'Kokoro',
    model_ability: ['text2audio', 'text2audio_zero_shot'],
    model_engine: 'PyTorch',
  }),
];

/** Whether the server reports the ability `name` for the model. */
export function isAble(model: FakeModel, name: string): boolean {
  return model.description.model_ability?.includes(name) ?? false;
}
