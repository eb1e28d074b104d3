import type { RequestOf } from '../../src/dify/protocol/requests.schemas.ts';
import type { Session } from '../../src/dify/session.ts';
import type { HttpRequest, HttpResponse } from '../../src/http/client.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { jsonBody } from '../../src/http/json-body.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import { readEvents } from '../../src/http/response/event-stream.ts';
import type { TokenEstimator } from '../../src/tokens/estimator.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { ModelTypeHandlers } from '../common/handlers.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { readAnswer } from '../openai/answer/answer.ts';
import { AnswerStream } from '../openai/answer/answer-stream.ts';
import { chatRequest } from '../openai/request/chat-request.ts';
import { completionRequest } from '../openai/request/completion-request.ts';
import { asksToThink } from '../openai/request/parameters.ts';
import { AnswerWriter } from './answer-writer.ts';
import { startFirstTokenDeadline } from './first-token.ts';
import { type LlmModel, llmModel, readLlmForm, streamsToolCalls } from './model.ts';
import { promptFeatures } from './prompt-tokens.ts';
import { llmSchema } from './schema.ts';
import { TokenMeter } from './token-meter.ts';

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
    const estimator = this.#estimator(readCredentials(request.credentials));
    const prompt = await promptFeatures(request.prompt_messages ?? [], request.tools ?? [], session.signal);
    await session.write({ num_tokens: estimator.promptTokens(prompt) });
  }

  /** `invoke_llm` */
  async invoke(request: InvokeLlm, session: Session): Promise<void> {
    const credentials = readCredentials(request.credentials);
    const form = readLlmForm(request.credentials ?? {});
    let isWhole = false;
    const deadline = request.stream ? request.first_token_timeout : 0;
    const contentCame = startFirstTokenDeadline(session, deadline, () => isWhole);
    try {
      const description = await describeForInvoke(this.#services, credentials, 'llm', session.signal);
      const model = llmModel(credentials.modelUid, description, form);
      const writer = new AnswerWriter(session, request.model, this.#meter(request, session, credentials));
      const send = async (stream: boolean) =>
        this.#services.client.send(credentials.server, {
          ...(await serverRequest(request, model, stream)),
          signal: session.signal,
        });

      const finishWhole = async (answer: HttpResponse) => {
        const end = readAnswer(await readJsonObject(answer, session.signal), answer, model);
        contentCame();
        await writer.whole(end);
      };

      const hasTools = (request.tools ?? []).length > 0;
      if (request.stream && (!hasTools || streamsToolCalls(model))) {
        const answer = await send(true);
        // What stands before the server may not know streams.
        if (answer.contentType === 'application/json') return await finishWhole(answer);
        const stream = new AnswerStream(answer, model, {
          tools: hasTools,
          thinking: asksToThink(request, model),
        });
        try {
          await readEvents(answer, session.signal, payloads => passOn(payloads, stream, writer, contentCame));
          return await writer.endStream(stream.end());
        } catch (error) {
          // Some tool parsers fail on every stream, and work without streaming.
          const failedInBand = error instanceof ServerError && error.kind === 'unavailable';
          if (!hasTools || stream.hasBegun || !failedInBand) throw error;
          this.#services.log.warn(`${error.message} Asking once more without streaming.`);
        }
      }
      isWhole = true;
      await finishWhole(await send(false));
    } finally {
      contentCame();
    }
  }

  #meter(request: InvokeLlm, { signal }: Session, credentials: ModelCredentials): TokenMeter {
    const messages = request.prompt_messages ?? [];
    const tools = request.tools ?? [];
    return new TokenMeter(this.#estimator(credentials), () => promptFeatures(messages, tools, signal));
  }

  #estimator({ server, modelUid }: ModelCredentials): TokenEstimator {
    const modelName = this.#services.descriptions.peek(server, modelUid)?.name;
    return this.#services.tokens.of({ serverUrl: server.url, modelUid, modelName });
  }
}

async function serverRequest(
  request: InvokeLlm,
  model: LlmModel,
  stream: boolean,
): Promise<Pick<HttpRequest, 'method' | 'path' | 'body'>> {
  const [path, body] =
    model.mode === 'chat'
      ? ['/v1/chat/completions', chatRequest(request, model, stream)]
      : ['/v1/completions', completionRequest(request, model, stream)];
  return { method: 'POST', path, body: await jsonBody(body) };
}

/** Hands text on as it comes: what arrived in one read leaves in one message, what came before an error too. */
function passOn(
  payloads: readonly string[],
  stream: AnswerStream,
  writer: AnswerWriter,
  contentCame: () => void,
): Promise<void> | undefined {
  const handOn = () => {
    if (stream.hasBegun) contentCame();
    return writer.text(stream.take());
  };
  try {
    for (const payload of payloads) stream.push(payload);
  } catch (error) {
    // Not before what came before it: a text of several lines is still on its way.
    return Promise.resolve(handOn()).then(() => {
      throw error;
    });
  }
  return handOn();
}
