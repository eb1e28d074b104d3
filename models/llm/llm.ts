import type { Call, LlmAnswer, LlmHandlers, RequestOf, TextWriter } from '../../src/dify/index.ts';
import { modelKey } from '../../src/http/server.ts';
import type { TokenEstimator } from '../../src/tokens/estimator.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke, describeForSchema } from '../common/describe.ts';
import { ExpiringSet } from '../common/expiring-set.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { type ChatCall, chat, chatCall } from '../openai/chat.ts';
import { merged } from '../openai/request/chat-request.ts';
import { llmModel, readLlmForm, streamsToolCalls } from './model.ts';
import { promptFeatures } from './prompt-tokens.ts';
import { llmSchema } from './schema.ts';
import { ServerTokens } from './server-tokens.ts';
import { asksToThink, thinkingFields } from './thinking-switch.ts';
import { TokenMeter } from './token-meter.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/** Chat and completion models of a Xinference server. */
export class XinferenceLlm implements LlmHandlers {
  readonly #services: Services;
  readonly #serverTokens: ServerTokens;
  /** The models at which a server refuses to stream with tools. */
  readonly #unstreamed = new ExpiringSet();

  constructor(services: Services) {
    this.#services = services;
    this.#serverTokens = new ServerTokens(services.client);
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, { signal }: Call): Promise<void> {
    await validateModel(this.#services, request, signal, readLlmForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, { signal }: Call) {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readLlmForm(request.credentials ?? {});
    const description = await describeForSchema(this.#services, credentials, 'llm', signal);
    return llmSchema(request.model, llmModel(credentials.modelUid, description, form));
  }

  /** `get_llm_num_tokens`: an estimate that makes no request, unless the form wants the server's own count. */
  async countTokens(request: RequestOf<'get_llm_num_tokens'>, { signal }: Call): Promise<number> {
    const credentials = readCredentials(request.credentials, request.model);
    const messages = request.prompt_messages ?? [];
    const tools = request.tools ?? [];
    const { tokenCount } = readLlmForm(request.credentials ?? {});
    const counted =
      tokenCount === 'server'
        ? await this.#serverTokens.count(credentials, { messages, tools }, signal)
        : undefined;
    if (counted !== undefined) return counted;
    return this.#estimator(credentials).promptTokens(await promptFeatures(messages, tools, signal));
  }

  /** `invoke_llm` */
  async invoke(request: InvokeLlm, { signal }: Call, text: TextWriter): Promise<LlmAnswer> {
    let hasBegun = false;
    const begin = () => {
      hasBegun = true;
      text.begin();
    };
    const watched = { begin, write: (piece: string) => text.write(piece) };
    return this.#services.failover.use(
      readCredentials(request.credentials, request.model),
      async credentials => {
        const call = await this.#prepare(request, credentials, signal);
        const meter = this.#meter(request, credentials, signal);
        const answer = await chat(this.#services.client, call, meter.watch(watched), signal);
        return { ...answer, usage: await meter.complete(answer) };
      },
      () => hasBegun,
    );
  }

  /** Reads the request, the form and what the server says of the model: nothing behind it looks into them again. */
  async #prepare(request: InvokeLlm, credentials: ModelCredentials, signal: AbortSignal): Promise<ChatCall> {
    const { server, modelUid } = credentials;
    const form = readLlmForm(request.credentials ?? {});
    const description = await describeForInvoke(this.#services, credentials, 'llm', signal);
    const model = llmModel(modelUid, description, form);
    const call = chatCall(request, server, model, merged(thinkingFields(request, model), form.extraBody));
    const key = modelKey(server, modelUid);
    const streamsTools = streamsToolCalls(model) && !this.#unstreamed.has(key);
    return {
      ...call,
      thinking: asksToThink(request, model),
      streams: call.streams && (!call.tools || streamsTools),
      onStreamFailed: error => this.#services.log.warn(`${error.logged} Asking once more without streaming.`),
      onStreamRefused: () => this.#unstreamed.add(key),
    };
  }

  #meter(request: InvokeLlm, credentials: ModelCredentials, signal: AbortSignal): TokenMeter {
    const messages = request.prompt_messages ?? [];
    const tools = request.tools ?? [];
    return new TokenMeter(this.#estimator(credentials), () => promptFeatures(messages, tools, signal));
  }

  #estimator({ server, modelUid }: ModelCredentials): TokenEstimator {
    const { name, family } = this.#services.descriptions.peek(server, modelUid) ?? {};
    // A model that was registered under a name of its own tells by its family what it is.
    const modelName = [family, name].filter(given => given !== undefined).join(' ') || undefined;
    return this.#services.tokens.of({ serverUrl: server.url, modelUid, modelName });
  }
}
