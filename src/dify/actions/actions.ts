import type { Embeddings, ModelHandlers, Plugin, RankedDocument } from '../plugin.ts';
import { InvokeBadRequestError } from '../protocol/errors.ts';
import type { Action, MultimodalDocument, RequestOf } from '../protocol/requests.schemas.ts';
import type { ResultOf } from '../protocol/results.schemas.ts';
import { embeddingUsage } from '../protocol/results.ts';
import type { Session } from '../session.ts';
import { embeddingResult } from './embedding-result.ts';
import { startFirstTokenDeadline } from './first-token.ts';
import { LlmWriter } from './llm-writer.ts';
import { rankingResult } from './ranking-result.ts';
import { soundWriter } from './sound-writer.ts';

/** Answers one action: writes results to the session, then returns, or throws what the host shall be told. */
export type Handler<A extends Action> = (request: RequestOf<A>, session: Session) => Promise<void>;

/** Exactly one handler for each action of the protocol. */
export type ActionTable = { readonly [A in Action]: Handler<A> };

/** The one table from an action of the protocol to the part of a plugin that answers it, and to the messages of its answer. */
export function createActions(plugin: Plugin): ActionTable {
  const { models, provider } = plugin;

  const handlersOf = <T extends keyof ModelHandlers>(type: T): NonNullable<ModelHandlers[T]> =>
    models[type] ??
    refuse(
      `${provider} has no models of the type ${type}. This plugin serves: ${Object.keys(models).join(', ')}.`,
    );
  /** @param method one that a plugin may leave out */
  const optional = <M>(method: M | undefined, what: string): M =>
    method ?? refuse(`The models of ${provider} ${what} in this plugin.`);
  const noPolling = async () => refuse(`${provider} has no models that are polled.`);

  return {
    validate_provider_credentials: async (request, session) => {
      await plugin.validateProvider?.(request, session);
      await writeCredentials(request, session);
    },
    validate_model_credentials: async (request, session) => {
      await handlersOf(request.model_type).validate(request, session);
      await writeCredentials(request, session);
    },
    get_ai_model_schemas: async (request, session) => {
      const model_schema = await handlersOf(request.model_type).schema(request, session);
      await session.write({ model_schema } satisfies ResultOf<'get_ai_model_schemas'>);
    },
    invoke_llm: async (request, session) => {
      const stopClock = startFirstTokenDeadline(session, request);
      const writer = new LlmWriter(session, request.model, stopClock);
      try {
        await writer.finish(await handlersOf('llm').invoke(request, session, writer));
      } finally {
        stopClock();
      }
    },
    get_llm_num_tokens: async (request, session) => {
      const llm = handlersOf('llm');
      const count = optional(llm.countTokens, 'do not count tokens');
      const num_tokens = await count.call(llm, request, session);
      await session.write({ num_tokens } satisfies ResultOf<'get_llm_num_tokens'>);
    },
    start_polling: noPolling,
    check_polling: noPolling,
    invoke_text_embedding: async (request, session) => {
      await writeEmbeddings(request, await handlersOf('text-embedding').invoke(request, session), session);
    },
    get_text_embedding_num_tokens: async (request, session) => {
      const embedding = handlersOf('text-embedding');
      const count = optional(embedding.countTokens, 'do not count tokens');
      const num_tokens = await count.call(embedding, request, session);
      await session.write({ num_tokens } satisfies ResultOf<'get_text_embedding_num_tokens'>);
    },
    invoke_multimodal_embedding: async (request, session) => {
      const embedding = handlersOf('text-embedding');
      const embed = optional(embedding.invokeMultimodal, 'embed texts only');
      await writeEmbeddings(request, await embed.call(embedding, request, session), session);
    },
    invoke_rerank: async (request, session) => {
      const ranked = await handlersOf('rerank').invoke(request, session);
      await writeRanking(request, ranked, (request.docs ?? []).map(asDocument), session);
    },
    invoke_multimodal_rerank: async (request, session) => {
      const rerank = handlersOf('rerank');
      const rank = optional(rerank.invokeMultimodal, 'rank texts only');
      const ranked = await rank.call(rerank, request, session);
      await writeRanking(request, ranked, request.docs ?? [], session);
    },
    invoke_speech2text: async (request, session) => {
      const result = await handlersOf('speech2text').invoke(request, session);
      await session.write({ result } satisfies ResultOf<'invoke_speech2text'>);
    },
    invoke_tts: (request, session) => handlersOf('tts').invoke(request, session, soundWriter(session)),
    get_tts_model_voices: async (request, session) => {
      const voices = await handlersOf('tts').voices(request, session);
      await session.write({ voices: [...voices] } satisfies ResultOf<'get_tts_model_voices'>);
    },
    invoke_moderation: async (request, session) => {
      const moderation = models.moderation ?? refuse(`${provider} has no moderation models.`);
      const result = await moderation.invoke(request, session);
      await session.write({ result } satisfies ResultOf<'invoke_moderation'>);
    },
  };
}

/** @throws InvokeBadRequestError */
function refuse(why: string): never {
  throw new InvokeBadRequestError(why);
}

/** The host stores the credentials that come back: they go as they came. */
async function writeCredentials(
  { credentials }: RequestOf<'validate_provider_credentials'>,
  session: Session,
): Promise<void> {
  const result: ResultOf<'validate_provider_credentials'> = { result: true, credentials: { ...credentials } };
  await session.write(result);
}

async function writeEmbeddings(
  { model }: { readonly model: string },
  { rows, tokens }: Embeddings,
  session: Session,
): Promise<void> {
  const usage = embeddingUsage(tokens, session.latency);
  await session.writeJsonBytes(await embeddingResult(model, rows, usage, session.maxResultBytes));
}

async function writeRanking(
  { model }: { readonly model: string },
  ranked: readonly RankedDocument[],
  documents: readonly MultimodalDocument[],
  session: Session,
): Promise<void> {
  await session.writeJson(rankingResult(model, ranked, documents, session.maxResultBytes));
}

function asDocument(content: string): MultimodalDocument {
  return { content, content_type: 'text' };
}
