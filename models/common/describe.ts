import { InvokeBadRequestError, type ModelType } from '../../src/dify/index.ts';
import type { ModelServer } from '../../src/http/server.ts';
import { briefly } from '../../src/text/briefly.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import type { DescriptionCache } from '../../src/xinference/description-cache.ts';
import type { ModelCredentials } from './credentials.ts';
import { modelTypesOf, TYPE_NAMES, typeMismatch } from './model-types.ts';
import type { Services } from './services.ts';

/**
 * What a server says of the model, the second one where the first cannot be asked.
 * @throws ServerError; the signal's reason
 */
export function describe(
  { failover, descriptions }: Services,
  credentials: ModelCredentials,
  signal: AbortSignal,
): Promise<ModelDescription> {
  return failover.use(credentials, ({ server, modelUid }) => descriptions.ask(server, modelUid, signal));
}

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

/**
 * What a schema can say of a model: as the server describes it now, else as it did last, with a warning in the log. Dify
 * drops a model whose schema fails, and what it then needs the model for fails too; whatever is wrong, the invoke tells.
 * @returns undefined where nothing is known: then the form and defaults that no request fails by have to do
 * @throws the signal's reason alone
 */
export async function describeForSchema(
  services: Services,
  { server, modelUid }: ModelCredentials,
  modelType: ModelType,
  signal: AbortSignal,
): Promise<ModelDescription | undefined> {
  const { description, failure } = await toldOf(services, server, modelUid, signal);
  const isOther = description !== undefined && !modelTypesOf(description).includes(modelType);
  const known = isOther ? undefined : description;
  const shown = known === undefined ? 'what its form says' : 'what the server said of it last';
  const problem = isOther
    ? `it is of the type ${briefly(description.modelType)}, not ${TYPE_NAMES[modelType]}.`
    : failure?.logged;
  if (problem !== undefined) services.log.warn(`Dify is shown ${shown} of the model ${modelUid}: ${problem}`);
  return known;
}

/** A schema has to reach Dify within 10 s. */
const LONGEST_OF_TWO_MS = 4_500;

/** What the first server says, or the second where the first says nothing. */
async function toldOf(
  { descriptions }: Services,
  server: ModelServer,
  modelUid: string,
  signal: AbortSignal,
): ReturnType<DescriptionCache['forSchema']> {
  if (server.fallback === undefined) return descriptions.forSchema(server, modelUid, signal);
  const told = await descriptions.forSchema(server, modelUid, signal, LONGEST_OF_TWO_MS);
  if (told.failure === undefined) return told;
  const other = await descriptions.forSchema(server.fallback, modelUid, signal, LONGEST_OF_TWO_MS);
  return other.failure === undefined || told.description === undefined ? other : told;
}
