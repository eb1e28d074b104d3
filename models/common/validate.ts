import { CredentialsValidateFailedError } from '../../src/dify/protocol/errors.ts';
import type { ModelType, RawCredentials } from '../../src/dify/protocol/requests.schemas.ts';
import { listModels, type ModelDescription } from '../../src/xinference/description.ts';
import { XinferenceError } from '../../src/xinference/errors.ts';
import { type ModelCredentials, readCredentials, readServer, textField } from './credentials.ts';
import { validationErrorOf } from './errors.ts';
import type { Services } from './services.ts';

/**
 * The Dify model types that a running model can serve; none for images and videos. An audio model that lists no
 * abilities may be either.
 */
export function modelTypesOf(description: ModelDescription): readonly ModelType[] {
  switch (description.modelType) {
    case 'LLM':
      return ['llm'];
    case 'embedding':
      return ['text-embedding'];
    case 'rerank':
      return ['rerank'];
    case 'audio': {
      const { abilities } = description;
      if (abilities === undefined || abilities.length === 0) return ['speech2text', 'tts'];
      const types: ModelType[] = [];
      if (abilities.includes('audio2text')) types.push('speech2text');
      if (abilities.some(ability => ability.startsWith('text2audio'))) types.push('tts');
      return types;
    }
    default:
      return [];
  }
}

/**
 * Checks credentials by one describe call: the server answers, takes the key, runs the model, and the model is of the type
 * that the user picked. Generates nothing: that could cost minutes on a cold model.
 * @param readForm reads what the model type's form has beyond the common fields, and throws where it is wrong
 * @throws CredentialsValidateFailedError
 */
export async function validateModel(
  services: Services,
  request: { model_type: ModelType; credentials?: RawCredentials | null },
  signal: AbortSignal,
  readForm: (form: RawCredentials) => unknown = () => undefined,
): Promise<void> {
  try {
    const credentials = readCredentials(request.credentials);
    readForm(request.credentials ?? {});
    const description = await describe(services, credentials, signal);
    if (modelTypesOf(description).includes(request.model_type)) return;
    throw new CredentialsValidateFailedError(
      typeMismatch(credentials.modelUid, description, request.model_type),
    );
  } catch (error) {
    throw validationErrorOf(error);
  }
}

/** Checks the provider's credentials as far as they go: with a server URL the server is asked once. */
export async function validateProvider(
  services: Services,
  request: { credentials?: RawCredentials | null },
  signal: AbortSignal,
): Promise<void> {
  const form = request.credentials ?? {};
  try {
    if (textField(form, 'server_url') === '') return;
    await listModels(services.client, readServer(form), signal);
  } catch (error) {
    throw validationErrorOf(error);
  }
}

/** The description, or an error that lists the UIDs that the server does run. */
async function describe(
  services: Services,
  { server, modelUid }: ModelCredentials,
  signal: AbortSignal,
): Promise<ModelDescription> {
  try {
    return await services.descriptions.ask(server, modelUid, signal);
  } catch (error) {
    if (!(error instanceof XinferenceError) || (error.status !== 400 && error.status !== 404)) throw error;
    const models = await listModels(services.client, server, signal).catch(() => undefined);
    if (models === undefined) throw error;
    const running = models.map(model => model.uid);
    throw new CredentialsValidateFailedError(
      `${server.url} runs no model with the UID ${JSON.stringify(modelUid)}. ` +
        (running.length === 0
          ? 'It runs none at all: launch the model first.'
          : `It runs: ${running.slice(0, 20).join(', ')}${running.length > 20 ? ', …' : ''}.`),
      { cause: error },
    );
  }
}

/** Says what a model is instead of what the user picked, and what to pick. */
export function typeMismatch(uid: string, description: ModelDescription, picked: ModelType): string {
  const types = modelTypesOf(description);
  const abilities = description.abilities?.join(', ') || 'none listed';
  const advice =
    types.length === 0
      ? 'Dify has no model type for it: choose another model.'
      : `Add it as ${types.join(' or ')}.`;
  return `The model ${uid} is of the type ${description.modelType} (abilities: ${abilities}), not ${picked}. ${advice}`;
}
