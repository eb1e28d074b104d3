import type { RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import { embeddingUsage } from '../../src/dify/protocol/results.ts';
import type { Session } from '../../src/dify/session.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { countTexts } from '../../src/tokens/counting.ts';
import type { TokenEstimator } from '../../src/tokens/estimator.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { ModelTypeHandlers } from '../common/handlers.ts';
import { inParallel } from '../common/parallel.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import type { NumberList } from '../openai/embeddings/number-lists.ts';
import { readEmbeddings } from '../openai/embeddings/read-embeddings.ts';
import { EmbeddingSender, type InputType } from './embedding-request.ts';
import { documentInputs, type EmbeddingInput, type Part, splitInputs, textInputs, textOf } from './inputs.ts';
import { type EmbeddingModel, embeddingModel, readEmbeddingForm } from './model.ts';
import { embeddingResult } from './result.ts';
import { embeddingSchema } from './schema.ts';

/** Parts of one call that are sent side by side: the server spreads them over the replicas of a model. */
const PARTS_AT_ONCE = 4;

type Invoke = RequestOf<'invoke_text_embedding' | 'invoke_multimodal_embedding'>;

/** One call of the host, as far as it is the same for texts and for documents. */
interface Call {
  /** Dify's name of the model. */
  readonly name: string;
  readonly session: Session;
  readonly credentials: ModelCredentials;
  readonly model: EmbeddingModel;
  readonly inputType: InputType;
  /** Put before each text. */
  readonly prefix: string;
}

/** The handlers of embedding models. */
export class TextEmbeddingHandlers implements ModelTypeHandlers {
  readonly #services: Services;
  readonly #sender: EmbeddingSender;

  constructor(services: Services) {
    this.#services = services;
    this.#sender = new EmbeddingSender(services.client);
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, session: Session): Promise<void> {
    await validateModel(this.#services, request, session.signal, readEmbeddingForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, session: Session) {
    const { server, modelUid } = readCredentials(request.credentials);
    const form = readEmbeddingForm(request.credentials ?? {});
    const description = await this.#services.descriptions.ask(server, modelUid, session.signal);
    return embeddingSchema(
      request.model,
      embeddingModel(modelUid, description, form, session.maxResultBytes),
    );
  }

  /** `get_text_embedding_num_tokens`: an estimate for each text that makes no request. */
  async countTokens(request: RequestOf<'get_text_embedding_num_tokens'>, session: Session): Promise<void> {
    const estimator = this.#estimator(readCredentials(request.credentials));
    const counted = await countTexts(request.texts ?? [], session.signal);
    await session.write({ num_tokens: counted.map(text => estimator.textTokens(text)) });
  }

  /** `invoke_text_embedding` */
  async invoke(request: RequestOf<'invoke_text_embedding'>, session: Session): Promise<void> {
    const texts = request.texts ?? [];
    if (texts.length === 0) return this.#nothing(request, session);
    const call = await this.#prepare(request, session);
    await this.#embed(call, textInputs(texts, call.prefix));
  }

  /** `invoke_multimodal_embedding` */
  async invokeMultimodal(request: RequestOf<'invoke_multimodal_embedding'>, session: Session): Promise<void> {
    const documents = request.documents ?? [];
    if (documents.length === 0) return this.#nothing(request, session);
    const call = await this.#prepare(request, session);
    await this.#embed(call, documentInputs(documents, call.prefix, call.model));
  }

  async #nothing({ model }: Invoke, session: Session): Promise<void> {
    await session.write({ model, embeddings: [], usage: embeddingUsage(0, session.latency) });
  }

  async #prepare(request: Invoke, session: Session): Promise<Call> {
    const credentials = readCredentials(request.credentials);
    const form = readEmbeddingForm(request.credentials ?? {});
    const description = await describeForInvoke(
      this.#services,
      credentials,
      'text-embedding',
      session.signal,
    );
    const model = embeddingModel(credentials.modelUid, description, form, session.maxResultBytes);
    const inputType = request.input_type === 'query' ? 'query' : 'document';
    const prefix = inputType === 'query' ? model.queryPrefix : '';
    return { name: request.model, session, credentials, model, inputType, prefix };
  }

  async #embed(call: Call, inputs: readonly EmbeddingInput[]): Promise<void> {
    const { name, session, model } = call;
    const parts = splitInputs(inputs, model.maxChunks);
    const answers = await inParallel(parts, PARTS_AT_ONCE, session.signal, (part, signal) =>
      this.#embedPart(call, part, signal),
    );
    const rows = answers.flatMap(answer => answer.rows);
    checkLengths(rows, call);
    const tokens = answers.reduce((sum, answer) => sum + answer.tokens, 0);
    const usage = embeddingUsage(tokens, session.latency);
    await session.writeJsonBytes(await embeddingResult(name, rows, usage, session.maxResultBytes));
  }

  async #embedPart(
    { credentials, model, inputType }: Call,
    { inputs, start }: Part,
    signal: AbortSignal,
  ): Promise<{ rows: readonly NumberList[]; tokens: number }> {
    const answer = await this.#sender.send(credentials, model, inputs, inputType, signal);
    const { rows, tokens } = await readEmbeddings(answer, { count: inputs.length, start }, signal);
    const counted = tokens === undefined || tokens > mostTokens(inputs) ? undefined : tokens;
    return { rows, tokens: counted ?? (await this.#estimate(credentials, inputs, signal)) };
  }

  async #estimate(
    credentials: ModelCredentials,
    inputs: readonly EmbeddingInput[],
    signal: AbortSignal,
  ): Promise<number> {
    const texts = await countTexts(
      inputs.map(input => textOf(input) ?? ''),
      signal,
    );
    const estimator = this.#estimator(credentials);
    return texts.reduce((sum, text) => sum + estimator.textUsage(text), 0);
  }

  #estimator({ server, modelUid }: ModelCredentials): TokenEstimator {
    const modelName = this.#services.descriptions.peek(server, modelUid)?.name;
    return this.#services.tokens.of({ serverUrl: server.url, modelUid, modelName });
  }
}

/** Tokens that a tokenizer puts around a text. */
const SPECIAL_TOKENS = 2;

/**
 * More tokens than bytes no tokenizer makes. A server that computes several requests together, as Xinference does from
 * 1.13.0 on, tells each of them the tokens of all.
 */
function mostTokens(inputs: readonly EmbeddingInput[]): number {
  return inputs.reduce((sum, input) => {
    const text = textOf(input); // an image makes any number of tokens
    return sum + (text === undefined ? Number.POSITIVE_INFINITY : Buffer.byteLength(text) + SPECIAL_TOKENS);
  }, 0);
}

/** The parts of one call come from several replicas, so they too are held against each other. */
function checkLengths(rows: readonly NumberList[], { credentials, model }: Call): void {
  const length = rows[0]?.count;
  const odd = rows.findIndex(row => row.count !== length);
  if (odd < 0) return;
  throw new ServerError(
    'broken-answer',
    `The model ${model.uid} at ${credentials.server.url} gave ${rows[odd]?.count} numbers for text ${odd + 1} and ${length} for text 1. ` +
      'Embeddings of one model have one length: look into the log of Xinference, and whether all replicas run the same model.',
  );
}
