import type { ActionTable } from '../src/dify/dispatcher.ts';
import { InvokeBadRequestError } from '../src/dify/protocol/errors.ts';
import { handlersFor } from './common/handlers.ts';
import type { Services } from './common/services.ts';
import { validateProvider } from './common/validate.ts';
import { LlmHandlers } from './llm/llm.ts';
import { RerankHandlers } from './rerank/rerank.ts';
import { Speech2TextHandlers } from './speech2text/speech2text.ts';
import { TextEmbeddingHandlers } from './text_embedding/text_embedding.ts';
import { TtsHandlers } from './tts/tts.ts';

/** The one table from an action of the protocol to what answers it. */
export function createActions(services: Services): ActionTable {
  const llm = new LlmHandlers(services);
  const textEmbedding = new TextEmbeddingHandlers(services);
  const rerank = new RerankHandlers(services);
  const speech2text = new Speech2TextHandlers(services);
  const tts = new TtsHandlers(services);
  const types = { llm, 'text-embedding': textEmbedding, rerank, speech2text, tts };

  return {
    validate_provider_credentials: async (request, session) => {
      await validateProvider(services, request, session.signal);
      await session.write({ result: true, credentials: request.credentials ?? {} });
    },
    validate_model_credentials: async (request, session) => {
      await handlersFor(types, request.model_type).validate(request, session);
      await session.write({ result: true, credentials: request.credentials ?? {} });
    },
    get_ai_model_schemas: async (request, session) => {
      const schema = await handlersFor(types, request.model_type).schema(request, session);
      await session.write({ model_schema: schema });
    },
    invoke_llm: (request, session) => llm.invoke(request, session),
    get_llm_num_tokens: (request, session) => llm.countTokens(request, session),
    start_polling: () => refuse('Xinference has no models that are polled.'),
    check_polling: () => refuse('Xinference has no models that are polled.'),
    invoke_text_embedding: (request, session) => textEmbedding.invoke(request, session),
    get_text_embedding_num_tokens: (request, session) => textEmbedding.countTokens(request, session),
    invoke_multimodal_embedding: (request, session) => textEmbedding.invokeMultimodal(request, session),
    invoke_rerank: (request, session) => rerank.invoke(request, session),
    invoke_multimodal_rerank: (request, session) => rerank.invokeMultimodal(request, session),
    invoke_speech2text: (request, session) => speech2text.invoke(request, session),
    invoke_tts: (request, session) => tts.invoke(request, session),
    get_tts_model_voices: (request, session) => tts.voices(request, session),
    invoke_moderation: () => refuse('Xinference has no moderation models.'),
  };
}

async function refuse(why: string): Promise<never> {
  throw new InvokeBadRequestError(why);
}
