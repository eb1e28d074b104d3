import type { RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import type { Session } from '../../src/dify/session.ts';
import { readJsonObject } from '../../src/xinference/body.ts';
import type { XinferenceAnswer } from '../../src/xinference/client.ts';
import { XinferenceError } from '../../src/xinference/errors.ts';
import { readEvents } from '../../src/xinference/event-stream.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { ModelTypeHandlers } from '../common/handlers.ts';
import type { Services } from '../common/services.ts';
import type { TokenEstimator } from '../common/tokens/estimator.ts';
import { validateModel } from '../common/validate.ts';
import { readChatAnswer, readCompletionAnswer } from './answer.ts';
import { AnswerStream } from './answer-stream.ts';
import { AnswerWriter } from './answer-writer.ts';
import { chatRequest } from './chat-request.ts';
import { completionRequest } from './completion.ts';
import { startFirstTokenDeadline } from './first-token.ts';
import { type LlmModel, llmModel, readLlmForm } from './model.ts';
import { promptFeatures } from './prompt-tokens.ts';
import { llmSchema } from './schema.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/** The handlers of chat and completion models. */
export class LlmHandlers implements ModelTypeHandlers {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, session: Session): Promise<void> {
    await validateModel(this.#services, request, session.signal, readLlmForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, session: Session) {
    const { server, modelUid } = readCredentials(request.credentials);
    const form = readLlmForm(request.credentials ?? {});
    const description = await this.#services.descriptions.ask(server, modelUid, session.signal);
    return llmSchema(request.model, llmModel(modelUid, description, form));
  }

  /** `get_llm_num_tokens`: an estimate that makes no request. */
  async countTokens(request: RequestOf<'get_llm_num_tokens'>, session: Session): Promise<void> {
    const credentials = readCredentials(request.credentials);
    const prompt = await promptFeatures(request.prompt_messages ?? [], request.tools ?? [], session.signal);
    await session.write({ num_tokens: this.#estimator(credentials).promptTokens(prompt) });
  }

  /** `invoke_llm` */
  async invoke(request: InvokeLlm, session: Session): Promise<void> {
    const credentials = readCredentials(request.credentials);
    const form = readLlmForm(request.credentials ?? {});
    const firstTokenCame = startFirstTokenDeadline(session, request.stream ? request.first_token_timeout : 0);
    try {
      const description = await describeForInvoke(this.#services, credentials, 'llm', session.signal);
      const model = llmModel(credentials.modelUid, description, form);
      await new LlmCall(
        this.#services,
        this.#estimator(credentials),
        credentials,
        model,
        request,
        session,
      ).run(firstTokenCame);
    } finally {
      firstTokenCame();
    }
  }

  #estimator({ server, modelUid }: ModelCredentials): TokenEstimator {
    const modelName = this.#services.descriptions.peek(server, modelUid)?.name;
    return this.#services.tokens.of({ serverUrl: server.url, modelUid, modelName });
  }
}

/** One `invoke_llm`, from the request that is sent to the answer that goes back. */
class LlmCall {
  readonly #services: Services;
  readonly #estimator: TokenEstimator;
  readonly #credentials: ModelCredentials;
  readonly #model: LlmModel;
  readonly #request: InvokeLlm;
  readonly #session: Session;
  readonly #writer: AnswerWriter;

  constructor(
    services: Services,
    estimator: TokenEstimator,
    credentials: ModelCredentials,
    model: LlmModel,
    request: InvokeLlm,
    session: Session,
  ) {
    this.#services = services;
    this.#estimator = estimator;
    this.#credentials = credentials;
    this.#model = model;
    this.#request = request;
    this.#session = session;
    this.#writer = new AnswerWriter(session, request.model, {
      promptTokens: async () => estimator.promptUsage(await this.#promptFeatures()),
      answerTokens: counter => estimator.textUsage(counter.features()),
    });
  }

  async run(firstTokenCame: () => void): Promise<void> {
    if (!this.#request.stream || this.#parsesToolsOnlyWhole()) return this.#whole();
    const answer = await this.#send(true);
    const stream = new AnswerStream(answer, this.#model, this.#hasTools());
    try {
      await this.#copy(answer, stream, firstTokenCame);
    } catch (error) {
      // Some parsers fail on every stream with tools, and work without streaming.
      const failedInBand = error instanceof XinferenceError && error.kind === 'unavailable';
      if (!failedInBand || stream.hasBegun || !this.#hasTools()) throw error;
      this.#services.log.warn(`${error.message} Asking once more without streaming.`);
      return this.#whole();
    }
    const end = stream.end();
    await this.#writer.endStream(end);
    await this.#learn(end.usage?.prompt);
  }

  /** Text goes out as it comes: what arrived in one read leaves in one message. */
  async #copy(answer: XinferenceAnswer, stream: AnswerStream, firstTokenCame: () => void): Promise<void> {
    let hasBegun = false;
    for await (const events of readEvents(answer, this.#session.signal)) {
      try {
        for (const event of events) stream.push(event);
      } finally {
        if (stream.hasBegun && !hasBegun) {
          hasBegun = true;
          firstTokenCame();
        }
        const backlog = this.#writer.text(stream.take());
        if (backlog) await backlog;
      }
      if (stream.isDone) return;
    }
  }

  async #whole(): Promise<void> {
    const answer = await this.#send(false);
    const body = await readJsonObject(answer, this.#session.signal);
    const end =
      this.#model.mode === 'chat'
        ? readChatAnswer(body, answer, this.#model)
        : readCompletionAnswer(body, answer);
    await this.#writer.whole(end);
    await this.#learn(end.usage?.prompt);
  }

  #send(stream: boolean): Promise<XinferenceAnswer> {
    const [path, body] =
      this.#model.mode === 'chat'
        ? ['/v1/chat/completions', chatRequest(this.#request, this.#model, stream)]
        : ['/v1/completions', completionRequest(this.#request, this.#model, stream)];
    return this.#services.client.send(this.#credentials.server, {
      method: 'POST',
      path,
      body: JSON.stringify(body),
      signal: this.#session.signal,
    });
  }

  /** The Transformers engine leaves the calls of a streamed answer in its text. */
  #parsesToolsOnlyWhole(): boolean {
    return this.#hasTools() && this.#model.engine === 'transformers';
  }

  #hasTools(): boolean {
    return (this.#request.tools ?? []).length > 0;
  }

  /** The server's count makes later estimates of this model better. */
  async #learn(promptTokens: number | undefined): Promise<void> {
    if (promptTokens === undefined) return;
    this.#estimator.observe(await this.#promptFeatures(), promptTokens);
  }

  #promptFeatures() {
    return promptFeatures(
      this.#request.prompt_messages ?? [],
      this.#request.tools ?? [],
      this.#session.signal,
    );
  }
}
