import type { Call, Embeddings, RequestOf, TextEmbeddingHandlers } from '../../src/dify/index.ts';
import { countTexts } from '../../src/tokens/counting.ts';
import type { TokenEstimator } from '../../src/tokens/estimator.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke, describeForSchema } from '../common/describe.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { type EmbeddingCall, embed } from '../openai/embeddings/embed.ts';
import { documentInputs, type EmbeddingInput, inputText, textInputs } from '../openai/embeddings/inputs.ts';
import { checkDimensions } from './dimensions.ts';
import { EmbeddingSender } from './embedding-request.ts';
import { type EmbeddingModel, embeddingModel, readEmbeddingForm } from './model.ts';
import { embeddingSchema } from './schema.ts';

type Invoke = RequestOf<'invoke_text_embedding' | 'invoke_multimodal_embedding'>;

/** A call, and what the inputs are made with. */
interface Prepared {
  readonly call: EmbeddingCall;
  readonly model: EmbeddingModel;
  /** Put before each text. */
  readonly prefix: string;
}

/** Embedding models of a Xinference server. */
export class XinferenceEmbedding implements TextEmbeddingHandlers {
  readonly #services: Services;
  readonly #sender: EmbeddingSender;

  constructor(services: Services) {
    this.#services = services;
    this.#sender = new EmbeddingSender(services.client);
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, { signal }: Call): Promise<void> {
    await validateModel(this.#services, request, signal, readEmbeddingForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, { signal, maxResultBytes }: Call) {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readEmbeddingForm(request.credentials ?? {});
    const description = await describeForSchema(this.#services, credentials, 'text-embedding', signal);
    const model = embeddingModel(credentials.modelUid, description, form, maxResultBytes);
    return embeddingSchema(request.model, model);
  }

  /** `get_text_embedding_num_tokens`: an estimate for each text that makes no request. */
  async countTokens(
    request: RequestOf<'get_text_embedding_num_tokens'>,
    { signal }: Call,
  ): Promise<number[]> {
    const estimator = this.#estimator(readCredentials(request.credentials, request.model));
    const counted = await countTexts(request.texts ?? [], signal);
    return counted.map(text => estimator.textTokens(text));
  }

  /** `invoke_text_embedding` */
  async invoke(request: RequestOf<'invoke_text_embedding'>, call: Call): Promise<Embeddings> {
    const texts = request.texts ?? [];
    if (texts.length === 0) return { rows: [], tokens: 0 };
    return this.#embed(request, call, ({ prefix }) => textInputs(texts, prefix));
  }

  /** `invoke_multimodal_embedding` */
  async invokeMultimodal(request: RequestOf<'invoke_multimodal_embedding'>, call: Call): Promise<Embeddings> {
    const documents = request.documents ?? [];
    if (documents.length === 0) return { rows: [], tokens: 0 };
    return this.#embed(request, call, ({ prefix, model }) => documentInputs(documents, prefix, model));
  }

  #embed(
    request: Invoke,
    call: Call,
    inputs: (prepared: Prepared) => readonly EmbeddingInput[],
  ): Promise<Embeddings> {
    return this.#services.failover.use(
      readCredentials(request.credentials, request.model),
      async credentials => {
        const prepared = await this.#prepare(request, credentials, call);
        const embeddings = await embed(prepared.call, inputs(prepared), call.signal);
        checkDimensions(embeddings, prepared.model);
        return embeddings;
      },
    );
  }

  async #prepare(
    request: Invoke,
    credentials: ModelCredentials,
    { signal, maxResultBytes }: Call,
  ): Promise<Prepared> {
    const form = readEmbeddingForm(request.credentials ?? {});
    const description = await describeForInvoke(this.#services, credentials, 'text-embedding', signal);
    const model = embeddingModel(credentials.modelUid, description, form, maxResultBytes);
    const inputType = request.input_type === 'query' ? 'query' : 'document';
    const call: EmbeddingCall = {
      server: credentials.server,
      uid: model.uid,
      maxChunks: model.maxChunks,
      send: (inputs, either) => this.#sender.send(credentials, model, inputs, inputType, either),
      estimate: async (inputs, either) => {
        const texts = inputs.map(input => inputText(input) ?? '');
        const estimator = this.#estimator(credentials);
        return (await countTexts(texts, either)).reduce((sum, text) => sum + estimator.textUsage(text), 0);
      },
    };
    return { call, model, prefix: inputType === 'query' ? model.queryPrefix : '' };
  }

  #estimator({ server, modelUid }: ModelCredentials): TokenEstimator {
    const modelName = this.#services.descriptions.peek(server, modelUid)?.name;
    return this.#services.tokens.of({ serverUrl: server.url, modelUid, modelName });
  }
}
