import { CredentialsValidateFailedError, type ModelType, type RawCredentials } from '../../src/dify/index.ts';
import { listModels } from '../../src/xinference/description.ts';
import { readCredentials, readServer, textField } from './credentials.ts';
import { validationErrorOf } from './errors.ts';
import { modelTypesOf, typeMismatch } from './model-types.ts';
import type { Services } from './services.ts';

/**
 * Checks credentials by one describe call: the server answers, takes the key, runs the model, and the model is of the type
 * that the user picked. Generates nothing: that could cost minutes on a cold model.
 * @param readForm reads what the model type's form has beyond the common fields, and throws where it is wrong
 * @throws CredentialsValidateFailedError
 */
export async function validateModel(
  services: Services,
  request: { model?: string; model_type: ModelType; credentials?: RawCredentials | null },
  signal: AbortSignal,
  readForm: (form: RawCredentials) => unknown = () => undefined,
): Promise<void> {
  try {
    const { server, modelUid } = readCredentials(request.credentials, request.model);
    readForm(request.credentials ?? {});
    const description = await services.descriptions.ask(server, modelUid, signal);
    if (modelTypesOf(description).includes(request.model_type)) return;
    throw new CredentialsValidateFailedError(typeMismatch(modelUid, description, request.model_type));
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
