import { InvokeBadRequestError, type ModelType } from '../../src/dify/index.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import type { ModelCredentials } from './credentials.ts';
import { modelTypesOf, typeMismatch } from './model-types.ts';
import type { Services } from './services.ts';

/**
 * What is known of the model that an invoke is for; undefined where it cannot be had, and the server will judge.
 * @throws InvokeBadRequestError when the model is of another type: servers answer that with an error that explains nothing
 */
export async function describeForInvoke(
  services: Services,
  { server, modelUid }: ModelCredentials,
  modelType: ModelType,
  signal: AbortSignal,
): Promise<ModelDescription | undefined> {
  const description = await services.descriptions.forInvoke(server, modelUid, signal);
  if (description === undefined || modelTypesOf(description).includes(modelType)) return description;
  throw new InvokeBadRequestError(typeMismatch(modelUid, description, modelType));
}
