import { ServerError } from '../../src/http/errors/errors.ts';
import type { HttpResponse } from '../../src/http/response/http-response.ts';
import { modelKey } from '../../src/http/server.ts';
import type { ModelCredentials } from '../common/credentials.ts';
import type { Services } from '../common/services.ts';
import { type EmbeddingInput, inputText } from '../openai/embeddings/inputs.ts';
import { explainRefusedDimensions } from './dimensions.ts';
import type { EmbeddingModel } from './model.ts';
import { type OptionalField, RefusedFields } from './refused-fields.ts';

/** Tokens that a model puts around a text, and then some. */
const SPECIAL_TOKENS = 8;

/** Whether what is embedded is searched for, or searched in. */
export type InputType = 'query' | 'document';

/** Sends requests for embeddings, each with the fields that its server takes. */
export class EmbeddingSender {
  readonly #client: Services['client'];
  readonly #refused = new RefusedFields();

  constructor(client: Services['client']) {
    this.#client = client;
  }

  /** @throws ServerError; the signal's reason */
  async send(
    { server, modelUid }: ModelCredentials,
    model: EmbeddingModel,
    inputs: readonly EmbeddingInput[],
    inputType: InputType,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    const key = modelKey(server, modelUid);
    const optional = optionalFields(model, inputs, inputType);
    const dropped: OptionalField[] = [];
    for (const field of optional.keys()) if (this.#refused.has(key, field)) optional.delete(field);
    for (;;) {
      const body = { ...model.fields, model: modelUid, input: inputs, ...Object.fromEntries(optional) };
      try {
        const response = await this.#client.send(server, {
          method: 'POST',
          path: '/v1/embeddings',
          body: JSON.stringify(body),
          signal,
          model: { uid: modelUid, givesWay: true },
        });
        for (const field of dropped) this.#refused.add(key, field);
        return response;
      } catch (error) {
        const field = error instanceof ServerError && RefusedFields.refusedBy(error, [...optional.keys()]);
        if (!field) throw explainRefusedDimensions(error, model);
        optional.delete(field);
        dropped.push(field);
      }
    }
  }
}

function optionalFields(
  model: EmbeddingModel,
  inputs: readonly EmbeddingInput[],
  inputType: InputType,
): Map<OptionalField, unknown> {
  const fields = new Map<OptionalField, unknown>();
  if (mayBeTooLong(inputs, model.tokenLimit)) fields.set('truncate_prompt_tokens', model.truncateTo);
  if (model.takesTask) fields.set('task', inputType === 'query' ? 'retrieval.query' : 'retrieval.passage');
  return fields;
}

/**
 * Whether the server must be asked to cut texts: vLLM and llama.cpp fail on one that is too long. It is not asked without
 * need, because a server that cuts reads every text back from its tokens, and so loses what the tokenizer does not know:
 * with one emoji in it, a short text came out at a cosine of 0.90 to itself. No tokenizer makes more tokens than bytes.
 */
function mayBeTooLong(inputs: readonly EmbeddingInput[], tokenLimit: number | undefined): boolean {
  return inputs.some(input => {
    const text = inputText(input);
    if (text === undefined) return false;
    return tokenLimit === undefined || Buffer.byteLength(text) + SPECIAL_TOKENS > tokenLimit;
  });
}
