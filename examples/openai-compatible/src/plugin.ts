import { chat, chatCall } from '../../../models/openai/chat.ts';
import { embed } from '../../../models/openai/embeddings/embed.ts';
import { textInputs } from '../../../models/openai/embeddings/inputs.ts';
import { invokeErrorFrom } from '../../../models/openai/invoke-error.ts';
import { plainModel } from '../../../models/openai/model.ts';
import { rank } from '../../../models/openai/rerank/rank.ts';
import {
  type Call,
  CredentialsValidateFailedError,
  type LlmHandlers,
  type Log,
  modelSchema,
  type Plugin,
  type RequestOf,
  type RerankHandlers,
  type TextEmbeddingHandlers,
} from '../../../src/dify/index.ts';
import { HttpClient } from '../../../src/http/client.ts';
import { ServerError } from '../../../src/http/errors/errors.ts';
import { readJsonObject } from '../../../src/http/response/body.ts';
import { isObject } from '../../../src/text/json.ts';
import { readForm } from './form.ts';

const ADVICE = "Check the server URL, the API key, and the server's log.";

/** The models of any server that speaks OpenAI's API, by the names that it gives them. */
export function createPlugin(log: Log): Plugin {
  const client = new HttpClient({ log });
  return {
    provider: 'The server',
    models: { llm: llm(client, log), 'text-embedding': embedding(client), rerank: reranker(client) },
    errorOf: error => (error instanceof ServerError ? invokeErrorFrom(error, ADVICE) : error),
    close: () => client.close(),
  };
}

function llm(client: HttpClient, log: Log): LlmHandlers {
  const modelOf = ({ model, credentials }: RequestOf<'get_ai_model_schemas'>) =>
    plainModel(model, readForm(credentials).contextSize);
  return {
    validate: (request, call) => validate(client, request, call),
    schema: async request => {
      const { mode, contextSize } = modelOf(request);
      return modelSchema(request.model, 'llm', {
        features: ['tool-call', 'multi-tool-call', 'stream-tool-call', 'vision'],
        properties: { mode, context_size: contextSize },
      });
    },
    invoke: async (request, { signal }, text) => {
      const { server } = readForm(request.credentials);
      const onStreamFailed = (error: ServerError) => log.warn(error.logged);
      const call = { ...chatCall(request, server, modelOf(request)), onStreamFailed };
      const answer = await chat(client, call, text, signal);
      const { prompt = 0, completion = 0 } = answer.usage;
      return { ...answer, usage: { prompt, completion } };
    },
  };
}

function embedding(client: HttpClient): TextEmbeddingHandlers {
  const MAX_CHUNKS = 64;
  return {
    validate: (request, call) => validate(client, request, call),
    schema: async ({ model, credentials }) =>
      modelSchema(model, 'text-embedding', {
        properties: { context_size: readForm(credentials).contextSize, max_chunks: MAX_CHUNKS },
      }),
    invoke: async ({ model, texts, credentials }, { signal }) => {
      const { server } = readForm(credentials);
      const path = '/v1/embeddings';
      const send = (input: unknown, either: AbortSignal) =>
        client.send(server, { method: 'POST', path, body: JSON.stringify({ model, input }), signal: either });
      const call = { server, uid: model, maxChunks: MAX_CHUNKS, send, estimate: async () => 0 };
      return embed(call, textInputs(texts ?? [], ''), signal);
    },
  };
}

function reranker(client: HttpClient): RerankHandlers {
  return {
    validate: (request, call) => validate(client, request, call),
    schema: async ({ model, credentials }) =>
      modelSchema(model, 'rerank', { properties: { context_size: readForm(credentials).contextSize } }),
    invoke: async (request, { signal }) => {
      const documents = request.docs ?? [];
      const { server } = readForm(request.credentials);
      const asked = { query: request.query ?? '', documents, places: [...documents.keys()] };
      const requests = documents.length === 0 ? [] : [asked];
      return rank(client, { server, uid: request.model, requests, limits: request }, signal);
    },
  };
}

/** The server answers, takes the key, and lists the model. @throws CredentialsValidateFailedError */
async function validate(
  client: HttpClient,
  { model, credentials }: RequestOf<'validate_model_credentials'>,
  { signal }: Call,
): Promise<void> {
  const { server } = readForm(credentials);
  const response = await client.send(server, { method: 'GET', path: '/v1/models', signal, maxRetries: 0 });
  const { data } = await readJsonObject(response, signal);
  const names = (Array.isArray(data) ? data : []).flatMap(entry =>
    isObject(entry) ? [String(entry['id'])] : [],
  );
  if (names.includes(model)) return;
  throw new CredentialsValidateFailedError(
    server.gate.pass(`The server has no model ${model}. It has: ${names.slice(0, 20).join(', ') || 'none'}.`),
  );
}
