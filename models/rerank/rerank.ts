import type {
  Call,
  MultimodalDocument,
  RankedDocument,
  RequestOf,
  RerankHandlers,
} from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { modelKey } from '../../src/http/server.ts';
import type { Fields } from '../../src/text/json.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke, describeForSchema } from '../common/describe.ts';
import { ExpiringSet } from '../common/expiring-set.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { rank } from '../openai/rerank/rank.ts';
import type { RerankRequest } from '../openai/rerank/scores.ts';
import { rerankEngine } from './engine.ts';
import { refusesArgument, withInstruction } from './instruction.ts';
import { imageForm, readRerankForm, rerankSchema } from './model.ts';
import { rerankRequests } from './rerank-request.ts';
import { Scale } from './scale.ts';

type Invoke = RequestOf<'invoke_rerank' | 'invoke_multimodal_rerank'>;

/** Rerank models of a Xinference server. */
export class XinferenceRerank implements RerankHandlers {
  readonly #services: Services;
  readonly #scale = new Scale();
  /** Models that refuse an instruction as an argument. */
  readonly #refused = new ExpiringSet();

  constructor(services: Services) {
    this.#services = services;
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, { signal }: Call): Promise<void> {
    await validateModel(this.#services, request, signal, readRerankForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, { signal }: Call) {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readRerankForm(request.credentials ?? {});
    const description = await describeForSchema(this.#services, credentials, 'rerank', signal);
    return rerankSchema(request.model, description, form);
  }

  /** `invoke_rerank` */
  async invoke(request: RequestOf<'invoke_rerank'>, { signal }: Call): Promise<RankedDocument[]> {
    return this.#rank(request, asDocument(request.query ?? ''), (request.docs ?? []).map(asDocument), signal);
  }

  /** `invoke_multimodal_rerank` */
  async invokeMultimodal(
    request: RequestOf<'invoke_multimodal_rerank'>,
    { signal }: Call,
  ): Promise<RankedDocument[]> {
    return this.#rank(request, request.query ?? asDocument(''), request.docs ?? [], signal);
  }

  async #rank(
    request: Invoke,
    query: MultimodalDocument,
    documents: readonly MultimodalDocument[],
    signal: AbortSignal,
  ): Promise<RankedDocument[]> {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readRerankForm(request.credentials ?? {});
    if (documents.length === 0) return [];
    return this.#services.failover.use(credentials, async asked => {
      const { server, modelUid } = asked;
      const description = await describeForInvoke(this.#services, asked, 'rerank', signal);
      const engine = rerankEngine(description);
      const { instruction, engineArguments } = form;
      const call = {
        server,
        uid: modelUid,
        limits: request,
        scale: this.#scale.of(form.scores, nameOf(asked, description), engine, () =>
          this.#services.descriptions.learn(server, modelUid, { showedLogits: true }),
        ),
        own: form.extraBody,
        explain: explainImageRefusal,
      };
      const rankBy = (words: MultimodalDocument, args: Fields) => {
        const requests = rerankRequests(words, documents, imageForm(description), modelUid, args);
        return rank(this.#services.client, { ...call, requests }, signal);
      };
      const key = modelKey(server, modelUid);
      if (instruction !== '' && engine.mayTakeInstruction && !this.#refused.has(key)) {
        try {
          return await rankBy(query, { ...engineArguments, instruction });
        } catch (error) {
          if (!refusesArgument(error)) throw error;
          this.#refused.add(key);
        }
      }
      return rankBy(withInstruction(query, instruction, engine), engineArguments);
    });
  }
}

/** Of a model, and of what runs under its UID. */
function nameOf({ server, modelUid }: ModelCredentials, description: ModelDescription | undefined): string {
  return JSON.stringify([server.url, modelUid, description?.name, description?.engine]);
}

function asDocument(content: string): MultimodalDocument {
  return { content, content_type: 'text' };
}

/** Older servers refuse an image as if the request were malformed. */
function explainImageRefusal(error: unknown, { query, documents }: RerankRequest): unknown {
  const hasObjects = [query, ...documents].some(input => typeof input !== 'string');
  const isRefusal = error instanceof ServerError && error.code === 'request-refused';
  return hasObjects && isRefusal ? error.explained({ code: 'images-refused' }) : error;
}
